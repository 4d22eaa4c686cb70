//! Code of the program's that perf calls may end the process: with its own status, one teardown, and one report.

use perf_tests::child::{Ended, Program};
use perf_tests::figures::calls;
use perf_tests::program;

/// Has this code end the process, in a session or with a report that the environment asks for. The limits are longer than any test.
fn processes(what: &str) -> [Program; 2] {
    ["session", "environment"].map(|who| {
        let program = program!("processes", "exits", what, who).env("PERF_SHUTDOWN_LIMIT", "1h");
        if who == "environment" { program.reporting() } else { program }
    })
}

#[track_caller]
fn reported_once(ended: &Ended, what: &str) {
    assert_eq!(ended.silent().stdout, "torn down\n", "{what}");
    assert_eq!(calls(&ended.report(), "work"), 3, "{what}");
    assert_eq!(ended.files(), ["report.json"], "{what}");
}

#[test]
fn code_around_a_resource_may_end_the_process() {
    for what in [
        "initialiser",
        "reload",
        "async initialiser",
        "drop of an async initialiser",
        "weight",
        "on_init",
        "health",
        "on_evict",
        "drop of a value",
    ] {
        for program in processes(what) {
            reported_once(program.run().exited(9), what);
        }
    }
}

#[test]
fn code_in_threads_of_ours_may_end_the_process() {
    for what in ["waker", "health in a sweep", "on_evict in a sweep", "progress of a warm-up", "executor of a warm-up"]
    {
        for program in processes(what) {
            reported_once(program.run().exited(9), what);
        }
    }
}

/// Whoever waits for the hook goes on, and the hook's thread ends the process when the reports are written.
#[test]
fn a_hook_may_end_the_process_during_a_teardown() {
    let [session, _] = processes("on_shutdown");
    reported_once(session.run().exited(9), "the end of a session");
    for program in processes("on_shutdown of a teardown") {
        reported_once(program.run().exited(9), "a teardown that the program asked for");
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no signals to watch")]
fn a_hook_may_end_the_process_that_a_signal_ends() {
    for program in processes("on_shutdown at a signal") {
        let ended = program.run();
        // Whichever comes first.
        let status = (ended.status.code(), std::os::unix::process::ExitStatusExt::signal(&ended.status));
        assert!(matches!(status, (Some(9), None) | (None, Some(libc::SIGTERM))), "{status:?}");
        reported_once(&ended, "a signal");
    }
}

/// The standard library has a second `exit` wait for ever, so that is a hook, or a view, that hangs.
#[test]
fn code_that_ends_a_process_which_ends_already_is_left_behind() {
    for who in ["session", "environment"] {
        let program = program!("processes", "exits", "on_shutdown at an exit", who);
        let program = if who == "environment" { program.reporting() } else { program };
        let ended = program.env("PERF_SHUTDOWN_LIMIT", "2s").run();
        ended.exited(7).said(&["the teardown of last exceeded", "left behind"]);
        assert_eq!(calls(&ended.report(), "work"), 3, "{who}");
    }
    let ended = program!("processes", "views", "exits-at-exit").env("PERF_SHUTDOWN_LIMIT", "2s").run();
    ended.exited(7).said_one_line(&["not written after 2s"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}
