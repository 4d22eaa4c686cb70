//! `process::exit`, SIGTERM, SIGINT: reports written once, disposition and exit status kept.

use perf_report::State;

use perf_tests::child::Ended;
use perf_tests::figures::{calls, function};
use perf_tests::program;

/// The report is there, of three calls, and nothing else was said.
#[track_caller]
fn reported(ended: &Ended, calls_made: u64) {
    let report = ended.silent().report();
    assert_eq!(calls(&report, "work"), calls_made);
    assert_eq!(report.process.state, State::Closed);
    assert_eq!(ended.files(), ["report.json"]);
}

#[test]
fn returning_and_exiting_keep_the_status_and_standard_output() {
    for ending in ["return", "exit", "exit-in-a-call", "exit-in-a-thread"] {
        let ended = program!("endings", ending).reporting().run();
        reported(ended.exited(7), 3);
        assert_eq!(ended.stdout, "an unfinished line\n", "{ending}");
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "the first thread's shard is given back before the exit hook")]
fn a_call_that_exits_is_in_flight() {
    let ended = program!("endings", "exit-in-a-call").reporting().run();
    let report = ended.report();
    let in_flight: Vec<_> = report.in_flight.iter().map(|call| &report.functions[call.function].name).collect();
    assert_eq!(in_flight, ["endings::exits"]);
    assert_eq!(function(&report, "exits").calls, 0);
}

#[test]
#[cfg_attr(perf_portable, ignore = "streams have their locks")]
fn a_report_does_not_wait_for_streams_that_the_exiting_thread_holds() {
    let ended = program!("endings", "exit-with-streams-held").env("PERF_REPORT", "table,json:-,json:report.json").run();
    ended.exited(7);
    assert_eq!(calls(&ended.report(), "work"), 3);
    assert!(ended.stderr.contains("endings::work"), "{}", ended.stderr);
    assert!(ended.stdout.contains("\"schema\""), "{}", ended.stdout);
}

#[test]
fn a_session_in_code_reports_when_it_is_dropped() {
    let ended = program!("endings", "session").run();
    reported(ended.exited(7), 3);
}

#[test]
fn a_panic_that_ends_the_program_keeps_its_status() {
    let ended = program!("endings", "panic").reporting().run();
    assert_eq!(calls(&ended.exited(101).report(), "work"), 3);
    assert!(ended.stderr.contains("on purpose") && !ended.stderr.contains("perf:"), "{}", ended.stderr);
}

#[test]
fn an_exit_hook_that_ends_the_process_at_once_costs_the_report_and_nothing_else() {
    let ended = program!("endings", "exit-in-an-exit-hook").reporting().run();
    ended.exited(9).silent();
    assert_eq!(ended.files(), [""; 0]);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn signals_end_the_process_after_the_report() {
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
        let running = program!("endings", "wait").reporting().start();
        running.wait_for("ready");
        running.kill(signal);
        let ended = running.end();
        reported(ended.killed_by(signal), 3);
        assert_eq!(ended.stdout, "an unfinished line\nready\n");
    }
}

#[test]
fn a_signal_that_was_taken_over_is_the_programs() {
    for (ending, from_environment) in [("handled-later", true), ("handled-before", false)] {
        let mut program = program!("endings", ending);
        if from_environment {
            program = program.reporting();
        }
        let running = program.start();
        running.wait_for("ready");
        for number in 1..=3 {
            running.kill(libc::SIGTERM);
            running.wait_for(&format!("handled {number}"));
        }
        reported(running.end().exited(7), 4);
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn an_ignored_signal_stays_ignored() {
    let running = program!("endings", "wait").reporting().through_shell(r#"trap "" HUP; exec "$0" "$@""#).start();
    running.wait_for("ready");
    running.kill(libc::SIGHUP);
    running.kill(libc::SIGTERM);
    reported(running.end().killed_by(libc::SIGTERM), 3);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn signals_are_left_alone_on_request() {
    let running = program!("endings", "wait").reporting().env("PERF_SIGNALS", "0").start();
    running.wait_for("ready");
    running.kill(libc::SIGTERM);
    let ended = running.end();
    ended.killed_by(libc::SIGTERM).silent();
    assert_eq!(ended.files(), [""; 0]);
}
