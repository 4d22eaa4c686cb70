//! Descriptors: a program may close any that it finds, and the number of one of ours may then be that of its own file.

use std::fs;

use perf_report::State;

use perf_tests::child::{Ended, Running};
use perf_tests::figures::{calls, read};
use perf_tests::program;

/// The program's own files are as it wrote them.
#[track_caller]
fn own_files_are_whole(ended: &Ended) {
    for number in 0..6 {
        let own = fs::read(ended.path(&format!("own-{number}"))).unwrap();
        assert_eq!(own.len(), 1_000_000, "file {number}");
        assert!(own.iter().all(|&byte| byte == b'x'), "file {number}");
    }
}

/// A program that has closed all descriptors and opened its own. Its recording is still known to be written.
fn with_all_closed(ending: &str) -> Running {
    let running = program!("processes", "descriptors", "all-closed", ending).reporting().recording().start();
    running.wait_for("closed");
    assert_eq!(read(&running.folder().join("app.perfrec")).process.state, State::Running);
    running
}

#[track_caller]
fn whole(ended: &Ended) {
    own_files_are_whole(ended);
    for snapshot in [ended.silent().report(), ended.recording()] {
        assert_eq!((calls(&snapshot, "work"), calls(&snapshot, "late_work")), (4, 2));
        assert_eq!(snapshot.process.state, State::Closed);
    }
}

#[test]
fn a_program_that_closes_all_descriptors_keeps_its_files_and_its_figures() {
    for ending in ["exit", "fork"] {
        whole(with_all_closed(ending).end().exited(7));
    }
}

#[test]
fn a_signal_after_all_descriptors_were_closed_leads_to_the_report_and_is_not_swallowed() {
    let mut running = with_all_closed("signal");
    running.say("go on");
    running.kill(libc::SIGTERM);
    whole(running.end().killed_by(libc::SIGTERM));
}

#[test]
fn no_descriptor_of_ours_is_a_standard_stream_or_inherited() {
    let ended = program!("processes", "descriptors", "streams-closed").run();
    ended.exited(0);
    assert_eq!(fs::read_to_string(ended.path("descriptors")).unwrap(), "some true, streams [], inherited []\n");
    assert_eq!((calls(&ended.report(), "work"), calls(&ended.recording(), "work")), (3, 3));
}

#[test]
fn a_program_that_has_all_descriptors_in_use_is_told() {
    let program = program!("processes", "descriptors", "all-in-use").env("PERF_REPORT", "table,json:report.json");
    let ended = program.through_shell(r#"ulimit -n 64; exec "$0" "$@""#).run();
    ended.exited(7).said(&["can't write the json report to report.json", "Too many open files"]);
    assert!(ended.stderr.contains("processes::work"), "{}", ended.stderr);
}
