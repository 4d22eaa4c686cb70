//! Threads alive at exit, 10,000 short ones, and calls from their destructors.

use perf_tests::figures::{calls, function, lost};
use perf_tests::program;

#[test]
#[cfg_attr(perf_portable, ignore = "threads have no names")]
fn threads_alive_at_exit_are_included_and_not_waited_for() {
    let ended = program!("threads", "alive").reporting().run();
    let report = ended.exited(0).silent().report();
    // One thread goes on calling it, so its callers' calls were read at another moment.
    assert!(function(&report, "work").calls >= 3000);
    assert_eq!(report.process.threads, 3);
    let waiting = report.in_flight.iter().find(|call| call.thread == "number 0").unwrap();
    assert_eq!(report.functions[waiting.function].name, "threads::waits_for_ever");
    assert!(waiting.elapsed_ns > 0);
}

/// A shard with a function and a page of buckets for every magnitude of its durations: those of interrupted calls are many.
const SHARD_BYTES: u64 = 128 << 10;

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn ten_thousand_short_threads_take_the_memory_of_a_few() {
    let used = |threads: u64| {
        let ended = program!("threads", "short", threads.to_string()).reporting().recording().run();
        let report = ended.exited(0).silent().report();
        assert_eq!(calls(&report, "work"), 3 * threads);
        assert_eq!((report.process.threads, lost(&report)), (threads, 0));
        report.losses.used_bytes
    };
    // Four at a time, so at most four shards more than the one that the few need at least.
    let (few, many) = (used(20), used(10_000));
    assert!(many <= few + 4 * SHARD_BYTES, "{many} bytes after 10,000 threads, {few} after 20");
}

#[test]
fn calls_from_destructors_are_counted() {
    let ended = program!("threads", "destructors").reporting().run();
    let report = ended.exited(0).silent().report();
    assert_eq!(calls(&report, "work") + lost(&report), 100 * (10 + 20 + 3) + 50 + 1000);
    assert_eq!(lost(&report), 0);
}
