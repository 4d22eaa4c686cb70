//! The monitor on real processes: memory that grows and is evicted, a busy processor, slow queries, hooks that misbehave, ends
//! of all kinds. The processes are those of `src/bin/monitored.rs`.
#![cfg(target_os = "linux")]

use perf_report::monitor::{ActionKind, Alert, Metric, Monitor, Raised};
use perf_tests::child::Ended;
use perf_tests::figures::calls;
use perf_tests::program;

const MIB: u64 = 1 << 20;

/// Runs a process to its end, which must be as it would be without the monitor, and reads its last snapshot.
#[track_caller]
fn run(what: &str, argument: &str) -> (Monitor, Ended) {
    let ended = program!("monitored", what, argument).reporting().run();
    let monitor = ended.exited(7).report().monitor;
    (monitor.expect("it was monitored"), ended)
}

/// The one alert, which was raised once and cleared.
fn once(monitor: &Monitor) -> (&Alert, &Raised) {
    let [alert] = &monitor.alerts[..] else { panic!("one alert: {:?}", monitor.alerts) };
    let [event] = &alert.events[..] else { panic!("raised once: {alert:?}") };
    assert_eq!((alert.raised, alert.dropped), (1, 0), "{alert:?}");
    assert!(event.cleared_ns.is_some_and(|cleared| cleared > event.at_ns), "{event:?}");
    (alert, event)
}

#[test]
fn memory_that_grows_over_a_threshold_is_evicted_to_under_the_clear_level_once() {
    let (monitor, ended) = run("grow", "rss > 160MiB clear 80MiB then evict");
    let (_, event) = once(&monitor);
    assert!(event.value > (160 * MIB) as f64 && event.worst >= event.value, "{event:?}");
    let [action] = &event.actions[..] else { panic!("one action: {event:?}") };
    assert_eq!((action.kind, action.done), (ActionKind::Evict, true));
    assert!(action.took_ns.is_some() && action.at_ns >= event.at_ns);
    assert!(action.freed.is_some_and(|bytes| bytes >= 80 * MIB), "{action:?}");
    assert!(action.rss_before.is_some_and(|bytes| bytes > 160 * MIB), "{action:?}");
    assert!(action.rss_after.is_some_and(|bytes| bytes <= 80 * MIB), "{action:?}");
    let rss = monitor.series.iter().find(|series| series.metric == Metric::Rss).expect("Linux has it");
    assert!(rss.highest().is_some_and(|bytes| bytes > 160 * MIB) && rss.last().is_some_and(|bytes| bytes < 160 * MIB));
    ended.silent();
}

