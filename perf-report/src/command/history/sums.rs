//! The sums that a history keeps of a run for good: the metrics of its functions, and whose run it was. Some KiB, where a snapshot with its
//! buckets has hundreds.

use serde::{Deserialize, Serialize};

use crate::{
    Kind, Metadata, Snapshot,
    command::{bench::RunCounts, identity::process_id, metric::FunctionMetric},
    matching::identities,
};

/// Version of this form. It rises when a reader of the older form would misread the newer one.
pub(crate) const SCHEMA: u32 = 1;

/// A run of a commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunSums {
    /// [`SCHEMA`] of the writer.
    pub(crate) history: u32,
    /// Name of the program.
    pub(crate) program: String,
    /// The commit, in full.
    pub(crate) commit: String,
    /// When the commit was made, in seconds since 1970.
    pub(crate) time: u64,
    /// Build, machine, branch.
    #[serde(default)]
    pub(crate) metadata: Metadata,
    /// The functions that ran.
    pub(crate) functions: Vec<FunctionSums>,
    /// Instructions of the whole process, if they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<u64>,
}

/// The metrics of a function in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionSums {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) kind: Kind,
    /// Number among the functions that are equal in all else.
    #[serde(default)]
    pub(crate) number: usize,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// Whether durations are estimates.
    #[serde(default)]
    pub(crate) sampled: bool,
    /// Values in the order of [`FunctionMetric::ALL`].
    pub(crate) metrics: [f64; FunctionMetric::ALL.len()],
    /// Instructions with what it called, if they were counted in the same calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<u64>,
}

impl RunSums {
    /// The sums of a run, and of what `bench` counted in it.
    pub(crate) fn of(snapshot: &Snapshot, counts: &RunCounts, commit: &str, time: u64) -> RunSums {
        let mut functions = Vec::new();
        for (function, identity) in snapshot.functions.iter().zip(identities(snapshot)) {
            if function.calls == 0 {
                continue;
            }
            // A duration of 0 is below the clock's resolution; six digits are more than any clock has.
            let rounded = |value: f64| (value.max(0.5) * 1e3).round() / 1e3;
            functions.push(FunctionSums {
                name: function.name.clone(),
                module: function.module.clone(),
                kind: function.kind,
                number: identity.number(),
                file: function.file.clone(),
                line: function.line,
                sampled: function.is_sampled(),
                metrics: FunctionMetric::ALL.map(|metric| rounded(metric.estimate(function))),
                instructions: counts.of_functions.get(&function.name).copied(),
            });
        }
        RunSums {
            history: SCHEMA,
            program: snapshot.process.program.clone(),
            commit: commit.to_owned(),
            time,
            metadata: snapshot.metadata.clone(),
            functions,
            instructions: counts.of_process,
        }
    }
}

/// The name of a run's files: the same for the same run wherever it was added, another for every other.
pub(crate) fn file_stem(snapshot: &Snapshot) -> String {
    match process_id(&snapshot.process) {
        Some((started, pid)) => format!("{started}-{pid}"),
        None => format!("unnamed-{}", snapshot.process.pid),
    }
}
