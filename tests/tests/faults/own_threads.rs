//! Threads of ours: none before one is needed, and each has a name that says what it is for.

use perf_tests::child::Ended;
use perf_tests::figures::calls;
use perf_tests::program;

#[track_caller]
fn said(ended: &Ended, lines: &[&str]) {
    assert_eq!(ended.exited(0).silent().stdout.lines().collect::<Vec<_>>(), lines);
    assert_eq!(calls(&ended.report(), "work"), 1);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn a_program_is_alone_until_its_first_annotated_call() {
    let alone = || program!("processes", "threads", "alone").reporting().recording();
    let ended = alone().run();
    if !ended.stdout.contains("unshared true") {
        eprintln!("not tested in full: this user may not make a user namespace");
    }
    let unshared = ended.stdout.lines().next().unwrap();
    said(&ended, &[unshared, "before []", r#"after ["perf-signals", "perf-trace"]"#]);
    said(&alone().env("PERF_SIGNALS", "0").run(), &["unshared true", "before []", "after []"]);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn stacks_are_sampled_from_the_first_annotated_call_on_if_that_is_asked_for() {
    let alone = |rate: &str| program!("processes", "threads", "alone").reporting().env("PERF_STACKS", rate).run();
    let ended = alone("99/s");
    let unshared = ended.stdout.lines().next().unwrap();
    said(&ended, &[unshared, "before []", r#"after ["perf-signals", "perf-stacks"]"#]);
    let ended = alone("0");
    let unshared = ended.stdout.lines().next().unwrap();
    said(&ended, &[unshared, "before []", r#"after ["perf-signals"]"#]);
    assert_eq!(ended.report().stacks, None);
}

#[test]
#[cfg_attr(perf_portable, ignore = "nothing runs before `main`")]
fn the_monitor_alone_is_there_from_the_start_if_it_is_asked_for() {
    let ended = program!("processes", "threads", "alone").reporting().env("PERF_MONITOR", "1h").run();
    let threads =
        [r#"before ["perf-alerts", "perf-monitor"]"#, r#"after ["perf-alerts", "perf-monitor", "perf-signals"]"#];
    said(&ended, &["unshared false", threads[0], threads[1]]);
    assert_eq!(ended.report().monitor.map(|monitor| monitor.interval_ns), Some(3_600_000_000_000));
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn a_worker_is_monitored_from_its_first_annotated_call_on() {
    let program = program!("processes", "children", "worker").env("PERF_REPORT", "json:%p.json");
    let ended = program.env("PERF_MONITOR", "1h").run();
    ended.exited(0);
    assert_eq!(ended.files().len(), 2);
    for name in ended.files() {
        assert!(ended.snapshot(&name).monitor.is_some_and(|monitor| monitor.samples > 0), "{name}");
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn no_thread_is_made_within_a_signal_handler() {
    let ended = program!("processes", "threads", "within-a-handler").reporting().run();
    said(&ended, &["in the handler []", r#"after it ["perf-signals"]"#]);
}
