//! Baselines: runs that are kept under a name for later comparisons.
//!
//! A baseline is a folder. `run-0001.json` and so on are the snapshots, so `diff`, `merge` and `show` read the folder as it is;
//! `processes.jsonl` has a line of measurements per run; `stdout` is the output, if the runs were validated. A baseline is
//! written under another name and then moved to its own.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{command_line::MeasuredRun, runs::MeasuredRuns};
use crate::{Snapshot, SnapshotError, command::runs::set_usual_permissions};

/// The file with a line of measurements per run.
pub(super) const PROCESSES: &str = "processes.jsonl";

/// The number of the run that a snapshot's file is of, by its name.
pub(super) fn run_number(name: &str) -> Option<usize> {
    name.strip_prefix("run-")?.strip_suffix(".json")?.parse().ok()
}

/// A name in a folder of baselines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Baseline {
    path: PathBuf,
}

/// Why a baseline cannot be kept or read.
#[derive(Debug)]
pub(super) enum BaselineError {
    /// The name cannot be the name of a folder.
    Name(String),
    /// There is no baseline of this name.
    Missing(PathBuf),
    /// A file cannot be read or written.
    Io(PathBuf, io::Error),
    /// A snapshot cannot be read.
    Snapshot(PathBuf, SnapshotError),
    /// A line of measurements cannot be read.
    Processes(PathBuf, usize, serde_json::Error),
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BaselineError::Name(name) => write!(
                f,
                "{name:?} is not a name for a baseline; use letters, digits, dots, dashes and underscores, and no dot in front"
            ),
            BaselineError::Missing(path) => {
                write!(f, "{}: this baseline does not exist; make it with --save", path.display())
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
    /// The baseline of a name, whether or not it exists.
    ///
    /// # Errors
    /// If the name would lead out of the folder.
    pub(super) fn named(folder: &Path, name: &str) -> Result<Baseline, BaselineError> {
        let allowed = |character: char| character.is_alphanumeric() || ".-_".contains(character);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(allowed) {
            return Err(BaselineError::Name(name.to_owned()));
        }
        Ok(Baseline { path: folder.join(name) })
    }

    /// Keeps runs, in place of those that had this name before.
    ///
    /// # Errors
    /// If something cannot be written.
    pub(super) fn save(&self, runs: &[MeasuredRun], output: Option<&Path>) -> Result<(), BaselineError> {
        let write = || {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut builder = tempfile::Builder::new();
            set_usual_permissions(&mut builder, 0o777);
            let temporary = builder.tempdir_in(folder)?;
            let mut processes = String::new();
            for (number, run) in (1..).zip(runs) {
                fs::write(temporary.path().join(format!("run-{number:04}.json")), run.snapshot.to_json() + "\n")?;
                processes += &(serde_json::to_string(run).map_err(io::Error::other)? + "\n");
            }
            fs::write(temporary.path().join(PROCESSES), processes)?;
            if let Some(output) = output {
                fs::copy(output, temporary.path().join("stdout"))?;
            }
            if self.path.exists() {
                fs::remove_dir_all(&self.path)?;
            }
            fs::rename(temporary.path(), &self.path)
        };
        write().map_err(|error| BaselineError::Io(self.path.clone(), error))
    }

    /// The output of the runs, if it was kept.
    pub(super) fn output(&self) -> Option<PathBuf> {
        Some(self.path.join("stdout")).filter(|path| path.exists())
    }

    /// Reads the runs.
    ///
    /// # Errors
    /// If there are none, or they cannot be read.
    pub(super) fn load(&self) -> Result<MeasuredRuns, BaselineError> {
        if !self.path.is_dir() {
            return Err(BaselineError::Missing(self.path.clone()));
        }
        let processes = self.path.join(PROCESSES);
        let text = fs::read_to_string(&processes).map_err(|error| BaselineError::Io(processes.clone(), error))?;
        let mut runs = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let run: MeasuredRun = serde_json::from_str(line)
                .map_err(|error| BaselineError::Processes(processes.clone(), number, error))?;
            let file = self.path.join(format!("run-{number:04}.json"));
            let text = fs::read(&file).map_err(|error| BaselineError::Io(file.clone(), error))?;
            let snapshot = Snapshot::from_json(&text).map_err(|error| BaselineError::Snapshot(file, error))?;
            runs.push(MeasuredRun { snapshot, ..run });
        }
        Ok(MeasuredRuns { command: self.path.display().to_string(), runs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_snapshot_says_which_run_it_is() {
        let numbers = ["run-0001.json", "run-12345.json", "run-.json", "other.json", "run-1.json.gz"].map(run_number);
        assert_eq!(numbers, [Some(1), Some(12_345), None, None, None]);
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        for name in ["../away", "a/b", ".hidden", "", "a b"] {
            assert!(Baseline::named(Path::new("kept"), name).is_err(), "{name:?}");
        }
        assert_eq!(Baseline::named(Path::new("kept"), "main-1.0_x").unwrap().path, Path::new("kept/main-1.0_x"));
    }
}
