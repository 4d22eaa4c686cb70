//! Child processes: small programs, each in a known state and in a folder of its own, and what they leave behind.

mod ended;
mod running;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub use ended::Ended;
pub use running::{Running, kill};

/// A program that is about to run, in a folder of its own and with nothing asked of perf by the environment.
#[derive(Debug)]
pub struct Program {
    command: Command,
    folder: TempDir,
}

/// A program of the package that the test belongs to.
#[macro_export]
macro_rules! program {
    ($name:literal $(, $argument:expr)*) => {
        $crate::child::Program::new(env!(concat!("CARGO_BIN_EXE_", $name)))$(.arg($argument))*
    };
}

impl Program {
    /// A program by its path.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Program {
        let folder = TempDir::new().unwrap();
        let command = prepare(program, &folder);
        Program { command, folder }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Program {
        self.command.arg(argument);
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, variable: &str, value: impl AsRef<OsStr>) -> Program {
        self.command.env(variable, value);
        self
    }

    /// Asks for the snapshot that [`Ended::report`] reads.
    #[must_use]
    pub fn reporting(self) -> Program {
        self.env("PERF_REPORT", "json:report.json")
    }

    /// Asks for the recording that [`Ended::recording`] reads.
    #[must_use]
    pub fn recording(self) -> Program {
        self.env("PERF_RECORDING", "app.perfrec")
    }

    /// Gives it another standard output.
    #[must_use]
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Program {
        self.command.stdout(to);
        self
    }

    /// Gives it another standard error.
    #[must_use]
    pub fn stderr(mut self, to: impl Into<Stdio>) -> Program {
        self.command.stderr(to);
        self
    }

    /// Runs it by a shell line in which `"$0" "$@"` stands for the program and its arguments.
    #[must_use]
    pub fn through_shell(self, line: &str) -> Program {
        let mut shell = prepare("sh", &self.folder);
        shell.arg("-c").arg(line).arg(self.command.get_program()).args(self.command.get_args());
        for (variable, value) in self.command.get_envs() {
            if let Some(value) = value {
                shell.env(variable, value);
            }
        }
        Program { command: shell, folder: self.folder }
    }

    /// The folder that it will run in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it.
    #[must_use]
    pub fn start(mut self) -> Running {
        let child = self.command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        Running::new(child, self.folder)
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(self) -> Ended {
        self.start().end()
    }
}

fn prepare(program: impl AsRef<OsStr>, folder: &TempDir) -> Command {
    let mut command = perf_test_support::command(program);
    command.current_dir(folder).env("HOME", folder.path()).env("TMPDIR", folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
