//! A metric of a function from commit to commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use super::{store::Commit, sums::FunctionSums};
use crate::{
    Difference,
    command::{
        compare::Unit,
        metric::{FunctionMetric, UnknownMetric},
        pattern::Pattern,
    },
};

/// The values of a metric of a function, the oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) function: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) metric: HistoryMetric,
    /// Whether durations are estimates in any run.
    pub(crate) sampled: bool,
    pub(crate) points: Vec<Point>,
}

/// A metric that a history follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HistoryMetric {
    /// A metric of recordings.
    Recorded(FunctionMetric),
    /// Instructions that Callgrind counted.
    Instructions,
}

impl HistoryMetric {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            HistoryMetric::Recorded(metric) => metric.name(),
            HistoryMetric::Instructions => "instructions",
        }
    }

    /// The unit in formats for other tools.
    pub(crate) const fn unit_name(self) -> &'static str {
        match self {
            HistoryMetric::Recorded(FunctionMetric::Calls) => "calls",
            HistoryMetric::Recorded(_) => "ns",
            HistoryMetric::Instructions => "instructions",
        }
    }

    fn of(self, function: &FunctionSums) -> Option<f64> {
        match self {
            HistoryMetric::Recorded(metric) => Some(function.metrics[metric as usize]),
            // A count of 0 has no logarithm.
            HistoryMetric::Instructions => function.instructions.map(|count| count.max(1) as f64),
        }
    }
}

impl fmt::Display for HistoryMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for HistoryMetric {
    type Err = String;

    fn from_str(name: &str) -> Result<HistoryMetric, String> {
        if name == HistoryMetric::Instructions.name() {
            return Ok(HistoryMetric::Instructions);
        }
        let recorded = name.parse().map(HistoryMetric::Recorded);
        recorded.map_err(|error: UnknownMetric| format!("{error}, instructions"))
    }
}

/// The name of the series of a whole process.
pub(crate) const WHOLE_PROCESS: &str = "whole process";

/// Tells a function from others: name, module, kind, and number among those that are equal in all that.
type Key<'a> = (&'a str, &'a str, usize, usize);

/// A value at a commit: the median of its runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// The commit, by its place among all.
    pub(crate) commit: usize,
    pub(crate) value: f64,
    /// The standard error of the value's logarithm, as the runs tell it; `None` of a single run.
    pub(crate) error: Option<f64>,
}

/// The standard error of a median of normal values, in units of that of their mean.
const OF_MEDIAN: f64 = 1.253;

/// The part of the commits whose values have no larger standard error than that of the series: some commits have a disturbed run.
const USUAL: f64 = 0.75;

impl Series {
    /// Adds the values of a commit's runs, if there are any.
    pub(super) fn add(&mut self, commit: usize, mut of_runs: Vec<f64>) {
        if !of_runs.is_empty() {
            let error = error_of_median(&of_runs);
            self.points.push(Point { commit, value: median(&mut of_runs), error });
        }
    }

    /// The standard error of a value's logarithm, as the runs of most commits tell it; `None` if no commit has several.
    pub(crate) fn error(&self) -> Option<f64> {
        let mut errors: Vec<f64> = self.points.iter().filter_map(|point| point.error).collect();
        errors.sort_by(f64::total_cmp);
        let usual = (errors.len() as f64 * USUAL).ceil() as usize;
        errors.get(usual.saturating_sub(1)).copied()
    }

    pub(crate) fn unit(&self) -> Unit {
        match self.metric {
            HistoryMetric::Recorded(FunctionMetric::Calls) | HistoryMetric::Instructions => Unit::Count,
            HistoryMetric::Recorded(_) => Unit::Ns,
        }
    }
}

/// The commits that can be compared with the newest, and what the others were recorded under.
pub(crate) struct Comparable {
    pub(crate) commits: Vec<Commit>,
    /// The number of commits left out, and how one of them differs from the newest.
    pub(crate) left_out: Option<(usize, Vec<Difference>)>,
}

/// Leaves out the commits that were recorded on another processor or with another build than the newest one.
pub(crate) fn comparable(commits: Vec<Commit>) -> Comparable {
    let newest = commits.last().and_then(|commit| commit.runs.first()).map(|run| run.metadata.clone());
    let Some(newest) = newest else { return Comparable { commits, left_out: None } };
    let (mut kept, mut left_out, mut example) = (Vec::new(), 0, Vec::new());
    for mut commit in commits {
        let mut differs = |differences: Vec<Difference>| {
            let is_same = differences.is_empty();
            if !is_same {
                example = differences;
            }
            is_same
        };
        commit.runs.retain(|run| differs(run.metadata.differences(&newest)));
        if commit.runs.is_empty() {
            left_out += 1;
        } else {
            kept.push(commit);
        }
    }
    Comparable { commits: kept, left_out: (left_out > 0).then_some((left_out, example)) }
}

