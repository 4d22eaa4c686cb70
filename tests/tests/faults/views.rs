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
    let ended = program!("endings", "return").reporting().env("PERF_SHUTDOWN_LIMIT", "soon").run();
    ended.exited(7).said_one_line(&["PERF_SHUTDOWN_LIMIT=soon", "100ms"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}
