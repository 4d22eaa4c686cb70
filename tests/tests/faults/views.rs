//! A view that panics is left out; one that hangs is given up; the others are written, and the exit status is kept.

use perf_tests::figures::calls;
use perf_tests::program;

#[test]
fn a_panic_in_a_view_leaves_out_that_view() {
    let ended = program!("endings", "panicking-view").run();
    ended.exited(7).said(&["a custom report", "panicked"]);
    assert_eq!(ended.stderr.matches("panicked and is left out").count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("endings::work"), "the table: {}", ended.stderr);
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
fn a_view_that_hangs_is_given_up_after_the_time_limit() {
    let ended = program!("endings", "hanging-view").env("PERF_SHUTDOWN_LIMIT", "3s").run();
    // Long enough for the other report, which comes first, on any machine.
    ended.exited(7).said_one_line(&["not written after 3s"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
fn a_second_signal_during_the_reports_ends_the_process_at_once() {
    let running = program!("endings", "hanging-view").env("PERF_SHUTDOWN_LIMIT", "1h").start();
    running.wait_for("an unfinished linehanging");
    // The first has the reports written, which another way of ending has begun already; the second means it.
    running.kill(libc::SIGTERM);
    running.kill(libc::SIGINT);
    let ended = running.end();
    assert!(ended.status.code().is_none(), "{:?}", ended.status);
    ended.silent();
}

#[test]
fn a_wrong_time_limit_is_said() {
    for (wrong, said) in [("soon", "\"soon\" is not a duration"), ("0s", "longer than 0")] {
        let ended = program!("endings", "return").reporting().env("PERF_SHUTDOWN_LIMIT", wrong).run();
        ended.exited(7).said_one_line(&["PERF_SHUTDOWN_LIMIT", said]);
        assert_eq!(calls(&ended.report(), "work"), 3);
    }
}

#[test]
fn a_view_may_use_the_runtime() {
    let ended = program!("processes", "views", "re-enters").run();
    assert_eq!(ended.exited(0).silent().stdout, "true\n");
    assert_eq!((calls(&ended.report(), "work"), calls(&ended.snapshot("inner.json"), "work")), (3, 0));
}

#[test]
fn a_hook_may_use_the_runtime() {
    let ended = program!("processes", "views", "hook-re-enters").env("PERF_SHUTDOWN_LIMIT", "1h").run();
    ended.exited(0).silent();
    assert_eq!(ended.files(), ["at-exit.json", "inner.json", "report.json"]);
    // The session that is ending reports what happened until its resources were torn down.
    assert_eq!((calls(&ended.report(), "work"), calls(&ended.snapshot("inner.json"), "work")), (4, 1));
    assert_eq!(calls(&ended.snapshot("at-exit.json"), "work"), 1);
}

#[test]
fn a_view_may_use_a_resource() {
    let ended = program!("processes", "views", "uses-a-resource").run();
    assert_eq!(ended.exited(0).silent().stdout, "42\n");
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
fn a_view_may_end_the_process() {
    let ended = program!("processes", "views", "exits").env("PERF_SHUTDOWN_LIMIT", "1h").run();
    assert_eq!(calls(&ended.exited(9).silent().report(), "work"), 3);
}

#[test]
fn what_a_view_owns_may_panic_when_it_is_dropped() {
    let ended = program!("processes", "views", "drop-panics").run();
    assert_eq!(calls(&ended.exited(0).said(&["a custom report", "panicked"]).report(), "work"), 3);
}

#[test]
fn what_a_view_owns_may_hang_when_it_is_dropped() {
    let ended = program!("processes", "views", "drop-hangs").env("PERF_SHUTDOWN_LIMIT", "1s").run();
    assert_eq!(calls(&ended.exited(0).said(&["1s"]).report(), "work"), 3);
}

#[test]
fn what_a_view_owns_may_end_the_process_when_it_is_dropped() {
    let ended = program!("processes", "views", "drop-exits").env("PERF_SHUTDOWN_LIMIT", "1h").run();
    assert_eq!(calls(&ended.exited(9).report(), "work"), 3);
    assert_eq!(ended.stderr, "seen\n");
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn hooks_that_hang_leave_time_for_the_report() {
    for ending in ["signal", "exit"] {
        let program = program!("processes", "views", "hooks-hang", ending).reporting().env("PERF_SHUTDOWN_LIMIT", "2s");
        let running = program.start();
        running.wait_for("ready");
        if ending == "signal" {
            running.kill(libc::SIGTERM);
        }
        let ended = running.end();
        assert_eq!(ended.status.code(), if ending == "exit" { Some(7) } else { None }, "{ended:?}");
        assert_eq!((calls(&ended.report(), "work"), calls(&ended.report(), "late_work")), (3, 1));
    }
}