/// The series of the functions that a pattern matches, all if there is none; and of the whole process, if it was counted.
///
/// As in a comparison, rows beside calls are there only if a pattern matches them and no other row: whatever changes them mostly changes the
/// row beside which they stand too.
pub(crate) fn series(commits: &[Commit], metrics: &[HistoryMetric], only: &[Pattern]) -> Vec<Series> {
    let is_selected = |name: &str| only.is_empty() || only.iter().any(|only| only.matches(name));
    let all_runs = || commits.iter().flat_map(|commit| &commit.runs).flat_map(|run| &run.functions);
    let others: BTreeSet<&str> =
        all_runs().filter(|row| !row.kind.is_beside_calls()).map(|row| row.name.as_str()).collect();
    let meant = Pattern::matching_none(only, &Vec::from_iter(others));
    let is_meant = |row: &FunctionSums| match row.kind.is_beside_calls() {
        true => meant.iter().any(|only| only.matches(&row.name)),
        false => is_selected(&row.name),
    };
    let mut all = of_functions(commits, metrics, &is_meant);
    if metrics.contains(&HistoryMetric::Instructions) && is_selected(WHOLE_PROCESS) {
        let mut series = blank(WHOLE_PROCESS, HistoryMetric::Instructions);
        for (place, commit) in commits.iter().enumerate() {
            let counts = commit.runs.iter().filter_map(|run| run.instructions);
            series.add(place, counts.map(|count| count.max(1) as f64).collect());
        }
        all.push(series);
    }
    all.retain(|series| !series.points.is_empty());
    all
}

fn blank(function: &str, metric: HistoryMetric) -> Series {
    Series { function: function.to_owned(), file: String::new(), line: 0, metric, sampled: false, points: Vec::new() }
}

fn of_functions(
    commits: &[Commit],
    metrics: &[HistoryMetric],
    is_selected: &dyn Fn(&FunctionSums) -> bool,
) -> Vec<Series> {
    let mut functions: BTreeMap<Key<'_>, Vec<Series>> = BTreeMap::new();
    for (place, commit) in commits.iter().enumerate() {
        let mut values: BTreeMap<Key<'_>, Vec<&FunctionSums>> = BTreeMap::new();
        for function in commit.runs.iter().flat_map(|run| &run.functions) {
            if is_selected(function) {
                let key = (&*function.name, &*function.module, function.kind as usize, function.number);
                values.entry(key).or_default().push(function);
            }
        }
        for (key, runs) in values {
            let all =
                functions.entry(key).or_insert_with(|| metrics.iter().map(|&metric| blank(key.0, metric)).collect());
            for series in all {
                series.add(place, runs.iter().filter_map(|run| series.metric.of(run)).collect());
                series.sampled |= runs.iter().any(|run| run.sampled);
                // Where the function stands now.
                if let Some(run) = runs.first() {
                    (series.file, series.line) = (run.file.clone(), run.line);
                }
            }
        }
    }
    functions.into_values().flatten().collect()
}

/// The standard error of the logarithm of the median of some runs.
fn error_of_median(of_runs: &[f64]) -> Option<f64> {
    let count = of_runs.len() as f64;
    let logs = || of_runs.iter().map(|value| libm::log(*value));
    let mean = logs().sum::<f64>() / count;
    let squares = logs().map(|log| (log - mean) * (log - mean)).sum::<f64>();
    (of_runs.len() > 1).then(|| OF_MEDIAN * (squares / (count - 1.0) / count).sqrt())
}

/// The middle of some values; between the two in the middle of an even number.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        len if len % 2 == 1 => values[len / 2],
        len => f64::midpoint(values[len / 2 - 1], values[len / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::metric::FunctionMetric;

    #[test]
    fn the_error_of_a_value_is_that_of_most_commits_and_falls_with_the_number_of_runs() {
        let of = |commits: &[&[f64]]| {
            let mut series = blank("f", HistoryMetric::Recorded(FunctionMetric::P50));
            commits.iter().enumerate().for_each(|(commit, runs)| series.add(commit, runs.to_vec()));
            series.error()
        };
        let usual: &[f64] = &[99.0, 100.0, 101.0];
        let more: &[f64] = &[99.0, 100.0, 101.0, 99.0, 100.0, 101.0];
        let single: &[f64] = &[100.0];
        let error = of(&[usual; 8]).unwrap();
        assert!((error - OF_MEDIAN * 0.01 / 3_f64.sqrt()).abs() < 1e-5, "{error}");
        assert_eq!(of(&[usual, usual, usual, &[100.0, 100.0, 300.0]]), Some(error), "a disturbed run is not the usual");
        assert!(of(&[more; 8]).unwrap() < 0.7 * error);
        assert_eq!((of(&[single; 8]), of(&[])), (None, None));
    }
}
