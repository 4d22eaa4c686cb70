//! Recording in the process of the test itself.

use std::sync::{Mutex, Once, PoisonError};

use perf_report::{Function, Kind, Snapshot};
use perf_runtime::{Report, session};

/// Records from now on, as long as the process lives, whatever its caller's environment wishes.
pub fn always() {
    static START: Once = Once::new();
    START.call_once(|| {
        crate::environment::is_cleared();
        perf_runtime::enable();
    });
}

/// The figures so far.
#[must_use]
pub fn snapshot() -> Snapshot {
    perf_runtime::snapshot().expect("it records")
}

/// Runs work in a session, one test at a time, and returns the figures of that time.
pub fn recorded(work: impl FnOnce()) -> Snapshot {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    crate::environment::is_cleared();
    let session = session().signals(false).report(Report::custom(|_| String::new())).start();
    work();
    session.snapshot().expect("a session is open")
}

/// The row of that whole name.
#[must_use]
#[track_caller]
pub fn row<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Function {
    let found = snapshot.functions.iter().find(|function| function.name == name);
    found.unwrap_or_else(|| {
        panic!("no row {name} in {:?}", snapshot.functions.iter().map(|f| &f.name).collect::<Vec<_>>())
    })
}

/// Calls, bytes and failures of a file's or stream's row, so far.
#[must_use]
#[track_caller]
pub fn transferred(name: &str) -> (u64, u64, u64) {
    let snapshot = snapshot();
    let row = row(&snapshot, name);
    assert_eq!(row.kind, Kind::Io);
    let transfer = row.transfer.expect("it is one of a file");
    (row.calls, transfer.bytes, transfer.failed)
}
