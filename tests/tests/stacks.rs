//! Stacks that a session samples of threads that never stand still.
//!
//! How long anything takes depends on the machine. So all that is looked at is what holds on any: each sample is in the tree once, and
//! stands for calls that the program makes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use perf_report::{Snapshot, TimeSource};
use perf_runtime::{Report, profile, session};

/// Callers, and what they call.
const CALLS: [(&str, &str); 5] =
    [("reads", "byte"), ("reads", "word"), ("writes", "flush"), ("flush", "byte"), ("both", "reads")];

#[profile(timing = adaptive)]
fn byte(value: u64) -> u64 {
    std::hint::black_box(value).wrapping_mul(3)
}

#[profile(timing = adaptive)]
fn word(value: u64) -> u64 {
    (0..40).fold(value, |sum, more| std::hint::black_box(sum ^ more))
}

#[profile(timing = adaptive)]
fn reads(value: u64) -> u64 {
    word(byte(byte(value)))
}

#[profile]
fn flush(value: u64) -> u64 {
    byte(value)
}

#[profile]
fn writes(value: u64) -> u64 {
    flush(flush(value))
}

#[profile]
fn both(value: u64) -> u64 {
    reads(reads(value))
}

fn short(snapshot: &Snapshot, function: usize) -> &str {
    snapshot.functions[function].name.rsplit("::").next().expect("a name")
}

/// Whether a function calls another, directly or through others.
fn leads_to(caller: &str, callee: &str) -> bool {
    CALLS.iter().any(|&(from, to)| from == caller && (to == callee || leads_to(to, callee)))
}

#[test]
fn every_sample_stands_for_calls_that_are_made() {
    const SAMPLES: u64 = 300;
    perf_tests::environment::is_cleared();
    let session = session().stacks(1_000).signals(false).report(Report::custom(|_| String::new())).start();
    let done = AtomicBool::new(false);
    let snapshot = thread::scope(|scope| {
        let run = |work: fn(u64) -> u64| {
            let done = &done;
            scope.spawn(move || {
                let mut value = 1;
                while !done.load(Ordering::Relaxed) {
                    value = work(value);
                }
            })
        };
        let _threads = [run(both), run(writes)];
        let snapshot = loop {
            let snapshot = session.snapshot().expect("a session is open");
            let stacks = snapshot.stacks.as_ref();
            if stacks.is_some_and(|stacks| stacks.samples - stacks.nodes[0].samples >= SAMPLES) {
                break snapshot;
            }
            thread::yield_now();
        };
        done.store(true, Ordering::Relaxed);
        snapshot
    });

    let stacks = snapshot.stacks.as_ref().expect("there are some");
    assert_eq!(stacks.period_ns, 1_000_000);
    assert_eq!((stacks.folded, stacks.cut), (0, 0));
    assert_eq!(stacks.samples, stacks.nodes.iter().map(|node| node.samples).sum::<u64>());
    // Two threads, which may have begun later; the one that asks runs no annotated function.
    assert!(stacks.samples <= 2 * stacks.looks, "{stacks:?}");
    assert!(stacks.in_motion <= stacks.samples);
    for at in 1..stacks.nodes.len() {
        let chain: Vec<&str> = stacks.chain(at).map(|function| short(&snapshot, function)).collect();
        for pair in chain.windows(2) {
            assert!(leads_to(pair[1], pair[0]), "{} within {}: {chain:?}", pair[0], pair[1]);
        }
    }

    // By now: a look may have been kept after the time was read.
    let passed = perf_runtime::snapshot().expect("a session is open").process.recorded_ns * 2;
    assert!(stacks.ns() <= passed, "{} of {passed} ns", stacks.ns());
    let sampled: Vec<&str> = (0..snapshot.functions.len())
        .filter(|&at| snapshot.functions[at].time_source == TimeSource::Sampled)
        .map(|at| short(&snapshot, at))
        .collect();
    assert!(sampled.iter().all(|name| ["byte", "word", "reads", "flush", "both"].contains(name)), "{sampled:?}");
    drop(session);
}
