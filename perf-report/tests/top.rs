//! `top` without a terminal: what it refuses, what it prints, how it finds processes. On a terminal it is tested by
//! `terminal.rs`.
#![cfg(all(feature = "command", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[allow(dead_code, reason = "each test file needs some of it")]
mod programs;
#[allow(dead_code, reason = "each test file needs some of it")]
mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use insta::assert_snapshot;
use perf_report::{command::Outcome, recording::layout::header};
use programs::Folder;
use support::{Writer, some_of_everything};

/// A shell that has files open, and ends with the test.
struct Holder(Child);

impl Holder {
    /// `redirections` is how the shell opens them.
    fn of(folder: &Folder, redirections: &str) -> Holder {
        let script = format!("exec {redirections}; echo ready; exec sleep 1000");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(folder.path("")).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Holder(child)
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("app.perfrec", some_of_everything().bytes());
    folder
}

#[test]
fn every_refusal_names_a_remedy() {
    let folder = folder();
    folder.put("empty", "");
    folder.put("notes.txt", "no recording at all");
    folder.put("run.json", "{}");
    folder.put("folder/notes.txt", "");
    let mut refusals = String::new();
    for line in [
        "top @app.perfrec",
        "top @missing.perfrec --batch",
        "top @empty --batch",
        "top @notes.txt --batch",
        "top @run.json --batch",
        "top 4294967295 --batch",
        "top @app.perfrec --sort speed --batch",
        "top @app.perfrec --interval 1 --batch",
        "top @app.perfrec --interval 1ns --batch",
        "top @app.perfrec -n 3",
        "top @app.perfrec --batch -n 0",
        "top @app.perfrec --batch --limit 0",
        "top @folder --batch",
        "top /dev/null --batch",
    ] {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{line}");
        refusals += &format!("$ {line}\n{errors}\n");
    }
    assert_snapshot!("refusals", refusals);
}

#[test]
fn an_ended_process_is_printed_once() {
    let folder = folder();
    let (outcome, output, errors) = folder.run("top @app.perfrec --batch --frames 5 --interval 1h");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert_snapshot!("ended", output);
    let of = |arguments: &str| folder.run(&format!("top @app.perfrec --batch {arguments}")).1;
    assert_snapshot!("ended_calls", of("--pane calls"));
    let process = of("--pane process");
    // How long the look took is different each time.
    assert_snapshot!("ended_process", process.split("• The recording").next().unwrap());
    assert!(of("--pane resources").contains("The program declares no lazy resource."));
}

#[test]
fn options_order_filter_and_limit() {
    let folder = folder();
    let names = |arguments: &str| {
        let (_, output, _) = folder.run(&format!("top @app.perfrec --batch {arguments}"));
        let rows = output.lines().filter(|line| line.starts_with("app::"));
        rows.map(|row| row.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("--sort name"), ["app::main", "app::parse", "app::serve"]);
    assert_eq!(names("--sort name --reverse"), ["app::serve", "app::parse", "app::main"]);
    assert_eq!(names("--sort calls --limit 1"), ["app::parse"]);
    assert_eq!(names("--sort name --filter *s*e"), ["app::parse", "app::serve"]);
    assert_eq!(names("--filter main"), ["app::main"]);
}

#[test]
fn a_damaged_recording_is_shown_and_said_to_be() {
    let folder = Folder::new();
    let mut writer = some_of_everything();
    writer.words[header::MONITOR] = 3;
    folder.put("app.perfrec", writer.bytes());
    let (outcome, output, errors) = folder.run("top @app.perfrec --batch");
    assert_eq!(outcome, Outcome::Partial);
    assert!(output.contains("app::parse") && output.contains("! damaged: byte"), "{output}");
    assert!(errors.starts_with("warning: damaged: byte"), "{errors}");
}

#[test]
fn a_process_is_found_by_its_id() {
    let folder = folder();
    let run = |holder: &Holder| folder.run(&format!("top {} --batch", holder.pid()));
    let (outcome, output, _) = run(&Holder::of(&folder, "3< app.perfrec 4< app.perfrec 5< /dev/null"));
    assert!(outcome == Outcome::Complete && output.starts_with("wordcount"), "{output}");

    let without = Holder::of(&folder, "3< /dev/null");
    let (outcome, _, errors) = run(&without);
    let (begin, end) = (format!("error: process {} (s", without.pid()), ") does not record to a file; start it with");
    assert!(errors.starts_with(&begin) && errors.contains(end), "{errors}");
    assert_eq!(outcome, Outcome::Failed);

    folder.put("other.perfrec", Writer::new().bytes());
    let both = Holder::of(&folder, "3< app.perfrec 4< other.perfrec");
    let (outcome, _, errors) = run(&both);
    assert_eq!(outcome, Outcome::Failed);
    let end = "has several recordings open; give the path of one of them: @app.perfrec @other.perfrec\n";
    assert!(errors.ends_with(end), "{errors}");
}

#[test]
fn of_several_recordings_the_processs_own_is_watched() {
    let folder = folder();
    let holder = Holder::of(&folder, "3< app.perfrec 4<> own.perfrec");
    let mut writer = Writer::new();
    writer.words[header::PID] = holder.pid().into();
    folder.put("own.perfrec", writer.bytes());
    let (outcome, output, errors) = folder.run(&format!("top {} --batch", holder.pid()));
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains(&format!("pid {}", holder.pid())), "{output}");
    // The shell has it open, so the system is asked about it.
    assert!(output.contains("memory "), "{output}");
}

#[test]
fn help_names_the_target_and_the_keys() {
    let (outcome, output, _) = folder().run("top --help");
    // It is as wide as the terminal of whoever runs the tests.
    let output = output.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(outcome, Outcome::Complete);
    for told in ["PERF_RECORDING=FILE", "--batch", "? shows all keys", "rate, time, self"] {
        assert!(output.contains(told), "{told}: {output}");
    }
}

/// `top` printing moments of a recording whose writer seems to live, until something happens to the file.
struct Printing {
    top: Child,
    output: BufReader<std::process::ChildStdout>,
    _lock: fs::File,
}

impl Printing {
    fn of(folder: &Folder) -> Printing {
        let mut writer = some_of_everything();
        writer.words[header::STATE] = header::STATE_RUNNING;
        folder.put("app.perfrec", writer.bytes());
        let lock = fs::File::open(folder.path("app.perfrec")).unwrap();
        lock.lock().unwrap();
        let mut command = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
        command.arg("top").arg(folder.path("app.perfrec")).args(["--batch", "--interval", "20ms"]);
        let mut top = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(top.stdout.take().unwrap());
        let mut title = String::new();
        output.read_line(&mut title).unwrap();
        assert!(title.starts_with("wordcount · running · pid 4242 ·"), "{title}");
        Printing { top, output, _lock: lock }
    }

