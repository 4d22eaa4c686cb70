//! Two sides, each of one run or many: what became slower, what faster, and what chance would do just as well.
//!
//! [`Side`] takes the runs in and keeps their figures; `pairs` finds each function on the other side; `over_runs` judges
//! figures of several runs and `within_run` those of one; here the verdicts are made of it.
//!
//! The promise is about the whole: if nothing has changed, the probability that *anything* is reported as changed is at most
//! [`Options::alpha`]. Every function has several figures, so the p-values are corrected for their number by Holm's
//! procedure (S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
//! 1979), which holds however the figures depend on one another. What changed by less than a threshold is no finding, however
//! certain it is.

mod over_runs;
mod pairs;
mod side;
mod within_run;

use std::fmt;

use fastrand::Rng;
use glob::Pattern;
use serde::Serialize;

pub use side::{ProcessFigure, Side};

use crate::{ClockSource, Figure, Function, State, ThresholdRule};
use over_runs::{FEWEST_RUNS, Runs, Sides};

/// How to compare.
#[derive(Clone, Debug)]
pub struct Options {
    /// Figures to compare.
    pub figures: Vec<Figure>,
    /// The smallest change that counts, as a fraction.
    pub threshold: f64,
    /// Other thresholds for some functions; the last that names a function counts.
    pub thresholds: Vec<ThresholdRule>,
    /// The highest probability of any finding where nothing has changed.
    pub alpha: f64,
    /// Where the random numbers begin: the same runs with the same seed give the same verdicts.
    pub seed: u64,
    /// Only functions that one of these names; all if there is none.
    pub only: Vec<Pattern>,
    /// Compare different programs, too.
    pub any_program: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            figures: vec![Figure::P50, Figure::P99, Figure::Total, Figure::Calls],
            threshold: 0.05,
            thresholds: Vec::new(),
            alpha: 0.05,
            seed: 1,
            only: Vec::new(),
            any_program: false,
        }
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The program, as the second side calls it.
    pub program: String,
    /// Runs of each side.
    pub runs: [usize; 2],
    /// What the verdicts rest on.
    pub basis: Basis,
    /// [`Options::alpha`].
    pub alpha: f64,
    /// [`Options::threshold`].
    pub threshold: f64,
    /// Figures that were tested, in all.
    pub tests: usize,
    /// Functions that ran on both sides, and the whole processes, worst first.
    pub compared: Vec<Compared>,
    /// Functions that ran on the second side alone.
    pub appeared: Vec<String>,
    /// Functions that ran on the first side alone.
    pub vanished: Vec<String>,
    /// What limits the comparison.
    pub notes: Vec<String>,
}

/// What verdicts rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The bootstrap over runs.
    OverRuns,
    /// The distribution within one run a side, because a side has too few runs.
    WithinOneRun,
}

/// A function, or the whole process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Its name on the second side.
    pub name: String,
    /// Its name on the first side, if it was another.
    pub previous_name: Option<String>,
    /// Whether this is no function but the whole process.
    pub whole_process: bool,
    /// The smallest change that counts; `null` in JSON where none does.
    pub threshold: f64,
    /// Whether its durations are estimates.
    pub sampled: bool,
    /// The worst verdict among its figures.
    pub verdict: Verdict,
    /// Its figures.
    pub figures: Vec<ComparedFigure>,
}

/// A figure on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedFigure {
    /// Its name.
    pub figure: String,
    /// What it is counted in.
    pub unit: Unit,
    /// Its value on the first side: over the runs, their trimmed geometric mean.
    pub before: f64,
    /// Its value on the second side.
    pub after: f64,
    /// The change as a fraction of the first value: 0.1 for 10 % more.
    pub change: f64,
    /// Between which changes the true one lies, with a confidence of 95 %.
    pub interval: Option<[f64; 2]>,
    /// How often chance alone gives as much, corrected for the number of tests; `None` if it was not tested.
    pub p: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
}

/// Units of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// A number of calls.
    Count,
    /// Bytes.
    Bytes,
}

