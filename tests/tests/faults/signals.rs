//! Signals whose default action does nothing, and handlers that call ours.

use std::fs;
use std::path::Path;
use std::process::Command;

use perf_report::State;

use perf_tests::child::Program;
use perf_tests::child::{Running, kill};
use perf_tests::figures::{calls, read};
use perf_tests::program;

/// Runs the program as process 1 of a namespace of its own. `None` where this user may not make one.
fn as_process_1(program: Program) -> Option<Program> {
    let may = Command::new("unshare").args(["--pid", "--fork", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("not tested: this user may not make a process namespace");
        return None;
    }
    Some(program.through_shell(r#"exec unshare --pid --fork --kill-child "$0" "$@""#))
}

#[test]
fn process_1_lives_on_after_its_report_and_goes_on_recording() {
    let Some(program) = as_process_1(program!("processes", "signals", "terminated", "exit").reporting().recording())
    else {
        return;
    };
    let ended = program.run();
    assert_eq!(ended.exited(7).silent().stdout, "lives on\n");
    let report = ended.report();
    assert_eq!((calls(&report, "work"), report.process.state), (5, State::Closed));
    assert_eq!(calls(&ended.recording(), "work"), 5);
}

#[test]
fn a_container_that_is_stopped_and_then_killed_loses_nothing() {
    let Some(program) = as_process_1(program!("processes", "signals", "terminated", "park").reporting().recording())
    else {
        return;
    };
    let running = program.start();
    running.wait_for("lives on");
    let report = |running: &Running| fs::read(running.folder().join("report.json")).unwrap();
    let at_the_signal = perf_report::Snapshot::from_json(&report(&running)).unwrap();
    assert_eq!((calls(&at_the_signal, "work"), at_the_signal.process.state), (3, State::Running));
    let process_1 = child_of(running.pid());
    // Asked again, it reports again.
    kill(process_1, libc::SIGTERM);
    let again = || {
        let snapshot = perf_report::Snapshot::from_json(&report(&running)).unwrap();
        calls(&snapshot, "work") == 5
    };
    perf_tests::wait::until("it does so again", again);
    kill(process_1, libc::SIGKILL);
    let ended = running.end();
    let recording = read(&ended.path("app.perfrec"));
    assert_eq!((calls(&recording, "work"), recording.process.state), (5, State::Killed));
}

/// The only child of a process.
fn child_of(pid: u32) -> u32 {
    let list = Path::new("/proc").join(format!("{pid}/task/{pid}/children"));
    fs::read_to_string(list).unwrap().trim().parse().unwrap()
}

#[test]
fn whatever_survives_its_signal_goes_on_recording() {
    let running = program!("processes", "limits", "no-kill").reporting().recording().start();
    running.wait_for("ready");
    running.kill(libc::SIGTERM);
    let ended = running.end();
    ended.exited(7).silent();
    assert_eq!((calls(&ended.report(), "work"), calls(&ended.recording(), "work")), (5, 5));
}

#[test]
fn our_handler_runs_on_the_programs_signal_stack_and_leaves_errno_alone() {
    let ended = program!("processes", "signals", "handler").reporting().run();
    assert_eq!(ended.exited(0).silent().stdout, "on its stack true, restarts true, errno 77\n");
    assert_eq!(calls(&ended.report(), "work"), 3);
}
