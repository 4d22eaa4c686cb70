//! The command: what it prints where, and its exit status.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod support;

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::Stdio,
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
        let outcome = run(["perfrec".into(), "show".into()].into_iter().chain(arguments), &mut streams);
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
    assert!(errors.starts_with("warning: cut.perfrec: damaged: byte 112: there are "), "{errors}");
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
    let (failed, output, errors) = outcome(&["perfrec", "show", "x.json", "--view", "tabel"]);
    assert_eq!((failed, output.as_str()), (Outcome::Failed, ""));
    assert!(errors.contains("the views are table, callers, resources, json"), "{errors}");
    for (arguments, usage) in [
        (&["/bin/cargo-perf-report", "perf-report", "--help"] as &[&str], "\nUsage: cargo perf-report <COMMAND>\n"),
        (&["/bin/perfrec", "--help"], "\nUsage: perfrec <COMMAND>\n"),
    ] {
        let (complete, output, _) = outcome(arguments);
        assert_eq!(complete, Outcome::Complete);
        assert!(output.contains(usage) && output.contains("This is not the `perf report` of Linux"), "{output}");
    }
    let (_, output, _) = outcome(&["cargo-perf-report", "perf-report", "show", "--help"]);
    assert!(output.contains("Usage: cargo perf-report show [OPTIONS] <FILE>..."), "{output}");
}

#[test]
fn every_option_is_explained_in_one_sentence() {
    let mut help = String::new();
    for command in ["", "show", "top", "merge", "check", "diff", "bench", "export", "serve", "mcp"] {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
        let arguments = ["cargo-perf-report", "perf-report", command, "-h"];
        let outcome = run(arguments.iter().filter(|word| !word.is_empty()).copied(), &mut streams);
        assert_eq!(outcome, Outcome::Complete, "{command}");
        help += &format!("$ cargo perf-report {command}\n{}\n", String::from_utf8(output).unwrap());
    }
    insta::assert_snapshot!("help", help);
}

#[test]
fn the_binaries_hand_on_streams_and_status() {
    let files = Files::new();
    let of = |binary: &str, arguments: &[&str]| {
        let mut command = perf_test_support::command(binary);
        let output = command.args(arguments).arg(files.path("run.json")).env("COLUMNS", "90").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let table = View::Table.render(&Files::snapshot(), &Style::plain().with_width(90));
    assert_eq!(of(env!("CARGO_BIN_EXE_perfrec"), &["show"]), (Some(0), table.clone()));
    assert_eq!(of(env!("CARGO_BIN_EXE_cargo-perf-report"), &["perf-report", "show"]), (Some(0), table));
    assert_eq!(of(env!("CARGO_BIN_EXE_perfrec"), &["shew"]).0, Some(2));
}

/// A pipe whose reader has gone.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn the_verdict_survives_a_reader_that_goes_away() {
    let files = Files::new();
    let mut slow = Files::snapshot();
    slow.functions[0].budgets = vec![perf_report::Budget::new("calls", 0)];
    files.put("slow.json", slow.to_json().as_bytes());
    files.put("torn.json", b"{");
    let mut free = Snapshot::empty();
    free.functions.push(Function::new("app::free"));
    files.put("free.json", free.to_json().as_bytes());
    let outcome = |line: &str| {
        let words = line.split(' ').map(|word| match Path::new(word).extension() {
            Some(_) => files.path(word).into_os_string(),
            None => word.into(),
        });
        let (mut output, mut errors) = (Broken, Broken);
        let mut streams =
            Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
        run(std::iter::once("perfrec".into()).chain(words), &mut streams)
    };
    assert_eq!(outcome("check slow.json"), Outcome::Found);
    assert_eq!(outcome("check slow.json torn.json"), Outcome::Failed);
    assert_eq!(outcome("check free.json"), Outcome::Failed, "no budget, no verdict");
    assert_eq!(outcome("diff run.json torn.json"), Outcome::Failed);
    assert_eq!(outcome("show run.json torn.json"), Outcome::Partial);
    assert_eq!(outcome("show run.json"), Outcome::Complete);
    assert_eq!(outcome("merge run.json torn.json"), Outcome::Partial);
    assert_eq!(outcome("top app.perfrec --batch"), Outcome::Complete);
}

#[test]
fn a_full_disk_is_an_error() {
    let Ok(mut full) = fs::File::options().write(true).open("/dev/full") else { return };
    let files = Files::new();
    let path = files.path("run.json").into_os_string();
    let mut errors = Vec::new();
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut full, errors: &mut errors, style: Style::plain() };
    assert_eq!(run(["perfrec".into(), "show".into(), path], &mut streams), Outcome::Failed);
    let errors = String::from_utf8(errors).unwrap();
    assert!(errors.starts_with("error: the output cannot be written: "), "{errors}");
}

#[test]
fn a_directory_is_its_runs_each_process_once() {
    let files = Files::new();
    let folder = files.path("runs");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("app.perfrec"), some_of_everything().bytes()).unwrap();
    fs::write(folder.join("app.json"), Files::snapshot().to_json()).unwrap();
    let mut other = Files::snapshot();
    other.process.pid += 1;
    fs::write(folder.join("other.json"), other.to_json()).unwrap();
    let show = |arguments: &[&str]| {
        let arguments: Vec<&str> = std::iter::once(folder.to_str().unwrap()).chain(arguments.iter().copied()).collect();
        files.show(&arguments, b"")
    };
    let (outcome, output, errors) = show(&[]);
    assert_eq!(outcome, Outcome::Complete);
    assert_eq!(output.matches("% wall").count(), 2, "{output}");
    assert_eq!(errors, "warning: runs/app.json: left out, because runs/app.perfrec is about the same process\n");
    let (_, rows, _) = show(&["--format", "csv"]);
    assert!(rows.lines().skip(1).all(|row| row.contains("app.perfrec,") || row.contains("other.json,")), "{rows}");
    let (outcome, _, errors) = show(&["--format", "html"]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("an HTML page shows one file"), "{errors}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_like_a_file() {
    let files = Files::new();
    let script = "\"$0\" show <(cat \"$1\"); \"$0\" show <(cat \"$2\")";
    let output = perf_test_support::command("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_perfrec")])
        .args([files.path("app.perfrec"), files.path("run.json")])
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let table = files.show(&["app.perfrec"], b"").1;
    assert_eq!((String::from_utf8(output.stdout).unwrap(), errors.as_str()), (format!("{table}{table}"), ""));
    let top = "\"$0\" top --batch <(cat \"$1\")";
    let output = perf_test_support::command("bash")
        .args(["-c", top, env!("CARGO_BIN_EXE_perfrec")])
        .arg(files.path("app.perfrec"))
        .output();
    let output = output.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && errors.contains("not a regular file"), "{errors}");
}

#[test]
fn a_reader_that_goes_away_ends_it_in_silence() {
    let files = Files::new();
    let mut snapshot = Files::snapshot();
    snapshot.functions.extend((0..20_000).map(|n| Function::new(format!("app::f{n}"))));
    snapshot.functions.iter_mut().for_each(|function| function.calls = 1);
    files.put("long.json", snapshot.to_json().as_bytes());
    let mut child = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"))
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