/// Verdicts, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It became worse.
    Regressed,
    /// It seems to have become worse, from one run a side.
    SeemsWorse,
    /// It became better.
    Improved,
    /// It seems to have become better, from one run a side.
    SeemsBetter,
    /// The change is large enough to count, but chance would do just as well.
    Unclear,
    /// No change that counts.
    Unchanged,
}

/// Why two sides cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// A side has no run in which any annotated function ran.
    Nothing {
        /// The first or the second side.
        side: &'static str,
    },
    /// There are runs of different programs.
    Programs {
        /// A run and its program.
        one: [String; 2],
        /// Another.
        other: [String; 2],
    },
    /// The same run was given twice for one side, and would look like two that agree.
    SameRun {
        /// One label of it.
        one: String,
        /// The other.
        other: String,
    },
    /// No function ran on both sides.
    NothingInCommon {
        /// A function of the first side.
        before: String,
        /// A function of the second side.
        after: String,
    },
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompareError::Nothing { side } => write!(
                f,
                "no annotated function ran on the {side} side, so there is nothing to compare; is the program annotated, \
                 and was it run with PERF_REPORT or PERF_RECORDING?"
            ),
            CompareError::Programs { one, other } => write!(
                f,
                "{} is of the program {:?}, {} of {:?}; give runs of one program, or --any-program if they are meant to \
                 be compared",
                one[0], one[1], other[0], other[1]
            ),
            CompareError::SameRun { one, other } => write!(
                f,
                "{one} and {other} are the same run; two of the same would look as if runs did not vary: leave one out"
            ),
            CompareError::NothingInCommon { before, after } => write!(
                f,
                "no function ran on both sides: the first has for example {before:?}, the second {after:?}; are these the \
                 right files?"
            ),
        }
    }
}

