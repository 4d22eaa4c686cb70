//! The service: what it prints, and what its report says of futures.

use perf_report::Kind;

use crate::run::{recorded, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_service");

const OUTPUT: &str = "\
2000 questions, 391794 words counted
report: took too long
the service answered 2001 times
";

#[test]
fn its_session_prints_the_table() {
    let (stdout, stderr) = run(PROGRAM, &[]);
    assert_eq!(stdout, OUTPUT);
    assert!(stderr.contains("Service::answer"), "{stderr}");
}

#[test]
fn the_environment_switches_its_session_off() {
    assert_eq!(run(PROGRAM, &[("PERF_ENABLED", "0")]), (OUTPUT.to_owned(), String::new()));
}

#[test]
fn report_counts_every_future() {
    let run = recorded(PROGRAM);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (OUTPUT, ""));
    run.assert_whole();
    run.assert_calls(&[
        ("Prose::learn", 1),
        ("Prose::page", 1),
        ("Service::read", 1),
        ("ask_for_counts", 8),
        ("Service::attend", 9),
        ("Service::answer", 2001),
        ("Service::count", 2000),
        ("Service::report", 1),
        ("Connection::ask", 2001),
        // Every question and every answer.
        ("Connection::send", 2 * 2001),
        // The same, and the end of each connection.
        ("Connection::receive", 2 * 2001 + 9),
    ]);
}

#[test]
fn report_tells_busy_from_waiting() {
    let run = recorded(PROGRAM);
    for function in &run.snapshot.functions {
        let Some(futures) = function.futures else {
            assert_ne!(function.kind, Kind::Future, "{}", function.name);
            continue;
        };
        assert_eq!(function.kind, Kind::Future, "{}", function.name);
        assert_eq!(futures.started, function.calls, "{}", function.name);
        assert!(futures.polls >= futures.started, "{}", function.name);
        assert!(futures.busy_ns <= function.sum_ns, "{}", function.name);
    }
    // A service that sleeps for 50 ms is not busy for as long.
    let report = run.function("Service::report");
    assert!(report.futures.unwrap().busy_ns < report.sum_ns, "{report:?}");
}

#[test]
fn only_the_report_was_cancelled() {
    let run = recorded(PROGRAM);
    for function in run.snapshot.functions.iter().filter(|function| function.kind == Kind::Future) {
        let expected = u64::from(function.name.ends_with("Service::report"));
        assert_eq!(function.futures.unwrap().cancelled, expected, "{}", function.name);
    }
}
