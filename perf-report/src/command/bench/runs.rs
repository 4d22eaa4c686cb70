//! The runs of one command as one side of a comparison.

use std::collections::BTreeMap;

use super::{callgrind::COSTS, command_line::MeasuredRun, hardware::HARDWARE};
use crate::command::compare::{FunctionCounts, MetricSource, ProcessMetric, Side, Unit};

/// Functions that a warning names at most.
const NAMED: usize = 3;

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
        let mut metrics = self.timed();
        metrics.extend(self.counted());
        let counts = self.counts_of_functions();
        let mut side = Side::new();
        for (number, run) in (1..).zip(self.runs) {
            side.add(format!("{}, run {number}", self.command), run.snapshot);
        }
        side.add_process_metrics(metrics);
        side.add_counts(counts);
        side
    }

    /// Adds what was counted in these runs to a side of which they are the first ones.
    pub(super) fn add_counts_to(&self, side: &mut Side) {
        side.add_process_metrics(self.counted());
        side.add_counts(self.counts_of_functions());
    }

    /// Whether no function was called in any run, as where no test was chosen.
    pub(super) fn ran_nothing(&self) -> bool {
        self.runs.iter().all(|run| run.snapshot.functions.iter().all(|function| function.calls == 0))
    }

    /// The metrics that the system measured. The process of a harness takes the time that the harness was told to take.
    fn timed(&self) -> Vec<ProcessMetric> {
        if self.runs.iter().any(|run| run.harness.is_some()) {
            return Vec::new();
        }
        let metric = |name, unit, of: fn(&MeasuredRun) -> u64| ProcessMetric {
            name,
            unit,
            source: MetricSource::Timed,
            values: self.runs.iter().map(|run| of(run) as f64).collect(),
        };
        let mut metrics = vec![
            metric("wall", Unit::Ns, |run| run.wall_ns),
            metric("user", Unit::Ns, |run| run.user_ns),
            metric("system", Unit::Ns, |run| run.system_ns),
            metric("peak memory", Unit::Bytes, |run| run.peak_bytes),
        ];
        for (number, name) in HARDWARE.into_iter().enumerate() {
            let values: Vec<f64> = self.runs.iter().filter_map(|run| Some(count(run.hardware?[number]))).collect();
            if values.len() == self.runs.len() {
                metrics.push(ProcessMetric { name, unit: Unit::Count, source: MetricSource::Timed, values });
            }
        }
        metrics
    }

    /// The costs of the whole process, of the runs that were counted.
    fn counted(&self) -> Vec<ProcessMetric> {
        let metric = |(number, name): (usize, &&'static str)| {
            let value = |run: &MeasuredRun| match number {
                0 => run.instructions,
                _ => run.misses.map(|misses| misses[number - 1]),
            };
            let values: Vec<f64> = self.runs.iter().map_while(value).map(count).collect();
            let source = MetricSource::counted(number == 0);
            (!values.is_empty()).then_some(ProcessMetric { name, unit: Unit::Count, source, values })
        };
        COSTS.iter().enumerate().filter_map(metric).collect()
    }

    /// The costs of functions. One that has no count in some runs has not the same runs as the others, and is left out.
    fn counts_of_functions(&self) -> Vec<FunctionCounts> {
        let runs: Vec<&MeasuredRun> = self.runs.iter().filter(|run| run.instructions.is_some()).collect();
        let mut instructions: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
        let mut misses: BTreeMap<&String, [Vec<f64>; 3]> = BTreeMap::new();
        for run in &runs {
            for (name, &value) in &run.instructions_of {
                instructions.entry(name).or_default().push(count(value));
            }
            for (name, values) in &run.misses_of {
                for (all, &value) in misses.entry(name).or_default().iter_mut().zip(values) {
                    all.push(count(value));
                }
            }
        }
        let of = |name: &String, source, metrics: Vec<(&'static str, Vec<f64>)>| FunctionCounts {
            name: name.clone(),
            source,
            metrics,
            inlined: runs.iter().any(|run| run.inlined.contains(name)),
        };
        let instructions = instructions.into_iter().filter(|(_, values)| values.len() == runs.len());
        let misses = misses.into_iter().filter(|(_, values)| values[0].len() == runs.len());
        let counts = instructions.map(|(name, values)| of(name, MetricSource::Counted, vec![(COSTS[0], values)]));
        let misses = misses
            .map(|(name, values)| of(name, MetricSource::Misses, COSTS[1..].iter().copied().zip(values).collect()));
        counts.chain(misses).collect()
    }

    /// Says of which functions the counted runs made other calls than the recorded ones.
    pub(super) fn other_calls(&self) -> Option<String> {
        let mut differences: BTreeMap<&String, [u64; 2]> = BTreeMap::new();
        for run in &self.runs {
            for (name, &calls) in &run.other_calls {
                differences.entry(name).or_insert(calls);
            }
        }
        if differences.is_empty() {
            return None;
        }
        let named: Vec<String> = (differences.iter().take(NAMED))
            .map(|(name, [recorded, counted])| {
                format!("{}: {recorded} recorded, {counted} counted", name.escape_debug())
            })
            .collect();
        let more = differences.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        Some(format!(
            "`{}` did not make the same calls under Valgrind as in its recorded runs ({}{more}), so the counts of these functions may \
             be those of other work",
            self.command,
            named.join("; ")
        ))
    }
}

/// A count. None at all is below what a comparison of ratios resolves.
fn count(value: u64) -> f64 {
    (value as f64).max(0.5)
}
