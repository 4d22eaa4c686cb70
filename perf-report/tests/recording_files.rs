//! Recordings in files: sparse, locked by a living writer, cut, foreign.
#![cfg(feature = "files")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod support;

use std::{fs, fs::File, io::Write};

use perf_report::{
    State,
    recording::{Now, Recording, RecordingError, layout::header, read},
};
use support::some_of_everything;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

#[test]
fn a_sparse_file_is_read_as_far_as_it_is_used() {
    let writer = some_of_everything();
    let file = file(&writer.bytes());
    file.as_file().set_len(256 << 20).unwrap();
    let reading = Recording::open(file.path()).unwrap().read().unwrap();
    assert_eq!(reading, read(&writer.words, Now::LastTick).unwrap());
}

#[test]
fn the_lock_tells_the_living_from_the_killed() {
    let mut writer = some_of_everything();
    writer.words[header::STATE] = header::STATE_RUNNING;
    // As if it had begun this moment, by the clock of this machine.
    writer.words[header::START_MONOTONIC_NS] = 0;
    let file = file(&writer.bytes());
    let mut recording = Recording::open(file.path()).unwrap();
    assert_eq!(recording.read().unwrap().snapshot.process.state, State::Killed);
    file.as_file().lock().unwrap();
    assert_eq!(recording.read().unwrap().snapshot.process.state, State::Running);
    file.as_file().unlock().unwrap();
    assert_eq!(recording.read().unwrap().snapshot.process.state, State::Killed);
    let second = File::open(file.path()).unwrap();
    assert!(second.try_lock().is_ok(), "reading leaves no lock behind");
}

#[test]
fn short_and_foreign_files_are_refused() {
    assert!(matches!(Recording::open(file(b"").path()), Err(RecordingError::Truncated { bytes: 0 })));
    let text = file(b"{\"schema\": 1, \"process\": {}}");
    assert!(matches!(Recording::open(text.path()), Err(RecordingError::Foreign)));
    let missing = Recording::open("does/not/exist").unwrap_err();
    assert!(missing.to_string().starts_with("the recording cannot be read: "), "{missing}");
    let mut bytes = some_of_everything().bytes();
    bytes.truncate(bytes.len() - 3);
    let file = file(&bytes);
    let reading = Recording::open(file.path()).unwrap().read().unwrap();
    assert!(reading.damages[0].what.contains("bytes, the header says"));
    fs::remove_file(file.path()).unwrap();
}
