//! A session within another one has no effect, and costs no look at the recording.

use std::alloc::System;

use perf_runtime::allocations::CountingAllocator;
use perf_runtime::{Report, Session, profile, session};

#[global_allocator]
static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);

#[profile]
fn work() {}

fn start() -> Session {
    session().report(Report::custom(|_| String::new())).signals(false).start()
}

/// Bytes that were allocated so far, in all threads.
fn allocated() -> u64 {
    let heap = perf_runtime::snapshot().and_then(|snapshot| snapshot.heap);
    heap.expect("the allocator is installed").allocated_bytes
}

#[test]
fn a_session_within_another_one_reads_no_recording() {
    perf_tests::environment::is_cleared();
    let _outer = start();
    work();
    allocated();
    let before = allocated();
    let snapshot = allocated() - before;
    let before = allocated();
    drop(start());
    let with_session = allocated() - before;
    assert!(with_session < snapshot + snapshot / 2, "{with_session} bytes, and {snapshot} without the session");
}
