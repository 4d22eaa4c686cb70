//! Sessions that open and close beside threads that record, come and go, and look: no call is counted twice, and none of a session's own
//! is lost. `.ci/sanitizers` runs it under AddressSanitizer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use perf_runtime::report::Snapshot;
use perf_runtime::{Report, profile, session, snapshot};

const SESSIONS: u64 = 300;

static MADE: AtomicU64 = AtomicU64::new(0);

#[profile]
fn call() {
    MADE.fetch_add(1, Ordering::SeqCst);
}

/// Called by the thread that has the sessions alone.
#[profile]
fn own_call() {}

fn calls(snapshot: &Snapshot, name: &str) -> u64 {
    let name = format!("{}::{name}", module_path!());
    snapshot.functions.iter().find(|function| function.name == name).map_or(0, |function| function.calls)
}

#[test]
fn sessions_beside_threads_that_record_come_go_and_look() {
    perf_tests::environment::is_cleared();
    let ends = AtomicBool::new(false);
    let until_the_end = |what: &(dyn Fn() + Sync)| {
        while !ends.load(Ordering::Relaxed) {
            what();
        }
    };
    // Of each session: the calls of all threads, and of its own.
    let reported = Arc::new(Mutex::new(Vec::new()));
    thread::scope(|scope| {
        scope.spawn(|| until_the_end(&call));
        scope.spawn(|| until_the_end(&call));
        scope.spawn(|| until_the_end(&|| thread::spawn(call).join().unwrap()));
        scope.spawn(|| until_the_end(&|| drop(snapshot())));
        for number in 1..=SESSIONS {
            let reported = Arc::clone(&reported);
            let report = Report::custom(move |snapshot| {
                reported.lock().unwrap().push((calls(snapshot, "call"), calls(snapshot, "own_call")));
                String::new()
            });
            let session = session().report(report).start();
            (0..number).for_each(|_| own_call());
            let seen = session.snapshot().unwrap();
            assert_eq!(calls(&seen, "own_call"), number);
            drop(session);
        }
        ends.store(true, Ordering::Relaxed);
    });
    let reported = reported.lock().unwrap();
    let own: Vec<u64> = reported.iter().map(|calls| calls.1).collect();
    assert_eq!(own, (1..=SESSIONS).collect::<Vec<_>>());
    let sum: u64 = reported.iter().map(|calls| calls.0).sum();
    let whole = snapshot().unwrap();
    // A call that ends after its session counts for none of them.
    assert!(sum <= calls(&whole, "call") && calls(&whole, "call") <= MADE.load(Ordering::SeqCst), "{sum}");
    assert_eq!(whole.losses.lost_calls, 0);
}
