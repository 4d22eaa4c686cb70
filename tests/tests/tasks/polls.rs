//! The distribution of single polls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Waker;
use std::time::{Duration, Instant};

use perf_report::{Kind, Style, Timing, View};
use perf_runtime::locks::tokio::Mutex;
use perf_runtime::{Named, profile};
use perf_tests::figures::function;
use perf_tests::in_process::recorded;

use super::{found, poll, ready_at};

/// Works for some time in its second poll.
#[profile]
async fn fetch(work: Duration) {
    ready_at(2).await;
    let begun = Instant::now();
    while begun.elapsed() < work {
        std::hint::spin_loop();
    }
    ready_at(3).await;
}

#[profile]
async fn at_once() {}

#[test]
fn each_poll_of_a_future_that_waited_is_in_its_row() {
    let work = Duration::from_millis(5);
    let snapshot = recorded(|| {
        let mut future = pin!(fetch(work));
        for _ in 0..3 {
            assert!(!poll(future.as_mut(), Waker::noop()));
        }
        assert!(poll(future.as_mut(), Waker::noop()));
        for _ in 0..10 {
            assert!(poll(pin!(at_once()), Waker::noop()));
        }
        // Dropped half-way: it has one poll.
        assert!(!poll(pin!(fetch(Duration::ZERO)), Waker::noop()));
    });
    let (future, polls) = (function(&snapshot, "fetch"), function(&snapshot, "fetch (poll)"));
    let futures = future.futures.unwrap();
    assert_eq!((polls.kind, polls.timing, polls.calls, polls.latency.count()), (Kind::Poll, Timing::Exact, 5, 5));
    assert_eq!((futures.polls, futures.started, future.line), (5, 2, polls.line));
    // One of five polls worked, and it is the longest.
    assert!(polls.max_ns >= work.as_nanos() as u64 && polls.max_ns == futures.longest_poll_ns, "{polls:?} {futures:?}");
    assert!(polls.quantile_ns(0.5) < work.as_nanos() as u64, "{polls:?}");
    assert!(polls.sum_ns <= futures.busy_ns + 1, "{polls:?} {futures:?}");
    // The time is the future's own.
    assert_eq!((polls.self_ns, polls.callers.len(), polls.futures), (0, 0, None));
    assert!(found(&snapshot, "at_once (poll)").is_none(), "its polls are its latencies");

    let table = View::Table.render(&snapshot, &Style::plain());
    let titles = table.lines().find(|line| line.starts_with("future ")).expect("a table of futures");
    assert!(titles.contains("poll p50") && titles.contains("poll p99") && !titles.contains("woken"), "{table}");
    assert!(!table.contains("fetch (poll)"), "it stands in the future's line: {table}");
}

#[profile]
async fn fails() {
    ready_at(2).await;
    panic!("a poll that fails");
}

#[test]
fn a_poll_that_a_panic_leaves_counts() {
    let snapshot = recorded(|| {
        let mut future = Box::pin(fails());
        assert!(!poll(future.as_mut(), Waker::noop()));
        catch_unwind(AssertUnwindSafe(|| poll(future.as_mut(), Waker::noop()))).unwrap_err();
    });
    assert_eq!((function(&snapshot, "fails (poll)").calls, function(&snapshot, "fails").unwound), (2, 1));
}

#[profile]
async fn recursive(depth: u32) {
    if depth > 0 {
        Box::pin(recursive(depth - 1)).await;
    } else {
        ready_at(3).await;
    }
}

#[test]
fn polls_within_polls_count_each() {
    let snapshot = recorded(|| {
        let mut future = pin!(recursive(4));
        while !poll(future.as_mut(), Waker::noop()) {}
    });
    assert_eq!(function(&snapshot, "recursive (poll)").calls, 5 * 3);
}

#[test]
fn waits_that_are_polled_have_no_such_row() {
    let snapshot = recorded(|| {
        let lock = Mutex::new(0).named("a shared lock");
        let guard = lock.try_lock().unwrap();
        assert!(!poll(pin!(lock.lock()), Waker::noop()));
        drop(guard);
    });
    assert!(found(&snapshot, "a shared lock").is_some());
    assert!(found(&snapshot, "a shared lock (poll)").is_none());
}
