//! `trace --for` on processes that end before their window does. A thread answers in place of the process.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[allow(dead_code, reason = "this needs folders alone")]
mod programs;
mod support;

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    thread,
    time::Duration,
};

use perf_report::{
    command::Outcome,
    recording::layout::{WORD_BYTES, header, trace, trace::event},
};
use programs::Folder;
use support::Writer;

/// A recording that listens, with a window that has these events and no end; where the window's block lies.
fn recording(events: &[[u64; 4]]) -> (Writer, usize) {
    let mut writer = Writer::new();
    let shard = writer.shard(100, "main");
    let site = writer.function("app::work");
    let slot = writer.slot(shard, site);
    writer.calls(slot, &[2_000]);
    let (block, _) = if events.is_empty() { writer.trace(&[]) } else { writer.trace(&[(0, 0, events)]) };
    writer.words[block + trace::END] = 0;
    writer.words[header::TRACE_LISTENS] = 1;
    (writer, block)
}

fn word(file: &mut File, at: usize) -> u64 {
    let mut bytes = [0; WORD_BYTES];
    file.seek(SeekFrom::Start((at * WORD_BYTES) as u64)).unwrap();
    file.read_exact(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}

fn put(file: &mut File, at: usize, value: u64) {
    file.seek(SeekFrom::Start((at * WORD_BYTES) as u64)).unwrap();
    file.write_all(&value.to_ne_bytes()).unwrap();
}

/// Answers one request as a process does that opens a window, closes it at a tick unless that is 0, and ends.
fn answer(path: &Path, block: usize, end: u64) -> thread::JoinHandle<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    file.lock().unwrap();
    thread::spawn(move || {
        let request = loop {
            match word(&mut file, header::TRACE_REQUEST) {
                0 => thread::sleep(Duration::from_millis(1)),
                request => break request,
            }
        };
        put(&mut file, block + trace::REQUEST, request);
        put(&mut file, block + trace::END, end);
        put(&mut file, header::TRACE_ANSWER, request);
    })
}

fn run(events: &[[u64; 4]], end: u64) -> (Outcome, String, bool) {
    let folder = Folder::new();
    let (writer, block) = recording(events);
    folder.put("app.perfrec", writer.bytes());
    let process = answer(&folder.path("app.perfrec"), block, end);
    let (outcome, _, errors) = folder.run("trace @app.perfrec --for 10ms -o @trace.json");
    process.join().unwrap();
    (outcome, errors, folder.path("trace.json").exists())
}

const CALL: [[u64; 4]; 2] = [[event::BEGIN, 1, 1, 2_001_100], [event::RETURN, 1, 1, 2_002_000]];

#[test]
fn a_window_without_a_call_of_a_process_that_is_gone_is_no_trace() {
    let (outcome, errors, is_written) = run(&[], 0);
    assert_eq!((outcome, is_written), (Outcome::Failed, false), "{errors}");
    assert!(errors.contains("its process has ended"), "{errors}");
}

#[test]
fn a_window_that_a_process_left_open_is_a_part_of_a_trace() {
    let (outcome, errors, is_written) = run(&CALL, 0);
    assert_eq!((outcome, is_written), (Outcome::Partial, true), "{errors}");
    assert!(errors.contains("the trace has no end"), "{errors}");
}

#[test]
fn a_window_that_was_closed_is_whole_whoever_is_gone_since() {
    for events in [&CALL[..], &[]] {
        let (outcome, errors, is_written) = run(events, 4_001_000);
        assert_eq!((outcome, errors.as_str(), is_written), (Outcome::Complete, "", true));
    }
}