impl std::error::Error for CompareError {}

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
    ///     let function = Function {
    ///         calls: 100, timed_calls: 100, sum_ns: 100 * ns, total_ns: 100 * ns, min_ns: ns, max_ns: ns, latency,
    ///         ..Function::new("app::parse")
    ///     };
    ///     let mut snapshot = Snapshot { functions: vec![function], ..Snapshot::empty() };
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
        refuse(&before, &after, options)?;
        let functions = [before.sum(), after.sum()];
        let pairs = pairs::pairs(&before, &after, [&functions[0], &functions[1]]);
        let named = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only.matches(name));
        if pairs.both.is_empty() {
            let name = |functions: &[Function], only: &[usize]| only.first().map(|&at| functions[at].name.clone());
            let names = (name(&functions[0], &pairs.before_only), name(&functions[1], &pairs.after_only));
            return Err(match names {
                (Some(before), Some(after)) => CompareError::NothingInCommon { before, after },
                (None, _) => CompareError::Nothing { side: "first" },
                (_, None) => CompareError::Nothing { side: "second" },
            });
        }

        let basis = match before.runs().min(after.runs()) < FEWEST_RUNS {
            true => Basis::WithinOneRun,
            false => Basis::OverRuns,
        };
        let mut compared = Vec::new();
        if let Some((name, figures)) = processes(&before, &after) {
            compared.push(Compared {
                name,
                previous_name: None,
                whole_process: true,
                threshold: options.threshold,
                sampled: false,
                verdict: Verdict::Unchanged,
                figures,
            });
        }
        for &(old, new) in &pairs.both {
            let (old_function, function) = (&functions[0][old], &functions[1][new]);
            if named(&function.name) || named(&old_function.name) {
                let mut rules = options.thresholds.iter().rev().filter(|rule| rule.functions.matches(&function.name));
                compared.push(Compared {
                    name: function.name.clone(),
                    previous_name: (old_function.name != function.name).then(|| old_function.name.clone()),
                    whole_process: false,
                    threshold: rules.next().map_or(options.threshold, |rule| rule.change),
                    sampled: before.functions[old].sampled || after.functions[new].sampled,
                    verdict: Verdict::Unchanged,
                    figures: options.figures.iter().map(|&figure| untested(figure)).collect(),
                });
            }
        }

        let chosen =
            pairs.both.iter().filter(|pair| named(&functions[1][pair.1].name) || named(&functions[0][pair.0].name));
        let processes = compared.iter().filter(|compared| compared.whole_process).count();
        let mut subjects: Vec<Subject<'_>> = Vec::new();
        for (index, process) in compared.iter().take(processes).enumerate() {
            for (number, figure) in process.figures.iter().enumerate() {
                let values =
                    |side: &'_ Side| side.processes.iter().find(|p| p.name == figure.figure).map(|p| p.values.clone());
                if let (Some(old), Some(new)) = (values(&before), values(&after)) {
                    let at = (index, number);
                    subjects.push(Subject { at, sides: [Runs::new(old), Runs::new(new)], single: None });
                }
            }
        }
        for (index, &(old, new)) in (processes..).zip(chosen) {
            for (number, &figure) in options.figures.iter().enumerate() {
                let values = |side: &Side, at: usize| Runs::new(side.functions[at].values(figure).iter().copied());
                subjects.push(Subject {
                    at: (index, number),
                    sides: [values(&before, old), values(&after, new)],
                    single: Some((figure, &functions[0][old], &functions[1][new])),
                });
            }
        }
        let tests = judge(&mut compared, &subjects, basis, [before.runs(), after.runs()], options);

        let order = |compared: &Compared| {
            let total = compared.figures.iter().map(|figure| figure.change.abs()).fold(0.0, f64::max);
            (compared.verdict, !compared.whole_process, std::cmp::Reverse((total * 1e6) as u64))
        };
        compared.sort_by_cached_key(order);
        let names = |functions: &[Function], only: &[usize]| {
            let names = only.iter().map(|&index| functions[index].name.clone());
            names.filter(|name| named(name)).collect()
        };
        Ok(Comparison {
            program: after.runs.first().map_or_else(String::new, |run| run.program.clone()),
            runs: [before.runs(), after.runs()],
            basis,
            alpha: options.alpha,
            threshold: options.threshold,
            tests,
            appeared: names(&functions[1], &pairs.after_only),
            vanished: names(&functions[0], &pairs.before_only),
            notes: notes(&before, &after, basis, tests, options, &compared),
            compared,
        })
    }

    /// How many functions (and whole processes) have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.compared.iter().filter(|compared| compared.verdict == verdict).count()
    }
}

/// One figure of one function, on its way to a verdict.
struct Subject<'a> {
    /// Where the verdict goes: index of the function, index of the figure.
    at: (usize, usize),
    sides: [Runs; 2],
    /// For a verdict from one run a side.
    single: Option<(Figure, &'a Function, &'a Function)>,
}

