//! Why a command could not be measured.

use std::{fmt, io, path::PathBuf};

use super::{
    command_line::{CommandLine, Exit},
    harness::{Harness, HarnessError},
};
use crate::SnapshotError;
use crate::command::nearest::listed;

/// Why a command could not be measured.
#[derive(Debug)]
pub(super) enum BenchError {
    /// A command line is empty or has an open quote.
    Words(String),
    /// The command cannot be started.
    Start(String, io::Error),
    /// The command failed.
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        exit: Exit,
        /// The last lines of its standard error.
        said: String,
    },
    /// The command left no snapshot.
    NotAnnotated(String),
    /// No annotated function was called in any run of the command.
    NothingRan(String),
    /// The command left a snapshot that cannot be read.
    Snapshot(String, SnapshotError),
    /// The command left snapshots, but of other programs: these.
    NoProgram(String, Vec<String>),
    /// The command ran no benchmark of the harness.
    NoBenchmarks(String, Harness),
    /// The results of a harness cannot be read.
    Harness(HarnessError),
    /// There is no Valgrind.
    NoValgrind,
    /// The folder for temporary files has a blank in its name, which a runner of cargo cannot have.
    BlankInPath(PathBuf),
    /// Callgrind left no count.
    NotCounted(String),
    /// A file of this process cannot be made or read.
    Io(PathBuf, io::Error),
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BenchError::Words(text) => {
                write!(f, "{text:?} is not a command; write a program and its arguments, and close every quote")
            }
            BenchError::Start(command, error) => {
                write!(f, "`{command}` cannot be started: {error}; give a program that is in PATH, or a path")
            }
            BenchError::Failed { command, exit, said } => {
                write!(f, "`{command}` failed with {exit}; correct it, or measure it anyway with --allow-failure")?;
                if said.is_empty() { Ok(()) } else { write!(f, "\n{said}") }
            }
            BenchError::NotAnnotated(command) => write!(
                f,
                "`{command}` recorded nothing; annotate functions with #[profile], build with the default features of \
                 perf-runtime, and unset PERF_ENABLED"
            ),
            BenchError::NothingRan(command) => write!(
                f,
                "`{command}` called no annotated function, so there is nothing to measure; choose tests or arguments with which it does, or \
                 annotate what it calls with #[profile]"
            ),
            BenchError::NoProgram(command, programs) => {
                write!(f, "`{command}` ran no annotated program that --program chooses, but {}", listed(programs))
            }
            BenchError::NoBenchmarks(command, harness) => {
                let other = match harness {
                    Harness::Criterion => "--from divan",
                    Harness::Divan => "--from criterion",
                };
                write!(
                    f,
                    "`{command}` ran no benchmark of {harness}; name one with --bench, write {other} if it uses that, or remove --from \
                     to measure annotated functions"
                )
            }
            BenchError::Harness(error) => error.fmt(f),
            BenchError::NoValgrind => write!(
                f,
                "counting instructions needs Valgrind, which is not in PATH; install the package valgrind, or remove --count"
            ),
            BenchError::BlankInPath(path) => write!(
                f,
                "{}: cargo takes no runner with a blank in it; set TMPDIR to a folder without one",
                path.display()
            ),
            BenchError::NotCounted(command) => {
                write!(
                    f,
                    "Valgrind counted nothing of `{command}`; try `valgrind --tool=callgrind {command}`, or remove --count"
                )
            }
            BenchError::Snapshot(command, error) => write!(f, "the recording of `{command}`: {error}"),
            BenchError::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for BenchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BenchError::Start(_, error) | BenchError::Io(_, error) => Some(error),
            BenchError::Snapshot(_, error) => Some(error),
            BenchError::Harness(error) => Some(error),
            BenchError::Words(_)
            | BenchError::Failed { .. }
            | BenchError::NoValgrind
            | BenchError::NotCounted(_)
            | BenchError::BlankInPath(_)
            | BenchError::NoProgram(..)
            | BenchError::NothingRan(_)
            | BenchError::NoBenchmarks(..)
            | BenchError::NotAnnotated(_) => None,
        }
    }
}

impl BenchError {
    /// Why the results of a command cannot be read.
    pub(super) fn of_harness(command: &CommandLine, error: HarnessError) -> BenchError {
        match error {
            HarnessError::Nothing(harness, _) => BenchError::NoBenchmarks(command.to_string(), harness),
            error => BenchError::Harness(error),
        }
    }
}
