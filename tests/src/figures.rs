//! Figures from recordings and snapshots.

use std::path::Path;

use perf_report::recording::{Reading, Recording};
use perf_report::{Function, Snapshot};

/// Reads a recording, which must be sound.
#[track_caller]
#[must_use]
pub fn read(path: &Path) -> Snapshot {
    let Reading { snapshot, damages, .. } = Recording::open(path).unwrap().read().unwrap();
    assert_eq!(damages, []);
    snapshot
}

/// The figures of a function, by the last part of its path.
#[track_caller]
#[must_use]
pub fn function<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Function {
    let found = snapshot.functions.iter().find(|function| function.name.rsplit("::").next() == Some(name));
    found.unwrap_or_else(|| panic!("no function {name} in {snapshot:?}"))
}

/// Calls of a function that were recorded, and those of its callers, which must be as many.
#[track_caller]
#[must_use]
pub fn calls(snapshot: &Snapshot, name: &str) -> u64 {
    let function = function(snapshot, name);
    assert_eq!(function.callers.iter().map(|caller| caller.calls).sum::<u64>(), function.calls, "callers of {name}");
    function.calls
}

/// Calls that stand in no function's row.
#[must_use]
pub fn lost(snapshot: &Snapshot) -> u64 {
    snapshot.losses.lost_calls + snapshot.losses.overflow_calls
}

/// Names of the functions that have a call in flight.
#[must_use]
pub fn in_flight(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.in_flight.iter().map(|call| snapshot.functions[call.function].name.as_str()).collect()
}
