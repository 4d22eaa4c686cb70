//! One run of a command.

use std::{
    fmt, fs,
    fs::File,
    io,
    path::{Path, PathBuf},
    process::{self, ExitStatus, Stdio},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use wait4::Wait4;

use crate::{Merge, Snapshot, SnapshotError};

/// The most of a command's standard error that a message shows.
const MOST_LINES: usize = 5;

/// A command and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(Vec<String>);

/// A run and what it measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// From start to end.
    pub wall_ns: u64,
    /// Processor time in the program.
    pub user_ns: u64,
    /// Processor time in the system.
    pub system_ns: u64,
    /// The most memory it held; not less than this process had when it started it.
    pub peak_bytes: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What its annotated processes recorded.
    #[serde(skip, default = "Snapshot::empty")]
    pub snapshot: Snapshot,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// By an exit status.
    Status(i32),
    /// By a signal.
    Signal(i32),
}

impl From<ExitStatus> for Outcome {
    fn from(status: ExitStatus) -> Outcome {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Outcome::Signal(signal);
        }
        Outcome::Status(status.code().unwrap_or(-1))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Status(status) => write!(f, "exit status {status}"),
            Outcome::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// Why a run gave nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum BenchError {
    /// A command line has an open quote, or nothing in it.
    Words(String),
    /// The command cannot be started.
    Start(String, io::Error),
    /// It failed.
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        outcome: Outcome,
        /// The end of what it said on standard error.
        said: String,
    },
    /// It left no snapshot.
    NotAnnotated(String),
    /// A snapshot that it left cannot be read.
    Snapshot(String, SnapshotError),
    /// A file of this process cannot be made or read.
    Io(PathBuf, io::Error),
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BenchError::Words(text) => {
                write!(f, "{text:?} is no command: it is empty, or a quote in it is not closed")
            }
            BenchError::Start(command, error) => {
                write!(f, "`{command}` cannot be started: {error}; give a program that is in PATH, or its path")
            }
            BenchError::Failed { command, outcome, said } => {
                write!(f, "`{command}` ended with {outcome}, so its figures are worth nothing")?;
                let hint = "; --allow-failure measures it all the same";
                if said.is_empty() { f.write_str(hint) } else { write!(f, "{hint}. It said:\n{said}") }
            }
            BenchError::NotAnnotated(command) => write!(
                f,
                "`{command}` left no recording: annotate functions with #[profile], build with perf-runtime's default \
                 features, and do not set PERF_ENABLED=0"
            ),
            BenchError::Snapshot(command, error) => write!(f, "what `{command}` recorded: {error}"),
            BenchError::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for BenchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BenchError::Start(_, error) | BenchError::Io(_, error) => Some(error),
            BenchError::Snapshot(_, error) => Some(error),
            BenchError::Words(_) | BenchError::Failed { .. } | BenchError::NotAnnotated(_) => None,
        }
    }
}

impl Command {
    /// A command of words, the program first; `None` if there is none.
    #[must_use]
    pub fn new(words: Vec<String>) -> Option<Command> {
        (!words.is_empty()).then_some(Command(words))
    }

    /// A command written in one text, quoted as in a shell.
    ///
    /// # Errors
    /// If a quote is not closed, or there is nothing.
    pub fn parse(text: &str) -> Result<Command, BenchError> {
        shlex::split(text).and_then(Command::new).ok_or_else(|| BenchError::Words(text.to_owned()))
    }

    /// Runs it once. Its standard output goes to a file, or nowhere; `folder` is for files of this run alone.
    ///
    /// # Errors
    /// If it cannot be started, fails (and that is not allowed), or records nothing.
    pub fn run(&self, folder: &Path, output: Option<&Path>, allow_failure: bool) -> Result<Run, BenchError> {
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |error| BenchError::Io(path, error)
        };
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        let said = folder.join("stderr");
        let stdout = match output {
            Some(path) => File::create(path).map_err(io_error(path))?.into(),
            None => Stdio::null(),
        };
        let mut report = std::ffi::OsString::from("json:");
        report.push(folder.join("%p.json"));
        let mut command = process::Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdin(Stdio::null()).stdout(stdout);
        command.stderr(File::create(&said).map_err(io_error(&said))?);
        command.env("PERF_REPORT", report).env_remove("PERF_RECORDING");
        let start = Instant::now();
        let ended =
            command.spawn().and_then(Wait4::wait4).map_err(|error| BenchError::Start(self.to_string(), error))?;
        let wall_ns = start.elapsed().as_nanos() as u64;
        let outcome = Outcome::from(ended.status);
        if outcome != Outcome::Status(0) && !allow_failure {
            return Err(BenchError::Failed { command: self.to_string(), outcome, said: last_lines(&said) });
        }
        let snapshot = self.collect(folder)?;
        Ok(Run {
            wall_ns,
            user_ns: ended.rusage.utime.as_nanos() as u64,
            system_ns: ended.rusage.stime.as_nanos() as u64,
            peak_bytes: ended.rusage.maxrss,
            outcome,
            snapshot,
        })
    }

    /// Runs it on two files; whether it ends with 0.
    pub(crate) fn judge(&self, one: &Path, other: &Path) -> Result<bool, BenchError> {
        let mut command = process::Command::new(&self.0[0]);
        command.args(&self.0[1..]).args([one, other]).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command.status().map_err(|error| BenchError::Start(self.to_string(), error))?.success())
    }

    /// What the processes of a run left; of several the sum.
    fn collect(&self, folder: &Path) -> Result<Snapshot, BenchError> {
        let io_error = |error| BenchError::Io(folder.to_owned(), error);
        let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut files: Vec<PathBuf> = entries.map_err(io_error)?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let mut snapshots = files.iter().map(|file| {
            let text = fs::read(file).map_err(io_error)?;
            Snapshot::from_json(&text).map_err(|error| BenchError::Snapshot(self.to_string(), error))
        });
        let first = snapshots.next().ok_or_else(|| BenchError::NotAnnotated(self.to_string()))??;
        let mut merge = None;
        for next in snapshots {
            merge
                .get_or_insert_with(|| {
                    let mut merge = Merge::new();
                    merge.add("first", first.clone());
                    merge
                })
                .add("further", next?);
        }
        Ok(merge.map_or(first, Merge::finish))
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.iter().map(|word| word.escape_debug().to_string());
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// The last lines of a file, harmless for a terminal.
fn last_lines(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<String> = text.lines().map(|line| format!("  {}", line.escape_debug())).collect();
    lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
}
