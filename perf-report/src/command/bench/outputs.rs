//! The outputs of runs that are validated, and whether two of them are the same.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Stop, command_line::CommandLine};
use crate::command::{Outcome, runs};

/// Where the runs of a benchmark write their standard output.
pub(super) struct Outputs {
    folder: PathBuf,
    kept: bool,
    judge: Option<CommandLine>,
}

impl Outputs {
    /// Outputs in a folder, if they are kept at all. A judge decides instead of an exact comparison.
    pub(super) fn new(folder: &Path, kept: bool, judge: Option<CommandLine>) -> Outputs {
        Outputs { folder: folder.to_owned(), kept, judge }
    }

    /// The output of a command's first measured run. Every later run must do the same.
    pub(super) fn first_of(&self, command: usize) -> PathBuf {
        self.folder.join(format!("stdout-{command}"))
    }

    /// Where a run of a command writes; `None` if its output is dropped.
    pub(super) fn of_run(&self, command: usize, is_first: bool) -> Option<PathBuf> {
        let path = if is_first { self.first_of(command) } else { self.folder.join("stdout") };
        self.kept.then_some(path)
    }

    /// Whether two outputs are the same, or count as the same for the user's judge.
    pub(super) fn same(&self, one: &Path, other: &Path) -> Result<bool, Stop> {
        if let Some(judge) = &self.judge {
            return Ok(judge.judge(one, other)?);
        }
        let cannot = |path: &Path, error: io::Error| Stop(format!("{}: {error}", runs::shown(path)), Outcome::Failed);
        let read = |path: &Path| fs::read(path).map_err(|error| cannot(path, error));
        Ok(read(one)? == read(other)?)
    }
}
