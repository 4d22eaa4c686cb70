//! Child processes: the small programs of `tests/src/bin` in a folder of their own, and what they leave behind.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use perf_report::recording::{Reading, Recording};
use perf_report::{Function, Snapshot};
use tempfile::TempDir;

/// A child that takes longer hangs. Far longer than any of them needs, on however slow a machine.
const HANGS: Duration = Duration::from_secs(60);

/// A program that is about to run, in a folder of its own and with nothing asked of perf by the environment.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    folder: TempDir,
}

/// A program of this package.
macro_rules! program {
    ($name:literal $(, $argument:expr)*) => {
        $crate::child::Program::new(env!(concat!("CARGO_BIN_EXE_", $name)))$(.arg($argument))*
    };
}
pub(crate) use program;

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Program {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(program);
        command.current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("PERF_") {
                command.env_remove(variable);
            }
        }
        Program { command, folder }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Program {
        self.command.arg(argument);
        self
    }

    pub(crate) fn env(mut self, variable: &str, value: impl AsRef<OsStr>) -> Program {
        self.command.env(variable, value);
        self
    }

    /// Asks for the snapshot that [`Ended::report`] reads.
    pub(crate) fn reporting(self) -> Program {
        self.env("PERF_REPORT", "json:report.json")
    }

    /// Asks for the recording that [`Ended::recording`] reads.
    pub(crate) fn recording(self) -> Program {
        self.env("PERF_RECORDING", "app.perfrec")
    }

    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Program {
        self.command.stdout(to);
        self
    }

    pub(crate) fn stderr(mut self, to: impl Into<Stdio>) -> Program {
        self.command.stderr(to);
        self
    }

    /// Runs it by a shell line in which `"$0" "$@"` stands for the program and its arguments.
    pub(crate) fn through_shell(self, line: &str) -> Program {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(line).arg(self.command.get_program()).args(self.command.get_args());
        shell.current_dir(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (variable, value) in self.command.get_envs() {
            match value {
                Some(value) => shell.env(variable, value),
                None => shell.env_remove(variable),
            };
        }
        Program { command: shell, folder: self.folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn start(mut self) -> Running {
        let mut child = self.command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take();
        let stdout = thread::spawn(move || {
            let mut all = String::new();
            let Some(stdout) = stdout else { return all };
            for line in BufReader::new(stdout).lines() {
                let line = line.unwrap();
                all.push_str(&line);
                all.push('\n');
                let _ = sender.send(line);
            }
            all
        });
        let stderr = child.stderr.take();
        let stderr = thread::spawn(move || {
            let mut all = Vec::new();
            if let Some(mut stderr) = stderr {
                stderr.read_to_end(&mut all).unwrap();
            }
            String::from_utf8_lossy(&all).into_owned()
        });
        Running { child, lines, stdout, stderr, folder: self.folder, deadline: Instant::now() + HANGS }
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        self.start().end()
    }
}

/// A program that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    folder: TempDir,
    deadline: Instant,
}

impl Running {
    /// Waits for its next line on standard output.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(HANGS).expect("the child says something more")
    }

    /// Waits until it says a line.
    pub(crate) fn wait_for(&self, line: &str) {
        while self.line() != line {}
    }

    /// Gives it a line on standard input.
    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&self, signal: libc::c_int) {
        kill(self.pid(), signal);
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits for its end. Panics if it hangs.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.child.stdin.take());
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > self.deadline => {
                    self.child.kill().unwrap();
                    panic!("hangs; on standard error: {}", self.stderr.join().unwrap());
                }
                None => thread::sleep(Duration::from_millis(2)),
            }
        };
        let (stdout, stderr) = (self.stdout.join().unwrap(), self.stderr.join().unwrap());
        Ended { status, stdout, stderr, folder: self.folder }
    }
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn holds_in_time(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + HANGS;
    while !condition() {
        assert!(Instant::now() < deadline, "it does not come to that");
        thread::sleep(Duration::from_millis(2));
    }
}

#[allow(unsafe_code, reason = "signals are sent by a system call")]
pub(crate) fn kill(pid: u32, signal: libc::c_int) {
    // SAFETY: kill reads no memory of ours; the process is a child that has not been waited for.
    assert_eq!(unsafe { libc::kill(libc::pid_t::try_from(pid).unwrap(), signal) }, 0);
}

/// What a program left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    folder: TempDir,
}

impl Ended {
    /// Asserts an exit status.
    #[track_caller]
    pub(crate) fn exited(&self, code: i32) -> &Ended {
        assert_eq!(self.status.code(), Some(code), "{}; on standard error: {}", self.status, self.stderr);
        self
    }

    /// Asserts that a signal ended it.
    #[track_caller]
    pub(crate) fn killed_by(&self, signal: i32) -> &Ended {
        assert_eq!(self.status.signal(), Some(signal), "{}; on standard error: {}", self.status, self.stderr);
        self
    }

    /// Asserts that it said nothing on standard error.
    #[track_caller]
    pub(crate) fn silent(&self) -> &Ended {
        assert_eq!(self.stderr, "");
        self
    }

    /// Asserts that it said one line on standard error, with these parts.
    #[track_caller]
    pub(crate) fn said_one_line(&self, parts: &[&str]) -> &Ended {
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        self.said(parts)
    }

    /// Asserts that it said these parts on standard error, in a line of the runtime's own.
    #[track_caller]
    pub(crate) fn said(&self, parts: &[&str]) -> &Ended {
        let own = |line: &&str| line.starts_with("perf: ") && parts.iter().all(|part| line.contains(part));
        assert!(self.stderr.lines().any(|line| own(&line)), "no line with {parts:?}: {}", self.stderr);
        self
    }

    /// Names of the files it left, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn snapshot(&self, name: &str) -> Snapshot {
        let text = fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}: {self:?}"));
        Snapshot::from_json(&text).unwrap()
    }

    /// The snapshot that [`Program::reporting`] asked for.
    #[track_caller]
    pub(crate) fn report(&self) -> Snapshot {
        self.snapshot("report.json")
    }

    /// The recording that [`Program::recording`] asked for. It must be sound.
    #[track_caller]
    pub(crate) fn recording(&self) -> Snapshot {
        read(&self.path("app.perfrec"))
    }
}

/// Reads a recording, which must be sound.
#[track_caller]
pub(crate) fn read(path: &Path) -> Snapshot {
    let Reading { snapshot, damages, .. } = Recording::open(path).unwrap().read().unwrap();
    assert_eq!(damages, []);
    snapshot
}

/// The figures of a function, by the last part of its path.
#[track_caller]
pub(crate) fn function<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Function {
    let found = snapshot.functions.iter().find(|function| function.name.rsplit("::").next() == Some(name));
    found.unwrap_or_else(|| panic!("no function {name} in {snapshot:?}"))
}

/// Calls of a function that were recorded, and those of its callers, which must be as many.
#[track_caller]
pub(crate) fn calls(snapshot: &Snapshot, name: &str) -> u64 {
    let function = function(snapshot, name);
    assert_eq!(function.callers.iter().map(|caller| caller.calls).sum::<u64>(), function.calls, "callers of {name}");
    function.calls
}

/// Calls that stand in no function's row.
pub(crate) fn lost(snapshot: &Snapshot) -> u64 {
    snapshot.losses.lost_calls + snapshot.losses.overflow_calls
}
