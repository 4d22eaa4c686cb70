//! Fork: the child writes no report of its parent's, may have a session of its own, and never hangs.

use perf_report::State;

use perf_tests::child::kill;
use perf_tests::figures::{calls, function, read};
use perf_tests::program;
use perf_tests::wait::holds_in_time;

/// Exit status 4, as `wait` gives it.
const EXITED_WITH_4: &str = "1024";

#[test]
fn a_child_writes_no_report_of_its_parents() {
    for (scenario, status) in [("exits", EXITED_WITH_4), ("returns", "0")] {
        let ended = program!("forks", scenario).run();
        let report = ended.exited(0).silent().snapshot("parent.json");
        assert_eq!(ended.stdout, format!("{status}\n"), "{scenario}");
        assert_eq!(ended.files(), ["parent.json"]);
        assert_eq!((calls(&report, "work"), calls(&report, "forks"), calls(&report, "in_child")), (4, 1, 0));
    }
}

#[test]
fn a_child_may_have_a_session_of_its_own() {
    let ended = program!("forks", "own-session").run();
    let (parent, child) = (ended.exited(0).silent().snapshot("parent.json"), ended.snapshot("child.json"));
    assert_eq!(ended.stdout, format!("{EXITED_WITH_4}\n"));
    assert_eq!((calls(&parent, "work"), calls(&child, "work")), (4, 5));
    assert_eq!((calls(&parent, "forks"), function(&child, "forks").calls), (1, 0));
    assert_ne!(parent.process.pid, child.process.pid);
    assert_eq!(child.in_flight, [], "the calls that the child was forked in are the parent's");
}

#[test]
fn a_signal_to_a_child_with_a_session_leads_to_its_report() {
    let ended = program!("forks", "own-session-and-signal").run();
    ended.exited(0).silent();
    assert_eq!(ended.stdout, format!("{}\n", libc::SIGTERM));
    assert_eq!(calls(&ended.snapshot("child.json"), "work"), 5);
    assert_eq!(calls(&ended.snapshot("parent.json"), "work"), 4);
}

#[test]
fn children_of_a_busy_process_do_not_hang() {
    let ended = program!("forks", "many-threads").run();
    ended.exited(0).silent();
    assert_eq!(ended.stdout, format!("{:?}\n", [1024; 40]));
    assert_eq!(calls(&ended.snapshot("child.json"), "work"), 5);
    assert_eq!(calls(&ended.snapshot("parent.json"), "forks"), 40);
}

#[test]
fn children_forked_beside_everything_end_with_their_own_status() {
    // Many children of a busy process, and the first ones of many processes, in which all begins at that moment.
    let runs = [60, 60].into_iter().chain([2; 20]);
    for (number, children) in runs.enumerate() {
        let program = program!("processes", "forks-beside-everything", children.to_string());
        let program = if number % 2 == 1 { program.env("PERF_REPORT", "json:%p.json") } else { program };
        let ended = program.run();
        let statuses: Vec<_> = ended.exited(7).stdout.lines().map(|line| line.parse().unwrap_or(-1)).collect();
        assert_eq!(statuses, (0..children).collect::<Vec<i32>>(), "{}", ended.stderr);
    }
}

#[test]
fn a_child_forked_while_the_reports_are_written_does_not_wait_for_them() {
    let ended = program!("forks", "in-a-view").env("PERF_SHUTDOWN_LIMIT", "1h").run();
    ended.exited(0);
    assert_eq!(ended.stdout, format!("{EXITED_WITH_4}\n"));
    assert_eq!(calls(&ended.snapshot("parent.json"), "work"), 3);
}

#[test]
fn a_parent_that_was_killed_is_known_to_be_dead_while_its_child_lives() {
    let running = program!("forks", "outlives").recording().start();
    let lines = [running.line(), running.line()];
    let pid: u32 = lines.iter().find_map(|line| line.parse().ok()).unwrap();
    running.kill(libc::SIGKILL);
    let path = running.folder().join("app.perfrec");
    let dead = holds_in_time(|| read(&path).process.state == State::Killed);
    kill(pid, libc::SIGKILL);
    assert!(dead);
    running.end().killed_by(libc::SIGKILL);
}
