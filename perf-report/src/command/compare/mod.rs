//! Comparison of two sides, each of one run or many: which functions became slower or faster, and which differences chance
//! explains as well.
//!
//! [`Side`] takes the runs in and keeps their metrics. `pairs` finds each function on the other side. `judge` tests each metric,
//! by `deals` if both sides have several runs, or by `within_run` and `holm` if not, and gives the verdicts; `interval` adds the
//! confidence interval of each change. `counts` finds counts that one side lacks. `notes` names the limits of the comparison.
//!
//! The promise is about the whole comparison: if nothing has changed, the probability that *anything* is reported as changed is
//! at most [`CompareOptions::alpha`]. A change below the threshold is never a finding, however certain it is.

mod counts;
mod deals;
pub(super) mod draw;
mod holm;
mod interval;
mod judge;
mod notes;
mod options;
mod outcome;
mod pairs;
mod refusal;
mod sample;
mod side;
#[cfg(test)]
mod tests;
mod within_run;

use counts::CountGaps;
pub(crate) use counts::{inlined, uncounted};
use deals::{FEWEST_RUNS, smallest_p};
use judge::Subject;
pub(crate) use options::CompareOptions;
pub(crate) use outcome::{Basis, Compared, ComparedMetric, Comparison, Unit, Verdict};
pub(crate) use refusal::CompareError;
use sample::Sample;
use side::FunctionRuns;
pub(crate) use side::{FunctionCounts, MetricSource, ProcessMetric, Side};

use super::{metric::FunctionMetric, pattern::Pattern};
use crate::Function;

impl Comparison {
    /// Compares two sides.
    ///
    /// # Errors
    /// If they cannot be compared: different programs, nothing in common, the same run twice, a pattern that matches nothing.
    pub(crate) fn of(mut before: Side, mut after: Side, options: &CompareOptions) -> Result<Comparison, CompareError> {
        refusal::refuse(&before, &after, options)?;
        let sums = [before.sum(), after.sum()];
        let pairs = pairs::pairs(&before, &after, [&sums[0], &sums[1]]);
        if pairs.both.is_empty() {
            return Err(refusal::nothing_in_common(&pairs, [&sums[0], &sums[1]]));
        }
        refusal::refuse_idle_patterns(&pairs, [&sums[0], &sums[1]], options)?;
        let sizes = [before.runs(), after.runs()];
        let basis = match sizes[0].min(sizes[1]) < FEWEST_RUNS || smallest_p(sizes) > options.alpha {
            true => Basis::WithinOneRun,
            false => Basis::OverRuns,
        };
        let mut subjects = Subjects::default();
        subjects.add_processes(&before, &after, options);
        let named = pairs.by_names(&before, &after, [&sums[0], &sums[1]]);
        subjects.add_counts([&before, &after], &named.clear, options);
        let gaps = CountGaps::of([&before, &after], &named, options);
        gaps.refuse_nothing_counted(options)?;
        let names = |&(old, new): &(usize, usize)| [sums[0][old].name.as_str(), sums[1][new].name.as_str()];
        // Each test makes it harder for the others to find something. Rows beside calls would do so for nothing: what changes them mostly
        // changes the row beside which they stand too. So they are tested only where the user means them.
        let is_beside = |pair: &(usize, usize)| sums[1][pair.1].kind.is_beside_calls();
        let others: Vec<&str> = pairs.both.iter().filter(|pair| !is_beside(pair)).flat_map(names).collect();
        let named = options.only.iter().chain(options.thresholds.iter().map(|rule| &rule.functions));
        let meant = Pattern::matching_none(named, &others);
        for pair in pairs.both.iter().filter(|pair| options.selects(&names(pair))) {
            let is_meant = || meant.iter().any(|only| names(pair).iter().any(|name| only.matches(name)));
            let &(old, new) = pair;
            subjects.add_function(
                [&before.functions[old], &after.functions[new]],
                [&sums[0][old], &sums[1][new]],
                !is_beside(pair) || is_meant(),
                options,
            );
        }
        let Subjects { mut compared, subjects } = subjects;
        let runs = [before.runs(), after.runs()];
        let tests = judge::judge(&mut compared, &subjects, basis, runs, options);
        compared.sort_by_cached_key(|compared| {
            let largest = compared.metrics.iter().map(|metric| metric.change.abs()).fold(0.0, f64::max);
            (compared.verdict, !compared.whole_process, std::cmp::Reverse((largest * 1e6) as u64))
        });
        let names = |functions: &[Function], only: &[usize]| {
            let names = only.iter().map(|&index| functions[index].name.clone());
            names.filter(|name| options.selects(&[name])).collect()
        };
        Ok(Comparison {
            program: after.runs.first().map_or_else(String::new, |run| run.program.clone()),
            runs,
            basis,
            alpha: options.alpha,
            threshold: options.threshold,
            counted_threshold: options.counted_threshold,
            tests,
            appeared: names(&sums[1], &pairs.after_only),
            vanished: names(&sums[0], &pairs.before_only),
            notes: notes::of(&before, &after, basis, options, &compared, &gaps),
            compared,
        })
    }
}

