//! The counts of runs that were kept: for histories and `diff`, which read the snapshots of a baseline.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{baseline, command_line::MeasuredRun, runs::MeasuredRuns};
use crate::command::{compare::Side, runs::shown};

/// Instructions of a run: nothing, if it was not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunCounts {
    /// Of the whole process.
    pub(crate) of_process: Option<u64>,
    /// Of functions, with what they called. Those that made other calls under Callgrind than in the recording are left out: their
    /// counts are those of other work.
    pub(crate) of_functions: BTreeMap<String, u64>,
}

impl RunCounts {
    /// The counts that `bench --save` put beside a snapshot.
    ///
    /// # Errors
    /// If the file of counts is there and cannot be read.
    pub(crate) fn beside(snapshot: &Path) -> Result<RunCounts, String> {
        let Some(run) = measured_beside(snapshot)? else { return Ok(RunCounts::default()) };
        let mut of_functions = run.instructions_of;
        of_functions.retain(|name, _| !run.other_calls.contains_key(name));
        Ok(RunCounts { of_process: run.instructions, of_functions })
    }
}

/// The counts of all runs of a side, some of which may lie in baselines.
#[derive(Debug)]
pub(crate) struct KeptCounts(MeasuredRuns);

impl KeptCounts {
    /// Reads the counts beside the files of a side, which messages call by `name`, and puts the files first whose runs were counted.
    ///
    /// # Errors
    /// If a file of counts is there and cannot be read.
    pub(crate) fn beside(files: &mut Vec<PathBuf>, name: String) -> Result<KeptCounts, String> {
        let (mut runs, mut counted, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for file in files.drain(..) {
            match measured_beside(&file)?.filter(|run| run.instructions.is_some()) {
                Some(run) => {
                    runs.push(run);
                    counted.push(file);
                }
                None => others.push(file),
            }
        }
        files.extend(counted.into_iter().chain(others));
        Ok(KeptCounts(MeasuredRuns { command: name, runs }))
    }

    /// Adds the counts to the side of these files.
    pub(crate) fn add_to(&self, side: &mut Side) {
        self.0.add_counts_to(side);
    }

    /// Says of which functions the counted runs made other calls than the recorded ones.
    pub(crate) fn other_calls(&self) -> Option<String> {
        self.0.other_calls()
    }
}

/// The measurements that `bench --save` put beside a snapshot.
fn measured_beside(snapshot: &Path) -> Result<Option<MeasuredRun>, String> {
    let number = snapshot.file_name().and_then(|name| baseline::run_number(&name.to_string_lossy()));
    let (Some(number), Some(folder)) = (number, snapshot.parent()) else { return Ok(None) };
    let path = folder.join(baseline::PROCESSES);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", shown(&path))),
    };
    let Some(line) = number.checked_sub(1).and_then(|number| text.lines().nth(number)) else { return Ok(None) };
    let run = serde_json::from_str(line)
        .map_err(|error| format!("{}: line {number}: {error}; make the runs again with bench --save", shown(&path)))?;
    Ok(Some(run))
}
