//! Benchmarks that another harness timed: criterion, divan. A run of a harness becomes a snapshot, so that comparisons, baselines and
//! histories hold for it.
//!
//! `criterion.rs` and `divan.rs` read what the harness left, `snapshot.rs` makes a snapshot of it.

mod criterion;
mod divan;
mod snapshot;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use snapshot::Benchmark;

use crate::Snapshot;

/// A harness whose results can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Harness {
    /// The crate `criterion`, which leaves files.
    Criterion,
    /// The crate `divan`, which prints a tree.
    Divan,
}

/// Where the figures come from, in place of recordings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FromHarness {
    pub(super) harness: Harness,
    /// Results that are there already; without them a command makes them.
    pub(super) results: Option<PathBuf>,
}

/// Why the results of a harness cannot be read.
#[derive(Debug)]
pub(super) enum HarnessError {
    /// A file or a folder cannot be read.
    Io(PathBuf, io::Error),
    /// A file is not what the harness writes.
    Format(PathBuf, String),
    /// There is no result.
    Nothing(Harness, PathBuf),
}

impl fmt::Display for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Harness::Criterion => "criterion",
            Harness::Divan => "divan",
        })
    }
}

impl FromStr for FromHarness {
    type Err = String;

    fn from_str(text: &str) -> Result<FromHarness, String> {
        let (name, results) = text.split_once(':').map_or((text, None), |(name, results)| (name, Some(results)));
        let harness = match name {
            "criterion" => Harness::Criterion,
            "divan" => Harness::Divan,
            _ => return Err("no such harness; write criterion, criterion:FOLDER, divan or divan:FILE".into()),
        };
        if results == Some("") {
            return Err(format!("nothing is named behind the colon; write {name} alone, or {name}:PATH"));
        }
        Ok(FromHarness { harness, results: results.map(PathBuf::from) })
    }
}

impl fmt::Display for HarnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HarnessError::Io(path, error) => write!(f, "{}: {error}", path.display()),
            HarnessError::Format(path, wrong) => {
                write!(f, "{}: {wrong}; this version reads what criterion 0.8 and divan 0.1 write", path.display())
            }
            HarnessError::Nothing(Harness::Criterion, path) => write!(
                f,
                "{}: there is no result of criterion (FOLDER/BENCHMARK/new/sample.json); give the folder that it writes, which is \
                 target/criterion usually",
                path.display()
            ),
            HarnessError::Nothing(Harness::Divan, path) => write!(
                f,
                "{}: there is no result of divan; give a file with all that `cargo bench` printed",
                path.display()
            ),
        }
    }
}

impl std::error::Error for HarnessError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            HarnessError::Io(_, error) => Some(error),
            HarnessError::Format(..) | HarnessError::Nothing(..) => None,
        }
    }
}

impl Harness {
    /// Makes a command leave its results at a path of this run. Divan's are its standard output.
    pub(super) fn prepare<'c>(self, command: &'c mut Command, results: &Path) -> &'c mut Command {
        match self {
            // Criterion has no option for it; cargo-criterion uses this variable too.
            Harness::Criterion => command.env("CRITERION_HOME", results),
            Harness::Divan => command,
        }
    }

    /// Where results are that nobody named, if there is such a place.
    pub(super) fn usual_place(self) -> Option<PathBuf> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let target = || variable("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()).join("criterion");
        (self == Harness::Criterion).then(|| variable("CRITERION_HOME").unwrap_or_else(target))
    }

    /// Reads the results of a run that began then; of results without a known beginning the time at which they were written counts.
    ///
    /// # Errors
    /// If there are none, or they cannot be read.
    pub(super) fn read(self, results: &Path, began: Option<SystemTime>) -> Result<Snapshot, HarnessError> {
        let (benchmarks, written) = match self {
            Harness::Criterion => criterion::read(results)?,
            Harness::Divan => divan::read(results)?,
        };
        if benchmarks.is_empty() {
            return Err(HarnessError::Nothing(self, results.to_owned()));
        }
        let began = began.unwrap_or(written).duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(snapshot::of(self, benchmarks, began.as_nanos() as u64))
    }
}

/// The text of a file, and when it was written.
fn text(path: &Path) -> Result<(String, SystemTime), HarnessError> {
    let error = |error| HarnessError::Io(path.to_owned(), error);
    let text = fs::read(path).map_err(error)?;
    let written = fs::metadata(path).and_then(|file| file.modified()).map_err(error)?;
    Ok((String::from_utf8_lossy(&text).into_owned(), written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harness_may_have_a_place() {
        let place = |text: &str| text.parse::<FromHarness>().map(|from| (from.harness, from.results));
        assert_eq!(place("divan"), Ok((Harness::Divan, None)));
        assert_eq!(place("criterion:a:b"), Ok((Harness::Criterion, Some("a:b".into()))));
        assert!(place("criterion:").unwrap_err().contains("write criterion alone"));
        assert!(place("bencher").unwrap_err().contains("criterion:FOLDER"));
    }
}
