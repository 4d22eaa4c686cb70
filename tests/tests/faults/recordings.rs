//! The recording file: two processes that want the same one, foreign files, files that are damaged.

use std::fs;

use perf_report::State;
use perf_report::recording::Recording;

use perf_tests::figures::{calls, read};
use perf_tests::program;

#[test]
fn a_second_process_records_to_a_name_of_its_own() {
    let mut first = program!("lockstep").recording().start();
    first.say("work");
    first.line();
    let path = first.folder().join("app.perfrec");
    let second = program!("quiet").env("PERF_RECORDING", &path).run();
    second.exited(7).said_one_line(&["another process records to", "app.perfrec"]);
    let others: Vec<_> = fs::read_dir(first.folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let other = others.iter().find(|other| **other != path).unwrap();
    assert_eq!(others.len(), 2, "{others:?}");
    assert_eq!(other.extension(), path.extension());
    assert_eq!(calls(&read(other), "work"), 3);
    assert_eq!(read(&path).process.state, State::Running);
    // The name of one that has ended is free again.
    first.say("work");
    let ended = first.end();
    assert_eq!(calls(&ended.exited(0).recording(), "work"), 2);
    program!("quiet").env("PERF_RECORDING", ended.path("app.perfrec")).run().exited(7).silent();
    assert_eq!(calls(&ended.recording(), "work"), 3);
}

#[test]
fn of_many_processes_that_start_at_once_each_leaves_its_recording() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("app.perfrec");
    for round in 1..=5 {
        let start = || {
            let mut running = program!("lockstep").env("PERF_RECORDING", &path).start();
            running.say("work");
            running
        };
        let running: Vec<_> = (0..8).map(|_| start()).collect();
        running.iter().for_each(|running| drop(running.line()));
        let files = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let alive = files().filter(|file| read(file).process.state == State::Running).count();
        assert_eq!(alive, 8, "round {round}: {:?}", files().collect::<Vec<_>>());
        for running in running {
            running.end().exited(0);
        }
    }
}

#[test]
fn a_foreign_file_is_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    for contents in ["a letter to a friend", "short", "PERFREX\0 and so on"] {
        let path = folder.path().join("letter.txt");
        fs::write(&path, contents).unwrap();
        let ended = program!("quiet").reporting().env("PERF_RECORDING", &path).run();
        ended.exited(7).said_one_line(&["can't create the recording file", "letter.txt", "left alone"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), contents);
        assert_eq!(calls(&ended.report(), "work"), 3);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_file_is_left_alone_without_waiting_for_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), folder.path(), "/dev/null".as_ref()] {
        let ended = program!("quiet").reporting().env("PERF_RECORDING", path).run();
        ended.exited(7).said_one_line(&["can't create the recording file", "left alone"]);
        assert_eq!(calls(&ended.report(), "work"), 3);
    }
}

#[test]
fn a_missing_folder() {
    let ended = program!("quiet").reporting().env("PERF_RECORDING", "missing/app.perfrec").run();
    ended.exited(7).said_one_line(&["can't create the recording file missing/app.perfrec", "No such file"]);
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
fn an_empty_file_is_taken() {
    let program = program!("quiet").recording();
    fs::write(program.folder().join("app.perfrec"), "").unwrap();
    assert_eq!(calls(&program.run().recording(), "work"), 3);
}

#[test]
fn damaged_recordings_of_real_programs_are_an_error_or_a_partial_snapshot() {
    let ended = program!("calls", "forgotten-guard").recording().run();
    let path = ended.path("app.perfrec");
    let whole = fs::read(&path).unwrap();
    let damaged = ended.path("damaged.perfrec");
    let open = |bytes: &[u8]| {
        fs::write(&damaged, bytes).unwrap();
        Recording::open(&damaged).and_then(|mut recording| recording.read())
    };
    // The rest of the last page is never read.
    let used = usize::try_from(ended.recording().losses.used_bytes).unwrap();
    assert!(open(&whole[..used]).is_ok_and(|reading| reading.is_sound()));
    for part in 0..32 {
        match open(&whole[..used * part / 32]) {
            Ok(reading) => assert!(!reading.is_sound(), "part {part}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(open(b"PERFREC\0").unwrap_err().to_string().contains("bytes"));
    assert!(open(b"something else, and rather more than a header of it").is_err());
}
