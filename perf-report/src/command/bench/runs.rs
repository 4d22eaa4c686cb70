//! The runs of one command as one side of a comparison.

use std::collections::BTreeMap;

use super::command_line::MeasuredRun;
use crate::command::compare::{ProcessMetric, Side, Unit};

/// The runs of one command, in order.
#[derive(Debug)]
pub(super) struct MeasuredRuns {
    /// The command, as messages show it.
    pub(super) command: String,
    /// Its runs.
    pub(super) runs: Vec<MeasuredRun>,
}

impl MeasuredRuns {
    /// The runs as one side of a comparison.
    pub(super) fn into_side(self) -> Side {
        let metric = |name, unit, of: fn(&MeasuredRun) -> u64| ProcessMetric {
            name,
            unit,
            is_counted: false,
            values: self.runs.iter().map(|run| of(run) as f64).collect(),
        };
        let timed = vec![
            metric("wall", Unit::Ns, |run| run.wall_ns),
            metric("user", Unit::Ns, |run| run.user_ns),
            metric("system", Unit::Ns, |run| run.system_ns),
            metric("peak memory", Unit::Bytes, |run| run.peak_bytes),
        ];
        // The process of a harness takes the time that the harness was told to take.
        let mut metrics = if self.runs.iter().all(|run| run.harness.is_none()) { timed } else { Vec::new() };
        let instructions: Vec<f64> =
            self.runs.iter().map_while(|run| run.instructions).map(|count| count as f64).collect();
        if !instructions.is_empty() {
            let (name, unit) = ("instructions", Unit::Count);
            metrics.push(ProcessMetric { name, unit, is_counted: true, values: instructions });
        }
        let counted: Vec<_> = self.runs.iter().filter(|run| run.instructions.is_some()).collect();
        let mut of_functions: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (name, &count) in counted.iter().flat_map(|run| &run.instructions_of) {
            of_functions.entry(name.clone()).or_default().push(count as f64);
        }
        // One that has no count in some runs has not the same runs as the others.
        of_functions.retain(|_, values| values.len() == counted.len());
        let mut side = Side::new();
        for (number, run) in (1..).zip(self.runs) {
            side.add(format!("{}, run {number}", self.command), run.snapshot);
        }
        side.add_process_metrics(metrics);
        side.add_counts(of_functions);
        side
    }
}
