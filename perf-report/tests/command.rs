//! The command: what it prints where, and its exit status.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod support;

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use perf_report::{
    Function, Snapshot, Style, View,
    command::{Outcome, Streams, run},
    recording::{Now, read},
};
use support::some_of_everything;

/// A folder with a file of each kind.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        let files = Files(tempfile::tempdir().unwrap());
        files.put("run.json", Files::snapshot().to_json().as_bytes());
        files.put("app.perfrec", &some_of_everything().bytes());
        files
    }

    fn snapshot() -> Snapshot {
        read(&some_of_everything().words, Now::LastTick).unwrap().snapshot
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs `show` on files of this folder: outcome, standard output, standard error without the folder's path.
    fn show(&self, arguments: &[&str], input: &[u8]) -> (Outcome, String, String) {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { input: &mut { input }, output: &mut output, errors: &mut errors, style: Style::plain() };
        let arguments = arguments.iter().map(|argument| match Path::new(argument).extension() {
            Some(_) => self.path(argument).into_os_string(),
            None => argument.into(),
        });
        let outcome = run(["perf-report".into(), "show".into()].into_iter().chain(arguments), &mut streams);
        let errors = String::from_utf8(errors).unwrap().replace(&format!("{}/", self.0.path().display()), "");
        (outcome, String::from_utf8(output).unwrap(), errors)
    }
}

#[test]
fn snapshots_and_recordings_show_the_same() {
    let files = Files::new();
    let expected = (Outcome::Complete, View::Table.render(&Files::snapshot(), &Style::plain()), String::new());
    assert_eq!(files.show(&["run.json"], b""), expected);
    assert_eq!(files.show(&["app.perfrec"], b""), expected);
    assert_eq!(files.show(&["-"], Files::snapshot().to_json().as_bytes()), expected);
}

#[test]
fn views_come_in_the_order_asked_for() {
    let files = Files::new();
    let (_, output, _) =
        files.show(&["run.json", "--view", "callers,table", "--width", "70", "--color", "always"], b"");
    let style = Style::plain().with_width(70).with_color(true);
    let [callers, table] = [View::Callers, View::Table].map(|view| view.render(&Files::snapshot(), &style));
    assert_eq!(output, format!("{callers}\n{table}"));
    let (_, json, _) = files.show(&["app.perfrec", "run.json", "--view=json"], b"");
    let lines: Vec<_> = json.lines().map(|line| Snapshot::from_json(line.as_bytes()).unwrap()).collect();
    assert_eq!(lines, [Files::snapshot(), Files::snapshot()]);
}

#[test]
fn a_damaged_recording_is_shown_in_part_with_a_warning() {
    let files = Files::new();
    let bytes = some_of_everything().bytes();
    files.put("cut.perfrec", &bytes[..bytes.len() - 8_000]);
    let (outcome, output, errors) = files.show(&["cut.perfrec"], b"");
    assert_eq!(outcome, Outcome::Partial);
    assert!(output.contains("app::main"));
    assert!(errors.starts_with("perf-report: cut.perfrec: damaged: byte 112: there are "), "{errors}");
}

#[test]
fn every_hopeless_file_is_refused_with_its_name_the_place_and_a_remedy() {
    let files = Files::new();
    let json = Files::snapshot().to_json();
    files.put("torn.json", &json.as_bytes()[..json.len() / 2]);
    files.put("newer.json", br#"{"schema":2,"universe":{}}"#);
    files.put("foreign.json", br#"{"name":"npm","version":"1.0.0"}"#);
    files.put("text.txt", b"hello\n");
    files.put("empty.json", b"");
    files.put("dangling.json", json.replace(r#""caller":0"#, r#""caller":99"#).as_bytes());
    files.put("header.perfrec", &some_of_everything().bytes()[..100]);
    let messages: Vec<String> = [
        "torn.json",
        "newer.json",
        "foreign.json",
        "text.txt",
        "empty.json",
        "dangling.json",
        "header.perfrec",
        "no.json",
    ]
    .into_iter()
    .map(|name| {
        let (outcome, output, errors) = files.show(&[name], b"");
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{name}");
        errors
    })
    .collect();
    insta::assert_snapshot!("refusals", messages.concat());
    let (outcome, output, _) = files.show(&["torn.json", "run.json"], b"");
    assert_eq!(outcome, Outcome::Partial, "the other file is shown");
    assert!(output.contains("app::main"));
}

#[test]
fn wrong_arguments_fail_and_help_does_not() {
    let outcome = |arguments: &[&str]| {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
        let outcome = run(arguments.iter().copied(), &mut streams);
        (outcome, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
    };
    let (failed, output, errors) = outcome(&["perf-report", "show", "x.json", "--view", "tabel"]);
    assert_eq!((failed, output.as_str()), (Outcome::Failed, ""));
    assert!(errors.contains("the views are table, callers, resources, json"), "{errors}");
    let (complete, output, _) = outcome(&["cargo-perf-report", "perf-report", "--help"]);
    assert_eq!(complete, Outcome::Complete);
    assert!(output.contains("Exit status: 0 all was shown"), "{output}");
}

#[test]
fn the_binaries_hand_on_streams_and_status() {
    let files = Files::new();
    let of = |binary: &str, arguments: &[&str]| {
        let output =
            Command::new(binary).args(arguments).arg(files.path("run.json")).env("COLUMNS", "90").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let table = View::Table.render(&Files::snapshot(), &Style::plain().with_width(90));
    assert_eq!(of(env!("CARGO_BIN_EXE_perf-report"), &["show"]), (Some(0), table.clone()));
    assert_eq!(of(env!("CARGO_BIN_EXE_cargo-perf-report"), &["perf-report", "show"]), (Some(0), table));
    assert_eq!(of(env!("CARGO_BIN_EXE_perf-report"), &["shew"]).0, Some(2));
}

#[test]
fn a_reader_that_goes_away_ends_it_in_silence() {
    let files = Files::new();
    let mut snapshot = Files::snapshot();
    snapshot.functions.extend((0..20_000).map(|n| Function::new(format!("app::f{n}"))));
    snapshot.functions.iter_mut().for_each(|function| function.calls = 1);
    files.put("long.json", snapshot.to_json().as_bytes());
    let mut child = Command::new(env!("CARGO_BIN_EXE_perf-report"))
        .arg("show")
        .arg(files.path("long.json"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn a_running_process_is_told_by_its_lock() {
    let files = Files::new();
    let mut writer = some_of_everything();
    let state = perf_report::recording::layout::header::STATE;
    writer.words[state] = perf_report::recording::layout::header::STATE_RUNNING;
    files.put("live.perfrec", &writer.bytes());
    let mut file = fs::File::options().append(true).open(files.path("live.perfrec")).unwrap();
    assert!(files.show(&["live.perfrec"], b"").1.contains("· killed\n"));
    file.lock().unwrap();
    file.flush().unwrap();
    assert!(files.show(&["live.perfrec"], b"").1.contains("· still running\n"));
}