/// Tests all subjects, corrects for the number of tests and writes the verdicts; how many tests there were. Figures that
/// cannot differ, because they are the same in all runs, are none (R. E. Tarone, "A modified Bonferroni method for discrete
/// data", Biometrics 46, 1990).
fn judge(
    compared: &mut [Compared],
    subjects: &[Subject<'_>],
    basis: Basis,
    runs: [usize; 2],
    options: &Options,
) -> usize {
    // Enough drawings for a p-value that is still small when it is multiplied by the number of tests.
    let drawings = (4.0 * subjects.len() as f64 / options.alpha).clamp(2_000.0, 4_000_000.0) as u32;
    let mut p_values = vec![None; subjects.len()];
    for (number, subject) in subjects.iter().enumerate() {
        // Its own random numbers, so that no other function changes what comes out for this one.
        let mut rng = Rng::with_seed(options.seed.wrapping_add((number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let owner = &mut compared[subject.at.0];
        let threshold = owner.threshold;
        let result = &mut owner.figures[subject.at.1];
        let [before, after] = &subject.sides;
        let mut over_runs = (basis == Basis::OverRuns).then(|| Sides::new(before, after)).flatten();
        (result.before, result.after) = match (&over_runs, subject.single) {
            (None, Some((figure, old, new))) => {
                // What adds up over the runs taken as one is told per run.
                let adds_up = matches!(figure, Figure::Total | Figure::Calls);
                let per_run = runs.map(|runs| if adds_up { runs as f64 } else { 1.0 });
                (figure.estimate(old) / per_run[0], figure.estimate(new) / per_run[1])
            }
            _ if before.len() == 0 || after.len() == 0 => continue,
            _ => (before.centre(), after.centre()),
        };
        let difference = (result.after / result.before).ln();
        result.change = difference.exp() - 1.0;
        // What does not count need not be tested: for the correction its p-value is 1, which is never too small.
        let counts = counts(difference, threshold);
        result.p = match (&mut over_runs, subject.single) {
            (Some(sides), _) if sides.are_constant() => None,
            (Some(_), _) if !counts => Some(1.0),
            (Some(sides), _) => {
                let interval = sides.interval(0.95, &mut rng);
                result.interval = interval.map(|ends| ends.map(|end| end.exp() - 1.0));
                Some(sides.p_value(drawings, &mut rng))
            }
            (None, Some(_)) if basis == Basis::OverRuns => None,
            (None, Some(_)) if !counts => Some(1.0),
            (None, Some((figure, old, new))) => within_run::p_value(figure, [old, new], difference, &mut rng),
            (None, None) => None,
        };
        p_values[number] = result.p;
    }
    let tested: Vec<f64> = p_values.iter().flatten().copied().collect();
    let mut adjusted = holm(&tested).into_iter();
    for (subject, p) in subjects.iter().zip(p_values) {
        let p = p.and_then(|_| adjusted.next()).unwrap_or(1.0);
        let owner = &mut compared[subject.at.0];
        let threshold = owner.threshold;
        let result = &mut owner.figures[subject.at.1];
        let difference = (1.0 + result.change).ln();
        result.p = result.p.map(|_| p);
        result.verdict = match (basis, p <= options.alpha) {
            _ if !counts(difference, threshold) => Verdict::Unchanged,
            (_, false) => Verdict::Unclear,
            (Basis::WithinOneRun, true) if !counts(difference, threshold * within_run::CERTAIN) => {
                match difference > 0.0 {
                    true => Verdict::SeemsWorse,
                    false => Verdict::SeemsBetter,
                }
            }
            (_, true) if difference > 0.0 => Verdict::Regressed,
            (_, true) => Verdict::Improved,
        };
        owner.verdict = owner.verdict.min(result.verdict);
    }
    tested.len()
}

/// Whether a difference of logarithms is a change that counts: as many times more, or less.
fn counts(difference: f64, threshold: f64) -> bool {
    difference.abs() >= threshold.ln_1p()
}

/// Holm's adjusted p-values.
fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut highest = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        highest = highest.max(p_values[index] * (p_values.len() - rank) as f64).min(1.0);
        adjusted[index] = highest;
    }
    adjusted
}

fn untested(figure: Figure) -> ComparedFigure {
    let unit = if figure == Figure::Calls { Unit::Count } else { Unit::Ns };
    blank(figure.name(), unit)
}

fn blank(name: &str, unit: Unit) -> ComparedFigure {
    ComparedFigure {
        figure: name.to_owned(),
        unit,
        before: 0.0,
        after: 0.0,
        change: 0.0,
        interval: None,
        p: None,
        verdict: Verdict::Unchanged,
    }
}

/// The figures that whole processes have on both sides.
fn processes(before: &Side, after: &Side) -> Option<(String, Vec<ComparedFigure>)> {
    let common = before.processes.iter().filter(|figure| after.processes.iter().any(|other| other.name == figure.name));
    let figures: Vec<_> = common.map(|figure| blank(figure.name, figure.unit)).collect();
    (!figures.is_empty()).then(|| ("whole process".to_owned(), figures))
}

/// Why two sides cannot be compared, if they cannot.
fn refuse(before: &Side, after: &Side, options: &Options) -> Result<(), CompareError> {
    for side in [before, after] {
        for (index, run) in side.runs.iter().enumerate().filter(|run| run.1.id.0 != 0) {
            if let Some(other) = side.runs[..index].iter().find(|other| other.id == run.id) {
                return Err(CompareError::SameRun { one: other.label.clone(), other: run.label.clone() });
            }
        }
    }
    let mut runs = before.runs.iter().chain(&after.runs);
    let Some(first) = runs.next() else { return Err(CompareError::Nothing { side: "first" }) };
    match runs.find(|run| without_hash(&run.program) != without_hash(&first.program)) {
        Some(other) if !options.any_program => Err(CompareError::Programs {
            one: [first.label.clone(), first.program.clone()],
            other: [other.label.clone(), other.program.clone()],
        }),
        _ => Ok(()),
    }
}

/// Tests and benchmarks that cargo builds have a hash at the end of their names, which changes with every build.
fn without_hash(program: &str) -> &str {
    match program.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => program,
    }
}

/// What limits the comparison.
fn notes(
    before: &Side,
    after: &Side,
    basis: Basis,
    tests: usize,
    options: &Options,
    compared: &[Compared],
) -> Vec<String> {
    let mut notes = Vec::new();
    let fewest = before.runs().min(after.runs());
    if basis == Basis::WithinOneRun {
        let why = match before.runs().max(after.runs()) {
            1 => "There is one run a side".to_owned(),
            _ => format!(
                "There are {} runs and {}, and the bootstrap over runs needs {FEWEST_RUNS} a side, so each side is taken as one",
                before.runs(),
                after.runs()
            ),
        };
        notes.push(format!(
            "{why}: the verdicts rest on how calls vary within a run. How runs vary is unknown, commonly by several per cent, so \
             a change is a suspicion unless it is {} times the threshold. For verdicts give 10 runs a side or more \
             (perf-report bench makes them).",
            within_run::CERTAIN
        ));
    } else if smallest_p(fewest) * tests as f64 > options.alpha {
        notes.push(format!(
            "With {fewest} runs a side hardly any change of one of {tests} figures can be told from chance. Give 10 runs a \
             side or more, or fewer functions with --only."
        ));
    }
    let is_untested =
        |figure: &ComparedFigure| figure.p.is_none() && (figure.before != figure.after || figure.after == 0.0);
    let untested = compared.iter().filter(|compared| compared.figures.iter().all(is_untested)).count();
    if untested > 0 {
        notes.push(format!("{untested} functions ran in too few of the runs, or too seldom, to be tested."));
    }
    if compared.iter().any(|compared| compared.sampled) {
        notes.push("Figures marked ~ are sampled: estimates from the calls that were timed.".to_owned());
    }
    let mut runs = before.runs.iter().chain(&after.runs);
    if let Some(run) = before.runs.iter().chain(&after.runs).find(|run| run.state != State::Closed) {
        let state = if run.state == State::Running { "was still running" } else { "was killed" };
        notes.push(format!("{} {state}, so its totals and calls are those up to then.", run.label));
    }
    let clock = before.runs.first().map(|run| run.clock);
    if let Some(run) = runs.find(|run| Some(run.clock) != clock) {
        let name = |clock| match clock {
            ClockSource::Tsc => "the processor's counter",
            ClockSource::Cntvct => "the timer's counter",
            ClockSource::Monotonic => "the system's clock",
        };
        let first = clock.map_or("", name);
        notes.push(format!(
            "{} was timed by {}, others by {first}: durations below a microsecond cannot be compared.",
            run.label,
            name(run.clock)
        ));
    }
    notes
}

/// The smallest p-value that so many runs a side can be expected to give: that of a ranking that separates the sides.
fn smallest_p(runs: usize) -> f64 {
    2.0 / (0..runs).map(|i| (2 * runs - i) as f64 / (runs - i) as f64).product::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_multiplies_by_what_is_left_and_never_falls() {
        // The example of Holm's procedure with four hypotheses.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(adjusted.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{adjusted:?}");
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn hashes_of_builds_are_no_part_of_a_programs_name() {
        assert_eq!(without_hash("bench-0123456789abcdef"), "bench");
        assert_eq!(without_hash("word-index"), "word-index");
    }
}
