//! A metric of a function from commit to commit.

use std::collections::BTreeMap;

use super::{store::Commit, sums::FunctionSums};
use crate::{
    Difference,
    command::{compare::Unit, metric::FunctionMetric, pattern::Pattern},
};

/// The values of a metric of a function, the oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) function: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) metric: FunctionMetric,
    /// Whether durations are estimates in any run.
    pub(crate) sampled: bool,
    pub(crate) points: Vec<Point>,
}

/// Tells a function from others: name, module, kind, and number among those that are equal in all that.
type Key<'a> = (&'a str, &'a str, usize, usize);

/// A value at a commit: the median of its runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// The commit, by its place among all.
    pub(crate) commit: usize,
    pub(crate) value: f64,
}

impl Series {
    pub(crate) fn unit(&self) -> Unit {
        if self.metric == FunctionMetric::Calls { Unit::Count } else { Unit::Ns }
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

/// The series of the functions that a pattern matches, all if there is none.
pub(crate) fn series(commits: &[Commit], metrics: &[FunctionMetric], only: &[Pattern]) -> Vec<Series> {
    let mut functions: BTreeMap<Key<'_>, Vec<Series>> = BTreeMap::new();
    for (place, commit) in commits.iter().enumerate() {
        let mut values: BTreeMap<Key<'_>, Vec<&FunctionSums>> = BTreeMap::new();
        for function in commit.runs.iter().flat_map(|run| &run.functions) {
            if only.is_empty() || only.iter().any(|only| only.matches(&function.name)) {
                let key = (&*function.name, &*function.module, function.kind as usize, function.number);
                values.entry(key).or_default().push(function);
            }
        }
        for (key, runs) in values {
            let all = functions.entry(key).or_insert_with(|| {
                let blank = |&metric: &FunctionMetric| Series {
                    function: key.0.to_owned(),
                    file: String::new(),
                    line: 0,
                    metric,
                    sampled: false,
                    points: Vec::new(),
                };
                metrics.iter().map(blank).collect()
            });
            for series in all {
                let mut of_runs: Vec<f64> = runs.iter().map(|run| run.metrics[series.metric as usize]).collect();
                let value = median(&mut of_runs);
                series.points.push(Point { commit: place, value });
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

/// The middle of some values; between the two in the middle of an even number.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        len if len % 2 == 1 => values[len / 2],
        len => f64::midpoint(values[len / 2 - 1], values[len / 2]),
    }
}
