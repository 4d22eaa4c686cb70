//! Wrong wishes of the environment, and the clock that it may ask for.

use perf_report::ClockSource;

use perf_tests::figures::calls;
use perf_tests::program;

#[test]
fn an_unknown_view_is_said_and_the_table_remains() {
    let ended = program!("endings", "return").env("PERF_REPORT", "tabel").run();
    ended.exited(7).said(&["PERF_REPORT=tabel", "at byte 0", "there is no view", "table, callers, resources, json"]);
    assert!(ended.stderr.contains("endings::work"), "{}", ended.stderr);
}

#[test]
fn an_unknown_view_does_not_keep_others_from_being_written() {
    let ended = program!("endings", "return").env("PERF_REPORT", "json:report.json, tabel:x").run();
    ended.exited(7).said_one_line(&["at byte 18", "there is no view"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
    assert_eq!(ended.files(), ["report.json"]);
}

#[test]
fn off_is_off() {
    for scenario in ["return", "session"] {
        let ended = program!("endings", scenario).reporting().recording().env("PERF_ENABLED", "0").run();
        ended.exited(7).silent();
        assert_eq!(ended.files(), [""; 0]);
    }
}

#[test]
fn nobody_asks() {
    let ended = program!("endings", "return").run();
    ended.exited(7).silent();
    assert_eq!(ended.files(), [""; 0]);
}

#[test]
fn a_wrong_capacity_is_said() {
    let ended = program!("endings", "return").reporting().env("PERF_CAPACITY", "lots").run();
    ended.exited(7).said_one_line(&["PERF_CAPACITY: \"lots\"", "64MiB"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
fn an_unknown_clock_is_said() {
    let ended = program!("endings", "return").reporting().env("PERF_CLOCK", "sundial").run();
    ended.exited(7).said_one_line(&["PERF_CLOCK: \"sundial\"", "counter or monotonic"]);
}

/// The clock of a machine whose processor's counter cannot be trusted.
#[test]
fn by_the_systems_clock_counts_are_as_exact_and_the_report_says_so() {
    let monotonic = |program: perf_tests::child::Program| program.reporting().env("PERF_CLOCK", "monotonic").run();
    let report = monotonic(program!("calls", "nested")).exited(0).silent().report();
    assert_eq!(report.process.clock.source, ClockSource::Monotonic);
    assert_eq!((calls(&report, "outer"), calls(&report, "work")), (100, 100));
    assert_eq!(report.losses.clock_anomalies, 0);
    let deep = monotonic(program!("calls", "recursion")).exited(0).silent().report();
    assert_eq!(calls(&deep, "recursive"), 100_000);
    let threads = monotonic(program!("threads", "destructors")).exited(0).silent().report();
    assert_eq!(calls(&threads, "work"), 100 * (10 + 20 + 3) + 50 + 1000);
    let shown = program!("calls", "nested").env("PERF_REPORT", "table").env("PERF_CLOCK", "monotonic").run();
    let said = shown.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("timed by the system's monotonic clock") && said.contains("PERF_CLOCK asked for it"),
        "{said}"
    );
}
