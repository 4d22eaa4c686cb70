//! Locks that report: the figures of each library's, and that they behave as the originals.
//!
//! Contention is made: a thread holds the lock until the recording shows that another one waits for it.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod parking_lot_locks;
mod std_locks;
mod tokio_locks;
mod tokio_others;

use std::time::{Duration, Instant};

use perf_report::{Function, Kind, Snapshot};

/// Waits for what the recording shows.
fn until(what: &str, mut is_so: impl FnMut(&Snapshot) -> bool) -> Snapshot {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let snapshot = perf_runtime::snapshot().expect("enabled");
        if is_so(&snapshot) {
            return snapshot;
        }
        assert!(Instant::now() < deadline, "{what} was not seen");
        std::thread::yield_now();
    }
}

fn find<'a>(snapshot: &'a Snapshot, name: &str, kind: Kind) -> Option<&'a Function> {
    snapshot.functions.iter().find(|function| function.name == name && function.kind == kind)
}

/// How many threads wait for a lock now.
fn waiters(snapshot: &Snapshot, name: &str) -> usize {
    let is_its = |function: usize| {
        let function = &snapshot.functions[function];
        function.name == name && function.kind == Kind::Lock
    };
    snapshot.in_flight.iter().filter(|call| is_its(call.function)).count()
}

/// Waits until so many threads wait for a lock.
fn until_waiting(name: &str, count: usize) {
    until(&format!("{count} waiting for {name}"), |snapshot| waiters(snapshot, name) == count);
}

/// The row of a lock's acquisitions.
fn acquisitions(name: &str) -> Function {
    let snapshot = perf_runtime::snapshot().expect("enabled");
    find(&snapshot, name, Kind::Lock).unwrap_or_else(|| panic!("no row {name}")).clone()
}

/// The row of a lock's holds.
fn holds(name: &str) -> Function {
    let snapshot = perf_runtime::snapshot().expect("enabled");
    let name = format!("{name} (held)");
    find(&snapshot, &name, Kind::Hold).unwrap_or_else(|| panic!("no row {name}")).clone()
}

fn enable() {
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
}
