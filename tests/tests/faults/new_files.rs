//! Files that we make: beside their names first, whoever has put something there; where they were asked for; and not in the
//! place of another process's.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use perf_tests::child::Running;
use perf_tests::figures::{calls, read};
use perf_tests::program;

/// Starts a program that makes a call and waits.
fn start(report: &Path) -> Running {
    let mut running = program!("lockstep").env("PERF_REPORT", format!("json:{}", report.display())).start();
    running.say("work");
    running.line();
    running
}

/// Waits until the clock that dates files has gone on.
fn wait_for_another_date(folder: &Path) {
    let date = || {
        let probe = folder.join("probe");
        fs::write(&probe, "").unwrap();
        let metadata = fs::metadata(&probe).unwrap();
        fs::remove_file(probe).unwrap();
        (metadata.mtime(), metadata.mtime_nsec())
    };
    let before = date();
    perf_tests::wait::until("the date changes", || date() != before);
}

#[test]
fn a_link_planted_at_the_temporary_name_of_a_report_is_not_followed() {
    let folder = tempfile::TempDir::new().unwrap();
    let (report, victim) = (folder.path().join("report.json"), folder.path().join("victim"));
    fs::write(&victim, "a letter").unwrap();
    let running = start(&report);
    symlink(&victim, folder.path().join(format!("report.json.{}.tmp", running.pid()))).unwrap();
    let ended = running.end();
    ended.exited(0).silent();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "a letter");
    assert_eq!(calls(&ended.snapshot(report.to_str().unwrap()), "work"), 1);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_link_planted_at_the_temporary_name_of_a_recording_is_not_followed() {
    let plant = r#"echo "a letter" > victim; ln -s victim "app.perfrec.$$.tmp"; exec "$0" "$@""#;
    let ended = program!("quiet").recording().through_shell(plant).run();
    ended.exited(7).silent();
    assert_eq!(fs::read_to_string(ended.path("victim")).unwrap(), "a letter\n");
    assert_eq!(calls(&ended.recording(), "work"), 3);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn others_may_read_a_recording_and_only_its_owner_may_write_it() {
    for (mask, recording, report) in [("022", 0o644, 0o644), ("000", 0o644, 0o666), ("077", 0o600, 0o600)] {
        let ended =
            program!("quiet").reporting().recording().through_shell(&format!(r#"umask {mask}; exec "$0" "$@""#)).run();
        ended.exited(7);
        let mode = |name: &str| fs::metadata(ended.path(name)).unwrap().mode() & 0o777;
        assert_eq!((mode("app.perfrec"), mode("report.json")), (recording, report), "umask {mask}");
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn relative_paths_are_those_of_the_folder_in_which_they_were_given() {
    for place in ["environment", "in-code"] {
        let mut program = program!("processes", "descriptors", "folder-changed", place).recording();
        if place == "environment" {
            program = program.reporting();
        }
        let ended = program.run();
        ended.exited(7).silent();
        assert_eq!(ended.files(), ["app.perfrec", "elsewhere", "report.json"], "{place}");
        assert_eq!((calls(&ended.report(), "work"), calls(&ended.recording(), "work")), (3, 3));
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "nothing runs before `main`")]
fn a_report_that_another_process_wrote_meanwhile_is_not_replaced() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("report.json");
    let (first, mut second) = (start(&path), start(&path));
    second.say("work");
    second.line();
    let first_id = first.pid();
    wait_for_another_date(folder.path());
    second.end().exited(0).silent();
    let ended = first.end();
    let beside = format!("report.{first_id}.json");
    ended.exited(0).said_one_line(&["another process wrote", &beside, "%p"]);
    assert_eq!(calls(&ended.snapshot(path.to_str().unwrap()), "work"), 2);
    assert_eq!(calls(&ended.snapshot(folder.path().join(beside).to_str().unwrap()), "work"), 1);
    // One that was there before is.
    wait_for_another_date(folder.path());
    start(&path).end().exited(0).silent();
    assert_eq!(calls(&ended.snapshot(path.to_str().unwrap()), "work"), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
#[cfg_attr(perf_portable, ignore = "nothing runs before `main`")]
fn of_many_processes_that_end_at_once_each_leaves_its_report() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("report.json");
    fs::write(&path, "an older one").unwrap();
    let running: Vec<Running> = (0..8).map(|_| start(&path)).collect();
    wait_for_another_date(folder.path());
    std::thread::scope(|scope| {
        for running in running {
            scope.spawn(|| running.end().exited(0).status);
        }
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 8);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_recording_of_a_second_session_that_there_will_not_be_is_said() {
    let ended = program!("processes", "sessions", "recording-twice").run();
    ended.exited(0).said_one_line(&["second.perfrec", "first.perfrec"]);
    assert_eq!(calls(&read(&ended.path("first.perfrec")), "work"), 2);
    assert_eq!((calls(&ended.snapshot("first.json"), "work"), calls(&ended.snapshot("second.json"), "work")), (1, 1));
}
