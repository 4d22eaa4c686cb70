//! Where the standard library has to do: what cannot be had is said in one line, and the rest is done.
#![cfg(perf_portable)]

use perf_report::ClockSource;
use perf_tests::figures::calls;
use perf_tests::program;

#[test]
fn a_recording_file_cannot_be_had_and_memory_is_taken() {
    let ended = program!("endings", "return").reporting().recording().run();
    let expected = ["app.perfrec", "this platform has no recording files; recording to memory instead"];
    ended.exited(7).said_one_line(&expected);
    let report = ended.report();
    assert_eq!(calls(&report, "work"), 3);
    assert_eq!(report.process.clock.source, ClockSource::Monotonic);
}

#[test]
fn signals_that_are_spoken_of_are_said_to_be_ignored() {
    let ended = program!("endings", "return").reporting().env("PERF_SIGNALS", "0").run();
    ended.exited(7).said_one_line(&["PERF_SIGNALS is ignored", "no signals to watch"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
fn a_monitor_says_what_it_cannot_sample() {
    let ended = program!("endings", "return").reporting().env("PERF_MONITOR", "10ms").run();
    ended.exited(7).said_one_line(&["does not tell what the process uses"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}
