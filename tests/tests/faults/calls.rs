//! Calls that begin or end in unusual ways: panics, recursion, leaked guards, left stacks, futures.

use perf_tests::child::Ended;
use perf_tests::figures::{calls, function, lost};
use perf_tests::program;

/// Runs a scenario; nothing is lost, nothing is said.
#[track_caller]
fn run(scenario: &str) -> Ended {
    let ended = program!("calls", scenario).reporting().run();
    assert_eq!(lost(&ended.exited(0).silent().report()), 0);
    ended
}

#[test]
fn a_panic_passes_untouched_and_is_counted() {
    let ended = run("unwinding");
    let once = "drops fourth\ndrops third\ndrops second\ndrops first\npayload true\n";
    assert_eq!(ended.stdout, once.repeat(2));
    let report = ended.report();
    for (name, unwound) in [("throws", 2), ("passes_on", 2), ("catches", 0)] {
        assert_eq!((calls(&report, name), function(&report, name).unwound), (2, unwound), "{name}");
    }
    assert_eq!(report.in_flight, []);
}

#[test]
fn recursion_100_000_deep_is_counted_exactly() {
    let ended = run("recursion");
    assert_eq!(ended.stdout, "99999\n");
    let report = ended.report();
    let recursive = function(&report, "recursive");
    assert_eq!((calls(&report, "recursive"), calls(&report, "work")), (100_000, 1));
    assert_eq!(recursive.latency.count(), 100_000);
    // The reader takes the mean cost of measuring out, which may be more than the cost was here.
    assert!(recursive.total_ns <= report.process.recorded_ns, "only the outermost call counts: {recursive:?}");
    assert!(recursive.self_ns <= recursive.total_ns);
    assert_eq!((report.losses.deepest, report.losses.deep_calls), (100_000, 100_000 - 1024));
    assert_eq!(report.in_flight, []);
}

#[test]
#[cfg_attr(perf_portable, ignore = "the first thread's shard is given back before the exit hook")]
fn the_calls_of_leaked_guards_stay_in_flight_and_others_are_right() {
    let report = run("forgotten-guard").report();
    assert_eq!((calls(&report, "holder"), calls(&report, "outer"), calls(&report, "work")), (10, 11, 11));
    let leaky = function(&report, "leaky");
    assert_eq!((leaky.calls, leaky.abandoned), (0, 10));
    let in_flight: Vec<_> = report.in_flight.iter().map(|call| &report.functions[call.function].name).collect();
    assert_eq!(in_flight, ["leaky"]);
}

#[test]
fn guards_leaked_above_the_stack_leave_others_right() {
    let report = run("forgotten-above-the-stack").report();
    assert_eq!((calls(&report, "down"), calls(&report, "outer"), calls(&report, "work")), (2001 + 10 * 101, 10, 10));
    assert_eq!(report.in_flight, []);
    // Of each recursion only the outermost call counts: the sum of eleven durations.
    let down = function(&report, "down");
    assert!(down.total_ns <= down.max_ns * 11 && down.total_ns >= down.max_ns, "{down:?}");
}

#[test]
fn calls_on_a_stack_that_is_left_never_end_and_others_are_right() {
    let report = run("abandoned-stack").report();
    assert_eq!((calls(&report, "switches"), calls(&report, "work")), (10, 10));
    for name in ["leaves", "starts"] {
        assert_eq!((calls(&report, name), function(&report, name).abandoned), (0, 10), "{name}");
    }
    assert_eq!(report.in_flight, []);
}

#[test]
fn futures_are_one_record_wherever_they_are_polled_and_dropped() {
    let report = run("futures").report();
    let waits = function(&report, "waits");
    let futures = waits.futures.unwrap();
    assert_eq!(waits.calls, 10 + 6);
    assert_eq!((futures.started, futures.cancelled, futures.polls), (10 + 6 + 1, 6, 30 + 6 + 1));
    assert!(futures.busy_ns <= waits.sum_ns);
    assert_eq!((calls(&report, "work"), waits.unwound), (10, 0));
    let fails = function(&report, "fails");
    assert_eq!((fails.calls, fails.unwound, fails.futures.unwrap().cancelled), (1, 1, 0));
}

#[test]
fn a_future_awaited_while_a_panic_passes_is_not_unwound() {
    let report = run("future-polled-in-a-drop").report();
    let waits = function(&report, "waits");
    let futures = waits.futures.unwrap();
    assert_eq!((waits.calls, waits.unwound, futures.started, futures.cancelled, futures.polls), (1, 0, 1, 0, 3));
    assert_eq!(calls(&report, "work"), 1);
}

#[test]
fn what_a_process_was_before_it_was_this_program_is_not_missing() {
    let program = program!("endings", "exit").reporting();
    let ended = program.through_shell(r#"sleep 0.2; date +%s%N > became-it; exec "$0" "$@""#).run();
    let process = ended.exited(7).report().process;
    let became_it: u64 = std::fs::read_to_string(ended.path("became-it")).unwrap().trim().parse().unwrap();
    // However long it took then to begin. The clock of the two times may be set a little by the system meanwhile.
    let loaded = process.started_unix_ns - process.unrecorded_ns;
    assert!(loaded + 100_000_000 > became_it, "{loaded} is before {became_it}");
}

#[test]
#[cfg_attr(perf_portable, ignore = "nothing runs before `main`")]
fn calls_before_the_session_are_not_recorded_and_the_report_says_since_when() {
    let ended = program!("calls", "late-session").run();
    let report = ended.exited(0).report();
    assert_eq!(calls(&report, "work"), 1);
    assert!(report.process.unrecorded_ns >= 100_000_000, "{}", report.process.unrecorded_ns);
    assert!(ended.stderr.contains("Recording began "), "{}", ended.stderr);
}

#[test]
fn calls_after_the_session_do_nothing() {
    let ended = program!("calls", "after-the-session").run();
    ended.exited(0).silent();
    assert_eq!(calls(&ended.report(), "work"), 1);
    assert_eq!(calls(&ended.snapshot("second.json"), "work"), 0, "a session counts from where it was opened");
}