/// `ulimit -v` is a limit that holds without any right to make cgroups.
#[test]
fn a_process_lives_within_a_limit_that_it_would_die_of() {
    let line = format!(r#"ulimit -v {}; exec "$0" "$@""#, 1_500 * 1024);
    let outgrow = |alert: &str| program!("monitored", "outgrow", alert).through_shell(&line).run();
    let dies = outgrow("");
    assert_ne!(dies.status.code(), Some(7), "2.4 GB do not fit into 1.5: {}", dies.stderr);
    let lives = outgrow("virtual > 800MiB clear 600MiB then evict");
    assert!(lives.exited(7).stderr.contains("evicted"), "{}", lives.stderr);
}

/// The thresholds are far below what a busy process has on a machine of its own: others may have most of this one.
#[test]
fn a_busy_loop_raises_a_processor_alert() {
    let (monitor, _) = run("spin", "cpu > 2% clear 1%");
    let (_, event) = once(&monitor);
    assert!(event.worst <= f64::from(monitor.cores) * 2e6, "parts per million of a processor: {event:?}");
    let user = monitor.series.iter().find(|series| series.metric == Metric::CpuUser).expect("Unix has it");
    assert!(user.highest().is_some_and(|ppm| ppm > 10_000));
}

#[test]
fn a_call_that_hangs_keeps_its_alert_raised() {
    let (monitor, _) = run("hang", "p90(query) > 50ms over 200ms");
    let [alert] = &monitor.alerts[..] else { panic!("{:?}", monitor.alerts) };
    assert_eq!((alert.raised, alert.events[0].cleared_ns), (1, None), "{alert:?}");
    assert!(alert.events[0].worst > 50e6, "{alert:?}");
}

#[test]
fn an_alert_that_cannot_be_raised_says_why() {
    for (rule, said, told) in [
        (
            "p99(nowhere) > 1ms",
            "no annotated function, or anything else with a row, of this name",
            "nothing in the program has this name",
        ),
        ("p99(twice) > 1ms", "monitored.rs:", "several in the program have this name"),
        ("depth(nowhere) > 1", "no channel of this name", "nothing in the program has this name"),
        ("failed(NOTHING) > 0", "no lazy resource of this name", "nothing in the program has this name"),
        ("idle(KEPT) < 1h", "only one with the option evict", "the resource's attribute lacks the option"),
        ("unhealthy(KEPT) > 0", "no option health", "the resource's attribute lacks the option"),
        ("heap > 1B", "counting allocator is not installed", "the counting allocator is not installed"),
    ] {
        let program = program!("monitored", "idle", "3").env("PERF_REPORT", "table");
        let ended = program.env("PERF_MONITOR", "10ms").env("PERF_ALERT", rule).run();
        assert!(ended.stderr.contains(&format!("alert {rule} can't be raised")), "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
        let report = ended.stderr.replace("\n  ", " ");
        assert!(report.contains(&format!("{rule}: can't be raised, because {told}")), "{report}");
    }
}

#[test]
fn a_function_that_becomes_slow_raises_an_alert_about_its_recent_calls() {
    let (monitor, _) = run("query", "p90(query) > 50ms over 1s");
    let (alert, event) = once(&monitor);
    assert_eq!(alert.rule, "p90(query) > 50ms over 1s");
    assert!(event.value >= 50e6, "{event:?}");
}

#[test]
fn hooks_that_panic_are_switched_off_with_a_line_each_and_nothing_else_changes() {
    let (monitor, ended) = run("panic", "threads > 4 clear 4");
    let [alert] = &monitor.alerts[..] else { panic!("one alert") };
    assert_eq!(alert.raised, 2);
    let actions: Vec<_> = alert.events.iter().map(|event| event.actions.as_slice()).collect();
    let [[failed], []] = actions[..] else { panic!("called the first time only: {actions:?}") };
    assert_eq!((failed.kind, failed.done), (ActionKind::Call, false));
    let lines: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("perf:")).collect();
    assert_eq!(
        lines,
        [
            r#"perf: "failing", called by an alert, panicked and is switched off"#,
            "perf: a callback for alerts panicked and is switched off"
        ]
    );
}

#[test]
fn hooks_may_end_the_process_and_use_the_runtime() {
    for from in ["callback", "evictor", "trimmer"] {
        let report = program!("monitored", "exits", from).reporting().run().exited(9).report();
        assert_eq!(report.monitor.expect("it was monitored").alerts[0].raised, 1, "{from}");
    }
    let report = program!("monitored", "uses", "").reporting().run().exited(7).report();
    assert_eq!(calls(&report, "query"), 1);
}

#[test]
fn a_slow_callback_does_not_delay_the_sampling() {
    // The callback waits for fifty samples.
    let (monitor, ended) = run("slow", "threads > 0");
    assert!(monitor.samples > 50, "{} samples", monitor.samples);
    ended.silent();
}

#[test]
fn a_callback_that_does_not_return_is_left_behind() {
    let (_, ended) = run("stuck", "");
    ended.said(&["a hook of an alert still runs after 1s; going on without it"]);
}

#[test]
fn the_threads_end_with_the_session() {
    let _ = program!("monitored", "end", "").run().exited(7);
}

#[test]
fn a_forked_child_has_no_monitor_and_ends_in_order() {
    let (monitor, _) = run("fork", "");
    assert_eq!(monitor.alerts[0].raised, 1);
}

#[test]
fn a_recording_tells_what_happened_before_an_abort() {
    let ended = program!("monitored", "abort", "app.perfrec").run();
    let recording = ended.killed_by(libc::SIGABRT).recording();
    let monitor = recording.monitor.expect("it was monitored");
    // It lived at least until the last sample; to the microsecond, as the clocks differ.
    assert!(recording.process.recorded_ns + 1_000 >= monitor.spans.last().unwrap().end_ns);
    assert!(monitor.samples >= 5 && !monitor.series.is_empty(), "{monitor:?}");
    let event = &monitor.alerts[0].events[0];
    assert_eq!((event.cleared_ns, event.actions.len()), (None, 1));
}

#[test]
fn the_environment_alone_starts_it() {
    let program = program!("monitored", "idle", "3").env("PERF_MONITOR", "10ms");
    let ended = program.env("PERF_ALERT", "rss > 1KiB then trim; rss > lots; threads < 0").run();
    let text = &ended.exited(7).stderr;
    for part in [
        r#"perf: PERF_ALERT: at byte 28 of "rss > 1KiB then trim; rss > lots; threads < 0", "lots": a number was expected"#,
        "memory  ",
        "cpu     ",
        "! Alert rss > 1KiB then trim: raised 1 time; after",
        "! Alert threads < 0: never raised.",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn a_wrong_interval_is_said_and_once_a_second_is_taken() {
    let ended = program!("monitored", "idle", "0").env("PERF_MONITOR", "often").run();
    let said = ended
        .exited(7)
        .stderr
        .starts_with("perf: PERF_MONITOR: \"often\" is not a duration; write a number and a unit");
    assert!(said, "{}", ended.stderr);
}
