//! From the figures of both sides to verdicts: each figure of each function is a test.

use fastrand::Rng;

use super::{
    Basis, Compared, Options, Verdict,
    deals::{self, Test},
    holm, interval,
    runs::Runs,
    within_run,
};
use crate::{Figure, Function};

/// Confidence of the intervals.
const CONFIDENCE: f64 = 0.95;

/// Deals times alpha: enough for a p-value near alpha to be known to a tenth of it.
const DEALS: f64 = 100.0;

/// One figure of one function, on its way to a verdict.
pub(super) struct Subject<'a> {
    /// Where the verdict goes: index of the function, index of the figure.
    pub(super) at: (usize, usize),
    pub(super) sides: [Runs; 2],
    /// For a verdict from one run a side.
    pub(super) single: Option<(Figure, &'a Function, &'a Function)>,
}

/// Tests all subjects and writes the verdicts; how many tests there were. Figures that cannot differ, because they are the same
/// in all runs, are none.
pub(super) fn judge(
    compared: &mut [Compared],
    subjects: &[Subject<'_>],
    basis: Basis,
    runs: [usize; 2],
    options: &Options,
) -> usize {
    for subject in subjects {
        let result = &mut compared[subject.at.0].figures[subject.at.1];
        [result.before, result.after] = subject.values(basis, runs);
        // Where a side has nothing, nothing is said.
        let change = result.after / result.before - 1.0;
        result.change = if change.is_finite() && result.after > 0.0 { change } else { 0.0 };
    }
    let p_values = match basis {
        Basis::OverRuns => over_runs(compared, subjects, runs, options),
        Basis::WithinOneRun => within_one_run(compared, subjects, options),
    };
    for (subject, &p) in subjects.iter().zip(&p_values) {
        let owner = &mut compared[subject.at.0];
        let threshold = owner.threshold;
        let result = &mut owner.figures[subject.at.1];
        result.p = p;
        let difference = result.change.ln_1p();
        result.verdict = p.map_or(Verdict::Unchanged, |p| verdict(basis, difference, threshold, p <= options.alpha));
        owner.verdict = owner.verdict.min(result.verdict);
    }
    p_values.iter().flatten().count()
}

/// The p-values over runs, and the intervals of what changed enough to count.
fn over_runs(
    compared: &mut [Compared],
    subjects: &[Subject<'_>],
    runs: [usize; 2],
    options: &Options,
) -> Vec<Option<f64>> {
    let mut tests = Vec::new();
    let mut places = Vec::new();
    for (number, subject) in subjects.iter().enumerate() {
        let owner = &mut compared[subject.at.0];
        let [before, after] = &subject.sides;
        let Some(test) = Test::new([before, after], runs[0], owner.threshold.ln_1p()) else { continue };
        tests.push(test);
        places.push(number);
        let threshold = owner.threshold;
        let result = &mut owner.figures[subject.at.1];
        if counts(result.change.ln_1p(), threshold) {
            let ends = interval::interval([before, after], CONFIDENCE, &mut random(options, number));
            result.interval = ends.map(|ends| ends.map(f64::exp_m1));
        }
    }
    let deals = (DEALS / options.alpha) as u32;
    let mut p_values = vec![None; subjects.len()];
    let found = deals::p_values(&tests, runs, deals, &mut Rng::with_seed(options.seed));
    for (place, p) in places.into_iter().zip(found) {
        p_values[place] = Some(p);
    }
    p_values
}

/// The p-values from the calls within one run a side, corrected for their number.
fn within_one_run(compared: &[Compared], subjects: &[Subject<'_>], options: &Options) -> Vec<Option<f64>> {
    let p = |(number, subject): (usize, &Subject<'_>)| {
        let owner = &compared[subject.at.0];
        let difference = owner.figures[subject.at.1].change.ln_1p();
        let (figure, old, new) = subject.single?;
        // What does not count need not be tested: for the correction its p-value is 1, which is never too small.
        match counts(difference, owner.threshold) {
            false => Some(1.0),
            true => within_run::p_value(figure, [old, new], difference, &mut random(options, number)),
        }
    };
    let mut p_values: Vec<Option<f64>> = subjects.iter().enumerate().map(p).collect();
    let tested: Vec<f64> = p_values.iter().flatten().copied().collect();
    for (p, adjusted) in p_values.iter_mut().flatten().zip(holm::adjusted(&tested)) {
        *p = adjusted;
    }
    p_values
}

impl Subject<'_> {
    /// The figure on both sides.
    fn values(&self, basis: Basis, runs: [usize; 2]) -> [f64; 2] {
        match (basis, self.single) {
            (Basis::WithinOneRun, Some((figure, old, new))) => {
                // What adds up over the runs taken as one is told per run.
                let adds_up = matches!(figure, Figure::Total | Figure::Calls);
                let per_run = runs.map(|runs| if adds_up { runs as f64 } else { 1.0 });
                [figure.estimate(old) / per_run[0], figure.estimate(new) / per_run[1]]
            }
            _ => [0, 1].map(|side: usize| self.sides[side].centre().map_or(0.0, |centre| centre.mean.exp())),
        }
    }
}

/// Its own random numbers for each subject, so that no other function changes what comes out for this one.
fn random(options: &Options, number: usize) -> Rng {
    Rng::with_seed(options.seed.wrapping_add((number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

fn verdict(basis: Basis, difference: f64, threshold: f64, is_certain: bool) -> Verdict {
    let is_suspicion = basis == Basis::WithinOneRun;
    match (counts(difference, threshold), is_certain, difference > 0.0) {
        (false, ..) => Verdict::Unchanged,
        (_, false, _) => Verdict::Unclear,
        (.., true) if is_suspicion => Verdict::SeemsWorse,
        (.., false) if is_suspicion => Verdict::SeemsBetter,
        (.., true) => Verdict::Regressed,
        (.., false) => Verdict::Improved,
    }
}

/// Whether a difference of logarithms is a change that counts: as many times more, or less.
fn counts(difference: f64, threshold: f64) -> bool {
    difference.abs() >= threshold.ln_1p()
}
