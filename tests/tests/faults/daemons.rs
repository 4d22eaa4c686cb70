//! Daemons and workers: a child that makes annotated calls records and reports for itself, if the environment asks.

use perf_report::State;

use perf_tests::child::Ended;
use perf_tests::figures::{calls, function, read};
use perf_tests::program;

/// The number on the first line of standard output.
fn first_number(ended: &Ended) -> u32 {
    ended.stdout.lines().next().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("{ended:?}"))
}

#[test]
fn a_daemon_reports() {
    let ended = program!("processes", "children", "daemon").env("PERF_REPORT", "json:report-%p.json").run();
    let name = format!("report-{}.json", first_number(ended.exited(0).silent()));
    let report = ended.snapshot(&name);
    assert_eq!((calls(&report, "work"), report.process.state), (5, State::Closed));
    assert_eq!(report.process.pid, first_number(&ended));
    assert_eq!(ended.files(), [name]);
}

#[test]
fn a_name_that_is_its_parents_gets_the_process_id_and_that_is_said() {
    let ended = program!("processes", "children", "daemon").reporting().recording().run();
    let pid = first_number(ended.exited(0));
    ended.said(&["report.json", "belongs to the parent process", &format!("report.{pid}.json"), "%p"]);
    ended.said(&["app.perfrec", "belongs to the parent process", &format!("app.{pid}.perfrec"), "%p"]);
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
    assert_eq!(calls(&ended.snapshot(&format!("report.{pid}.json")), "work"), 5);
    let recording = read(&ended.path(&format!("app.{pid}.perfrec")));
    assert_eq!((calls(&recording, "work"), recording.process.state), (5, State::Closed));
    // Of what came before, the recording alone is left: the first process ended without an end.
    let before = ended.recording();
    assert_eq!((calls(&before, "work"), before.process.state), (2, State::Killed));
    assert_eq!(ended.files().len(), 3, "{:?}", ended.files());
}

#[test]
fn parent_and_worker_each_report_their_own_calls() {
    let ended = program!("processes", "children", "worker").env("PERF_REPORT", "json:%p.json").recording().run();
    let worker = first_number(ended.exited(0));
    let reports = ended.files().into_iter().filter(|name| name.ends_with(".json"));
    for name in reports {
        let (work, late) = if name == format!("{worker}.json") { (5, 1) } else { (4, 0) };
        let report = ended.snapshot(&name);
        assert_eq!((calls(&report, "work"), calls(&report, "late_work")), (work, late), "{name}");
    }
    assert_eq!(ended.files().len(), 4, "{:?}", ended.files());
    assert_eq!(calls(&ended.recording(), "work"), 4);
}

#[test]
fn a_worker_that_makes_no_annotated_call_leaves_nothing() {
    let ended = program!("processes", "children", "idle-worker").reporting().recording().run();
    assert_eq!(calls(&ended.exited(0).silent().report(), "work"), 4);
    assert_eq!(ended.files(), ["app.perfrec", "report.json"]);
}

#[test]
fn a_clone_of_which_the_c_library_knows_nothing_reports_for_itself() {
    let ended = program!("processes", "children", "clone").env("PERF_REPORT", "json:%p.json").run();
    let clone = first_number(ended.exited(0).silent());
    assert_eq!(ended.files().len(), 2);
    for name in ended.files() {
        let (work, late) = if name == format!("{clone}.json") { (5, 1) } else { (4, 0) };
        let report = ended.snapshot(&name);
        assert_eq!((calls(&report, "work"), calls(&report, "late_work")), (work, late), "{name}");
    }
}

#[test]
fn children_of_a_busy_process_report_and_do_not_hang() {
    let ended = program!("forks", "many-threads-and-environment").env("PERF_REPORT", "json:%p.json").run();
    ended.exited(0).silent();
    assert_eq!(ended.stdout, format!("{:?}\n", [1024; 40]));
    let of_children = ended.files().iter().filter(|name| function(&ended.snapshot(name), "work").calls == 5).count();
    assert_eq!((of_children, ended.files().len()), (40, 41));
}

#[test]
fn a_program_that_becomes_another_leaves_its_recording() {
    let ended = program!("processes", "children", "exec").reporting().recording().run();
    let recording = ended.exited(0).silent().recording();
    assert_eq!((calls(&recording, "work"), recording.process.state), (3, State::Killed));
    assert_eq!(ended.files(), ["app.perfrec"]);
}
