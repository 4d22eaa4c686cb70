//! Two sides, each of one run or many: what became slower, what faster, and what chance would do just as well.
//!
//! [`Side`] takes the runs in and keeps their figures; `pairs` finds each function on the other side; `judge` tests each
//! figure, by `deals` of several `runs`, or by `within_run` and `holm` where there is one, and gives the verdicts, beside
//! them the `interval` of each change; `notes` says what limits them.
//!
//! The promise is about the whole: if nothing has changed, the probability that *anything* is reported as changed is at most
//! [`Options::alpha`]. What changed by less than a threshold is no finding, however certain it is.

mod deals;
mod holm;
mod interval;
mod judge;
mod notes;
mod options;
mod outcome;
mod pairs;
mod refusal;
mod runs;
mod side;
mod within_run;

pub use options::Options;
pub use outcome::{Basis, Compared, ComparedFigure, Comparison, Unit, Verdict};
pub use refusal::CompareError;
pub use side::{ProcessFigure, Side};

use crate::{Figure, Function};
use deals::FEWEST_RUNS;
use judge::Subject;
use runs::Runs;
use side::FunctionRuns;

impl Comparison {
    /// Compares two sides.
    ///
    /// # Errors
    /// If they cannot be compared: different programs, nothing in common, the same run twice.
    ///
    /// ```
    /// use perf_report::{Function, Latency, Snapshot, compare::{Comparison, Options, Side, Verdict}};
    /// let run = |ns: u64, number: u64| {
    ///     let mut latency = Latency::new();
    ///     latency.record(ns, 100);
    ///     let mut function = Function::new("app::parse");
    ///     (function.calls, function.timed_calls, function.latency) = (100, 100, latency);
    ///     (function.sum_ns, function.total_ns, function.min_ns, function.max_ns) = (100 * ns, 100 * ns, ns, ns);
    ///     let mut snapshot = Snapshot::empty();
    ///     snapshot.functions.push(function);
    ///     snapshot.process.started_unix_ns = number;
    ///     snapshot
    /// };
    /// let (mut before, mut after) = (Side::new(), Side::new());
    /// for number in 1..=10 {
    ///     before.add("before", run(1_000_000 + 1_000 * number, number));
    ///     after.add("after", run(1_200_000 + 1_000 * number, number));
    /// }
    /// let comparison = Comparison::of(before, after, &Options::default()).unwrap();
    /// assert_eq!(comparison.compared[0].verdict, Verdict::Regressed);
    /// ```
    pub fn of(mut before: Side, mut after: Side, options: &Options) -> Result<Comparison, CompareError> {
        refusal::refuse(&before, &after, options)?;
        let sums = [before.sum(), after.sum()];
        let pairs = pairs::pairs(&before, &after, [&sums[0], &sums[1]]);
        if pairs.both.is_empty() {
            return Err(refusal::nothing_in_common(&pairs, [&sums[0], &sums[1]]));
        }
        let basis = match before.runs().min(after.runs()) < FEWEST_RUNS {
            true => Basis::WithinOneRun,
            false => Basis::OverRuns,
        };
        let mut rows = Rows::default();
        rows.add_processes(&before, &after, options);
        for &(old, new) in &pairs.both {
            if options.names(&sums[1][new].name) || options.names(&sums[0][old].name) {
                rows.add_function(
                    [&before.functions[old], &after.functions[new]],
                    [&sums[0][old], &sums[1][new]],
                    options,
                );
            }
        }
        let Rows { mut compared, subjects } = rows;
        let runs = [before.runs(), after.runs()];
        let tests = judge::judge(&mut compared, &subjects, basis, runs, options);
        compared.sort_by_cached_key(|compared| {
            let largest = compared.figures.iter().map(|figure| figure.change.abs()).fold(0.0, f64::max);
            (compared.verdict, !compared.whole_process, std::cmp::Reverse((largest * 1e6) as u64))
        });
        let names = |functions: &[Function], only: &[usize]| {
            let names = only.iter().map(|&index| functions[index].name.clone());
            names.filter(|name| options.names(name)).collect()
        };
        Ok(Comparison {
            program: after.runs.first().map_or_else(String::new, |run| run.program.clone()),
            runs,
            basis,
            alpha: options.alpha,
            threshold: options.threshold,
            tests,
            appeared: names(&sums[1], &pairs.after_only),
            vanished: names(&sums[0], &pairs.before_only),
            notes: notes::of(&before, &after, basis, options, &compared),
            compared,
        })
    }
}

/// What is compared, and the tests of it.
#[derive(Default)]
struct Rows<'a> {
    compared: Vec<Compared>,
    subjects: Vec<Subject<'a>>,
}

impl<'a> Rows<'a> {
    /// The whole processes, by the figures that both sides have.
    fn add_processes(&mut self, before: &Side, after: &Side, options: &Options) {
        let mut figures = Vec::new();
        for old in &before.processes {
            let Some(new) = after.processes.iter().find(|new| new.name == old.name) else { continue };
            let sides = [old, new].map(|figure| Runs::new(figure.values.iter().copied().enumerate()));
            self.subjects.push(Subject { at: (self.compared.len(), figures.len()), sides, single: None });
            figures.push(ComparedFigure::blank(old.name, old.unit));
        }
        if !figures.is_empty() {
            self.compared.push(Compared {
                name: "whole process".to_owned(),
                previous_name: None,
                whole_process: true,
                threshold: options.threshold,
                sampled: false,
                verdict: Verdict::Unchanged,
                figures,
            });
        }
    }

    /// A function: its figures in each run, and all its runs added up, of both sides.
    fn add_function(&mut self, runs: [&FunctionRuns; 2], sums: [&'a Function; 2], options: &Options) {
        let [old, new] = sums;
        for (number, &figure) in options.figures.iter().enumerate() {
            let sides = runs.map(|side| Runs::new(side.numbered(figure)));
            let single = Some((figure, old, new));
            self.subjects.push(Subject { at: (self.compared.len(), number), sides, single });
        }
        let unit = |figure| if figure == Figure::Calls { Unit::Count } else { Unit::Ns };
        self.compared.push(Compared {
            name: new.name.clone(),
            previous_name: (old.name != new.name).then(|| old.name.clone()),
            whole_process: false,
            threshold: options.threshold_of(&new.name),
            sampled: runs.iter().any(|side| side.sampled),
            verdict: Verdict::Unchanged,
            figures: options.figures.iter().map(|&figure| ComparedFigure::blank(figure.name(), unit(figure))).collect(),
        });
    }
}
