//! Calls from where the recorder may be interrupted or called by itself: signal handlers and the global allocator.

use perf_tests::figures::{calls, function, lost};
use perf_tests::program;

/// Runs it with a clock and a timing.
fn conserves_every_call(clock: &str, timing: &str) {
    let ended = program!("interruptions").reporting().env("PERF_CLOCK", clock).env("PERF_TIMING", timing).run();
    let report = ended.exited(0).silent().report();
    let counts: Vec<u64> = ended.stdout.split_whitespace().map(|count| count.parse().unwrap()).collect();
    let &[in_main, in_handler] = &counts[..] else { panic!("{}", ended.stdout) };
    // Of all rows: a call of the handler that is lost may be the inner one, the outer one, or both.
    let all: u64 = ["outer", "shared", "handlers_own"].map(|name| calls(&report, name)).iter().sum();
    assert_eq!(all + lost(&report), in_main * 5 + in_handler * 2);
    assert_eq!((calls(&report, "outer"), report.losses.overflow_calls), (in_main, 0), "only the handler's may be lost");
    assert!(calls(&report, "handlers_own") > 0);
    assert_eq!((report.in_flight.as_slice(), report.losses.clock_anomalies), (&[][..], 0));
    for name in ["outer", "shared", "handlers_own"] {
        let function = function(&report, name);
        assert!(function.self_ns <= function.sum_ns, "{function:?}");
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn calls_in_signal_handlers_are_recorded_or_counted_as_lost() {
    conserves_every_call("counter", "exact");
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn by_the_systems_clock_calls_in_signal_handlers_are_recorded_or_counted_as_lost() {
    conserves_every_call("monotonic", "exact");
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn counted_calls_that_are_interrupted_are_counted_all_the_same() {
    conserves_every_call("counter", "adaptive");
}

#[test]
fn an_annotated_allocator_records_and_does_not_hang() {
    for session in [false, true] {
        let program = program!("allocator", if session { "session" } else { "environment" });
        let ended = match session {
            true => program,
            false if cfg!(perf_portable) => program.reporting(),
            false => program.reporting().recording(),
        }
        .run();
        let report = ended.exited(0).silent().report();
        assert_eq!(calls(&report, "allocates"), 4000);
        let alloc = report.functions.iter().find(|function| function.name.ends_with("alloc")).unwrap();
        assert!(alloc.calls >= 4000, "{alloc:?}");
    }
}
