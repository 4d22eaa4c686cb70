//! A session's report counts the calls that ended while it was open.

use perf_report::{Snapshot, State};

use perf_tests::figures::{calls, function};
use perf_tests::program;

#[test]
fn a_session_counts_what_happened_since_it_was_opened() {
    let ended = program!("processes", "sessions", "one-after-the-other").run();
    ended.exited(0).silent();
    let reports: Vec<Snapshot> = (1..=3).map(|number| ended.snapshot(&format!("session-{number}.json"))).collect();
    for (report, expected) in reports.iter().zip(1..) {
        assert_eq!(calls(report, "work"), expected);
        let work = function(report, "work");
        assert_eq!((work.latency.count(), work.timed_calls), (expected, expected));
        assert!(work.max_ns <= work.sum_ns && work.min_ns <= work.max_ns, "{work:?}");
        assert_eq!(report.process.state, State::Closed);
    }
    // Each begins where it was opened.
    for pair in reports.windows(2) {
        let end = |report: &Snapshot| report.process.started_unix_ns + report.process.recorded_ns;
        assert!(pair[1].process.started_unix_ns >= end(&pair[0]));
        assert!(pair[1].process.unrecorded_ns >= pair[0].process.unrecorded_ns + pair[0].process.recorded_ns);
    }
}

#[test]
fn a_sessions_snapshot_is_its_own_and_the_processs_is_of_all() {
    let ended = program!("processes", "sessions", "snapshots").run();
    assert_eq!(ended.exited(0).silent().stdout, "session 2\ninner 2\nprocess 3\n");
    assert_eq!(calls(&ended.snapshot("second.json"), "work"), 2);
    assert_eq!(ended.files(), ["first.json", "second.json"]);
}

#[test]
fn a_report_that_the_environment_asks_for_is_of_the_whole_process() {
    let ended = program!("processes", "sessions", "one-after-the-other").reporting().run();
    assert_eq!(calls(&ended.exited(0).silent().report(), "work"), 1 + 2 + 3 + 30);
    assert_eq!(ended.files(), ["report.json"]);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_recording_that_the_environment_asks_for_is_of_the_whole_process() {
    let ended = program!("processes", "sessions", "one-after-the-other").recording().run();
    assert_eq!(calls(&ended.exited(0).silent().recording(), "work"), 1 + 2 + 3 + 30);
    assert_eq!(calls(&ended.snapshot("session-3.json"), "work"), 3);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_session_that_is_open_when_the_process_ends_reports_then() {
    let ended = program!("processes", "sessions", "open-at-exit").recording().run();
    let report = ended.exited(0).silent().snapshot("session.json");
    assert_eq!((calls(&report, "work"), calls(&report, "late_work")), (1, 1));
    assert_eq!(calls(&ended.recording(), "work"), 11);
}

#[test]
fn sessions_beside_recording_threads_count_each_call_at_most_once() {
    let ended = program!("processes", "sessions", "beside-threads").run();
    let numbers: Vec<u64> = ended.exited(0).stdout.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let &[reported, recorded, at_an_end] = &numbers[..] else { panic!("{}", ended.stdout) };
    // A call that was in flight when a session ended is in no session's report.
    assert!(reported <= recorded && recorded - reported <= at_an_end, "{}", ended.stdout);
}

#[test]
fn a_session_that_begins_while_another_one_ends_records() {
    let ended = program!("processes", "sessions", "in-turns").run();
    assert_eq!(ended.exited(0).stdout, "0\n");
}

#[test]
fn a_session_that_begins_while_another_one_ends_samples_stacks() {
    program!("processes", "sessions", "next-samples", "hook").run().exited(0).silent();
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_session_that_begins_while_the_reports_of_another_one_are_written_samples_stacks() {
    // A view comes after the figures; here recording goes on after the session.
    let program = program!("processes", "sessions", "next-samples", "view");
    program.env("PERF_RECORDING", "all.perfrec").run().exited(0).silent();
}