    /// The last lines that it prints, its errors, and its exit status.
    fn end(mut self) -> (String, String, Option<i32>) {
        let (mut output, mut errors) = (String::new(), String::new());
        self.output.read_to_string(&mut output).unwrap();
        self.top.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let last = output.split("\n\n").last().unwrap().to_owned();
        (last, errors, self.top.wait().unwrap().code())
    }
}

#[test]
fn a_recording_that_takes_the_place_of_another_is_followed() {
    let folder = Folder::new();
    let top = Printing::of(&folder);
    let mut next = some_of_everything();
    next.words[header::PID] = 77;
    folder.put("next", next.bytes());
    fs::rename(folder.path("next"), folder.path("app.perfrec")).unwrap();
    let (last, errors, status) = top.end();
    assert!(last.starts_with("wordcount · closed · run 2 · pid 77 ·"), "{last}");
    assert!(last.contains("values of the whole recording"), "nothing of the run before counts: {last}");
    assert_eq!((errors.as_str(), status), ("", Some(0)));
}

#[test]
fn a_recording_that_can_no_longer_be_read_leaves_the_last_values() {
    let folder = Folder::new();
    let top = Printing::of(&folder);
    // In place: it is the same file.
    folder.put("app.perfrec", "something else".repeat(100));
    let (last, errors, status) = top.end();
    assert!(last.contains("! not a recording") && last.contains("app::parse"), "{last}");
    assert!(errors.starts_with("error: not a recording"), "{errors}");
    assert_eq!(status, Some(1));
}

#[test]
fn a_removed_file_is_read_to_its_end() {
    let folder = Folder::new();
    let mut top = Printing::of(&folder);
    fs::remove_file(folder.path("app.perfrec")).unwrap();
    let mut lines = String::new();
    while !lines.contains("rates of") {
        top.output.read_line(&mut lines).unwrap();
    }
    assert!(lines.contains("running") && !lines.contains("! not"), "{lines}");
    top.top.kill().unwrap();
    top.end();
}
