//! The output and the status of a child that ended.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;

use perf_report::Snapshot;
use tempfile::TempDir;

use crate::figures::read;

/// The output and the status of a program that ended.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    pub(super) folder: TempDir,
}

impl Ended {
    /// Asserts an exit status.
    #[track_caller]
    pub fn exited(&self, code: i32) -> &Ended {
        assert_eq!(self.status.code(), Some(code), "{}; on standard error: {}", self.status, self.stderr);
        self
    }

    /// Asserts that a signal ended it.
    #[track_caller]
    pub fn killed_by(&self, signal: i32) -> &Ended {
        assert_eq!(self.status.signal(), Some(signal), "{}; on standard error: {}", self.status, self.stderr);
        self
    }

    /// Asserts that it said nothing on standard error.
    #[track_caller]
    pub fn silent(&self) -> &Ended {
        assert_eq!(self.stderr, "");
        self
    }

    /// Asserts that it said one line on standard error, with these parts.
    #[track_caller]
    pub fn said_one_line(&self, parts: &[&str]) -> &Ended {
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        self.said(parts)
    }

    /// Asserts that it said these parts on standard error, in a line of the runtime's own.
    #[track_caller]
    pub fn said(&self, parts: &[&str]) -> &Ended {
        let own = |line: &&str| line.starts_with("perf: ") && parts.iter().all(|part| line.contains(part));
        assert!(self.stderr.lines().any(|line| own(&line)), "no line with {parts:?}: {}", self.stderr);
        self
    }

    /// Names of the files it left, in order.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The path of a file of its folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A snapshot that it wrote.
    #[track_caller]
    #[must_use]
    pub fn snapshot(&self, name: &str) -> Snapshot {
        let text = fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}: {self:?}"));
        Snapshot::from_json(&text).unwrap()
    }

    /// The snapshot that [`Program::reporting`](super::Program::reporting) asked for.
    #[track_caller]
    #[must_use]
    pub fn report(&self) -> Snapshot {
        self.snapshot("report.json")
    }

    /// The recording that [`Program::recording`](super::Program::recording) asked for. It must be sound.
    #[track_caller]
    #[must_use]
    pub fn recording(&self) -> Snapshot {
        read(&self.path("app.perfrec"))
    }
}
