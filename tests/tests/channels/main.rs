//! Channels that report: the figures of each library's, and that they behave as the originals.
//!
//! A wait is made: a thread does its part once the recording shows that another one waits.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod async_channels;
mod crossbeam_channels;
mod depths;
mod flume_channels;
mod stamps;
mod std_channels;
mod tokio_channels;
mod tokio_others;

use std::time::{Duration, Instant};

use perf_report::{Function, Kind, Snapshot, Timing};

fn snapshot() -> Snapshot {
    perf_runtime::snapshot().expect("enabled")
}

/// The row of one end: `jobs (send)`.
fn end(name: &str) -> Function {
    let snapshot = snapshot();
    let row = snapshot.functions.iter().find(|row| row.name == name && row.kind == Kind::Channel);
    let row = row.unwrap_or_else(|| panic!("no row {name}"));
    assert_eq!(row.timing, Timing::Waits);
    row.clone()
}

/// Messages that passed an end, and the waits among them.
fn passed(name: &str) -> (u64, u64) {
    let row = end(name);
    assert_eq!((row.latency.count(), row.is_sampled()), (row.timed_calls, false));
    (row.calls, row.timed_calls)
}

/// Waits until a thread waits at an end.
fn until_waiting(name: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_waiting =
        |snapshot: &Snapshot| snapshot.in_flight.iter().any(|call| snapshot.functions[call.function].name == name);
    while !is_waiting(&snapshot()) {
        assert!(Instant::now() < deadline, "nobody waits at {name}");
        std::thread::yield_now();
    }
}

fn enable() {
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
}