/// The functions and processes to compare, and a test for each of their metrics.
#[derive(Default)]
struct Subjects<'a> {
    compared: Vec<Compared>,
    subjects: Vec<Subject<'a>>,
}

impl<'a> Subjects<'a> {
    /// Adds the whole processes with the metrics that both sides have: those that were timed, and those that were counted.
    fn add_processes(&mut self, before: &Side, after: &Side, options: &CompareOptions) {
        for source in [MetricSource::Timed, MetricSource::Counted, MetricSource::Misses] {
            let name = of_source("whole process", source);
            let threshold = options.usual_threshold(source);
            let mut metrics = Vec::new();
            for old in before.processes.iter().filter(|old| old.source == source) {
                let Some(new) = after.processes.iter().find(|new| new.name == old.name) else { continue };
                let sides = [old, new].map(|metric| Sample::new(metric.values.iter().copied().enumerate()));
                self.subjects.push(Subject { at: (self.compared.len(), metrics.len()), sides, single: None });
                metrics.push(ComparedMetric::blank(old.name, old.unit));
            }
            if !metrics.is_empty() {
                self.compared.push(Compared {
                    name,
                    previous_name: None,
                    file: None,
                    line: None,
                    whole_process: true,
                    source,
                    threshold,
                    sampled: false,
                    judged: true,
                    verdict: Verdict::Unchanged,
                    metrics,
                });
            }
        }
    }

    /// Adds the counts of the functions that have them on both sides. `CountGaps` knows the others.
    fn add_counts(&mut self, [before, after]: [&Side; 2], named: &[[&Function; 2]], options: &CompareOptions) {
        for source in [MetricSource::Counted, MetricSource::Misses] {
            let counts = [before, after].map(|side| side.counts_by_name(source));
            for [old, new] in named.iter().filter(|[old, new]| options.selects(&[&old.name, &new.name])) {
                let both = (counts[0].get(&*old.name), counts[1].get(&*new.name));
                let (Some(old_counts), Some(new_counts)) = both else { continue };
                let mut metrics = Vec::new();
                for ((metric, old), (_, new)) in old_counts.metrics.iter().zip(&new_counts.metrics) {
                    let sides = [old, new].map(|values| Sample::new(values.iter().copied().enumerate()));
                    self.subjects.push(Subject { at: (self.compared.len(), metrics.len()), sides, single: None });
                    metrics.push(ComparedMetric::blank(metric, Unit::Count));
                }
                self.compared.push(Compared {
                    name: of_source(&new.name, source),
                    previous_name: (old.name != new.name).then(|| old.name.clone()),
                    file: Some(new.file.clone()).filter(|file| !file.is_empty()),
                    line: Some(new.line),
                    whole_process: false,
                    source,
                    threshold: options.threshold_of(&[&old.name, &new.name], source),
                    sampled: false,
                    judged: true,
                    verdict: Verdict::Unchanged,
                    metrics,
                });
            }
        }
    }

    /// Adds a function: its metrics in each run, and the sum of all its runs, of both sides.
    fn add_function(
        &mut self,
        runs: [&FunctionRuns; 2],
        sums: [&'a Function; 2],
        judged: bool,
        options: &CompareOptions,
    ) {
        let [old, new] = sums;
        for (number, &metric) in options.metrics.iter().enumerate() {
            let sides = runs.map(|side| Sample::new(side.numbered(metric)));
            let single = Some((metric, old, new));
            self.subjects.push(Subject { at: (self.compared.len(), number), sides, single });
        }
        let unit = |metric| if metric == FunctionMetric::Calls { Unit::Count } else { Unit::Ns };
        self.compared.push(Compared {
            name: new.name.clone(),
            previous_name: (old.name != new.name).then(|| old.name.clone()),
            file: Some(new.file.clone()).filter(|file| !file.is_empty()),
            line: Some(new.line),
            whole_process: false,
            source: MetricSource::Timed,
            threshold: options.threshold_of(&[&old.name, &new.name], MetricSource::Timed),
            sampled: runs.iter().any(|side| side.sampled),
            judged,
            verdict: Verdict::Unchanged,
            metrics: options.metrics.iter().map(|&metric| ComparedMetric::blank(metric.name(), unit(metric))).collect(),
        });
    }
}

/// The name of a row of metrics from this source.
fn of_source(name: &str, source: MetricSource) -> String {
    format!("{name}{}", source.suffix())
}
