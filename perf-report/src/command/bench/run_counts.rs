//! The counts of a run that was kept: for histories, which read the snapshots of a baseline.

use std::{collections::BTreeMap, fs, io, path::Path};

use super::{baseline, command_line::MeasuredRun};
use crate::command::runs::shown;

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
        let number = snapshot.file_name().and_then(|name| baseline::run_number(&name.to_string_lossy()));
        let (Some(number), Some(folder)) = (number, snapshot.parent()) else { return Ok(RunCounts::default()) };
        let path = folder.join(baseline::PROCESSES);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(RunCounts::default()),
            Err(error) => return Err(format!("{}: {error}", shown(&path))),
        };
        let Some(line) = number.checked_sub(1).and_then(|number| text.lines().nth(number)) else {
            return Ok(RunCounts::default());
        };
        let run: MeasuredRun = serde_json::from_str(line).map_err(|error| {
            format!("{}: line {number}: {error}; make the runs again with bench --save", shown(&path))
        })?;
        let mut of_functions = run.instructions_of;
        of_functions.retain(|name, _| !run.other_calls.contains_key(name));
        Ok(RunCounts { of_process: run.instructions, of_functions })
    }
}
