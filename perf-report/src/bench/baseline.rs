//! Runs kept under a name, to compare later ones with.
//!
//! A baseline is a folder: `run-01.json` and so on are the snapshots, so `perf-report diff`, `merge` and `show` read it as
//! they are; `processes.jsonl` has what was measured of the whole processes, a line per run; `stdout` what they printed,
//! if that was validated. It is written beside its name and moved there.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{Run, Runs};
use crate::{Snapshot, SnapshotError};

/// A name under a folder of baselines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    path: PathBuf,
}

/// Why a baseline cannot be kept or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum BaselineError {
    /// A name that is no name of a folder.
    Name(String),
    /// There is none of this name.
    Missing(PathBuf),
    /// A file cannot be read or written.
    Io(PathBuf, io::Error),
    /// A snapshot cannot be read.
    Snapshot(PathBuf, SnapshotError),
    /// The figures of the processes are not what they should be.
    Processes(PathBuf, usize, serde_json::Error),
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaselineError::Name(name) => {
                write!(f, "{name:?} is no name for a baseline; use letters, digits, dots, dashes and underscores")
            }
            BaselineError::Missing(path) => {
                write!(f, "{}: there is no such baseline; make it with --save", path.display())
            }
            BaselineError::Io(path, error) => write!(f, "{}: {error}", path.display()),
            BaselineError::Snapshot(path, error) => write!(f, "{}: {error}", path.display()),
            BaselineError::Processes(path, line, error) => {
                write!(f, "{}: line {line}: {error}; make the baseline again with --save", path.display())
            }
        }
    }
}

impl std::error::Error for BaselineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BaselineError::Io(_, error) => Some(error),
            BaselineError::Snapshot(_, error) => Some(error),
            BaselineError::Processes(_, _, error) => Some(error),
            BaselineError::Name(_) | BaselineError::Missing(_) => None,
        }
    }
}

impl Baseline {
    /// A baseline of this name, which need not exist yet.
    ///
    /// # Errors
    /// If the name would lead out of the folder.
    pub fn named(folder: &Path, name: &str) -> Result<Baseline, BaselineError> {
        let allowed = |character: char| character.is_alphanumeric() || ".-_".contains(character);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(allowed) {
            return Err(BaselineError::Name(name.to_owned()));
        }
        Ok(Baseline { path: folder.join(name) })
    }

    /// Keeps runs under the name, in place of what was there.
    ///
    /// # Errors
    /// If something cannot be written.
    pub fn save(&self, runs: &[Run], output: Option<&Path>) -> Result<(), BaselineError> {
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let write = || {
            fs::create_dir_all(&temporary)?;
            let mut processes = String::new();
            for (number, run) in (1..).zip(runs) {
                fs::write(temporary.join(format!("run-{number:04}.json")), run.snapshot.to_json() + "\n")?;
                processes += &(serde_json::to_string(run).map_err(io::Error::other)? + "\n");
            }
            fs::write(temporary.join("processes.jsonl"), processes)?;
            if let Some(output) = output {
                fs::copy(output, temporary.join("stdout"))?;
            }
            if self.path.exists() {
                fs::remove_dir_all(&self.path)?;
            }
            fs::rename(&temporary, &self.path)
        };
        write().map_err(|error| {
            let _ = fs::remove_dir_all(&temporary);
            BaselineError::Io(self.path.clone(), error)
        })
    }

    /// What the runs printed, if it was kept.
    #[must_use]
    pub fn output(&self) -> Option<PathBuf> {
        Some(self.path.join("stdout")).filter(|path| path.exists())
    }

    /// The runs that were kept.
    ///
    /// # Errors
    /// If there are none, or they cannot be read.
    pub fn load(&self) -> Result<Runs, BaselineError> {
        if !self.path.is_dir() {
            return Err(BaselineError::Missing(self.path.clone()));
        }
        let processes = self.path.join("processes.jsonl");
        let text = fs::read_to_string(&processes).map_err(|error| BaselineError::Io(processes.clone(), error))?;
        let mut runs = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let run: Run = serde_json::from_str(line)
                .map_err(|error| BaselineError::Processes(processes.clone(), number, error))?;
            let file = self.path.join(format!("run-{number:04}.json"));
            let text = fs::read(&file).map_err(|error| BaselineError::Io(file.clone(), error))?;
            let snapshot = Snapshot::from_json(&text).map_err(|error| BaselineError::Snapshot(file, error))?;
            runs.push(Run { snapshot, ..run });
        }
        Ok(Runs { command: self.path.display().to_string(), runs })
    }
}
