//! Verdicts: every metric of every function is a test.

use fastrand::Rng;

use super::{
    Basis, CompareOptions, Compared, ComparedMetric, MetricSource, Verdict,
    deals::{self, Test},
    holm, interval,
    sample::Sample,
    within_run,
};
use crate::{Function, command::metric::FunctionMetric};

/// Confidence level of the intervals.
const CONFIDENCE: f64 = 0.95;

/// Deals times alpha: enough to know a p-value near alpha to a tenth of itself.
const DEALS: f64 = 100.0;

/// A metric of a function that is about to be tested.
pub(super) struct Subject<'a> {
    /// Where the verdict goes: index of the function, index of the metric.
    pub(super) at: (usize, usize),
    pub(super) sides: [Sample; 2],
    /// The data for a verdict from one run a side.
    pub(super) single: Option<(FunctionMetric, &'a Function, &'a Function)>,
}

/// Tests all subjects, writes the verdicts, and returns the number of tests. A metric that is the same in all runs is not tested, nor are those
/// of a row that is not to be judged.
pub(super) fn judge(
    compared: &mut [Compared],
    subjects: &[Subject<'_>],
    basis: Basis,
    runs: [usize; 2],
    options: &CompareOptions,
) -> usize {
    for subject in subjects {
        let result = &mut compared[subject.at.0].metrics[subject.at.1];
        [result.before, result.after] = subject.values(basis, runs);
        // Without a value on each side there is no change to speak of.
        let change = result.after / result.before - 1.0;
        result.change = if change.is_finite() && result.after > 0.0 { change } else { 0.0 };
    }
    let p_values = match basis {
        Basis::OverRuns => over_runs(compared, subjects, runs, options),
        Basis::WithinOneRun => within_one_run(compared, subjects, options),
    };
    for (subject, &p) in subjects.iter().zip(&p_values) {
        let owner = &mut compared[subject.at.0];
        let (threshold, judged, source) = (owner.threshold, owner.judged, owner.source);
        let result = &mut owner.metrics[subject.at.1];
        result.p = p;
        let difference = result.change.ln_1p();
        result.verdict = match p {
            Some(p) => verdict(basis, difference, threshold, p <= options.alpha),
            None if judged => untested(result, threshold, source),
            None => Verdict::Unchanged,
        };
        result.interval = result.interval.filter(|&interval| agree(result.verdict, interval));
    }
    for compared in compared {
        let is_tested = compared.metrics.iter().any(|metric| metric.p.is_some());
        let verdicts = compared.metrics.iter().map(|metric| metric.verdict);
        let verdicts = verdicts.filter(|&verdict| !is_tested || verdict != Verdict::Untested);
        compared.verdict = verdicts.min().unwrap_or(Verdict::Unchanged);
    }
    p_values.iter().flatten().count()
}

/// The verdict on a metric that was not tested, because it is the same in all runs or there are too few of them.
///
/// A count hardly varies, so a change of it is worth a suspicion without a test.
fn untested(metric: &ComparedMetric, threshold: f64, source: MetricSource) -> Verdict {
    let is_only_on_one_side = (metric.before == 0.0) != (metric.after == 0.0);
    match (counts(metric.change.ln_1p(), threshold), source) {
        (false, _) if is_only_on_one_side => Verdict::Untested,
        (false, _) => Verdict::Unchanged,
        (true, MetricSource::Timed) => Verdict::Untested,
        (true, _) if metric.change > 0.0 => Verdict::SeemsWorse,
        (true, _) => Verdict::SeemsBetter,
    }
}

/// The p-values over runs, and the intervals of the changes that are large enough to count.
fn over_runs(
    compared: &mut [Compared],
    subjects: &[Subject<'_>],
    runs: [usize; 2],
    options: &CompareOptions,
) -> Vec<Option<f64>> {
    let mut tests = Vec::new();
    let mut places = Vec::new();
    for (number, subject) in subjects.iter().enumerate() {
        let owner = &mut compared[subject.at.0];
        if !owner.judged {
            continue;
        }
        let [before, after] = &subject.sides;
        let Some(test) = Test::new([before, after], runs[0], owner.threshold.ln_1p()) else { continue };
        tests.push(test);
        places.push(number);
        let threshold = owner.threshold;
        let result = &mut owner.metrics[subject.at.1];
        if counts(result.change.ln_1p(), threshold) {
            let ends = interval::interval([before, after], CONFIDENCE, threshold.ln_1p(), &mut random(options, number));
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
fn within_one_run(compared: &[Compared], subjects: &[Subject<'_>], options: &CompareOptions) -> Vec<Option<f64>> {
    let p = |(number, subject): (usize, &Subject<'_>)| {
        let owner = &compared[subject.at.0];
        if !owner.judged {
            return None;
        }
        let difference = owner.metrics[subject.at.1].change.ln_1p();
        let (metric, old, new) = subject.single?;
        // A change that does not count needs no test; the correction takes its p-value as 1.
        match counts(difference, owner.threshold) {
            false => Some(1.0),
            true => within_run::p_value(metric, [old, new], difference, &mut random(options, number)),
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
    /// The values of the metric on both sides.
    fn values(&self, basis: Basis, runs: [usize; 2]) -> [f64; 2] {
        match (basis, self.single) {
            (Basis::WithinOneRun, Some((metric, old, new))) => {
                // The runs of a side are taken as one, so a sum over them is divided by their number.
                let adds_up = matches!(metric, FunctionMetric::Total | FunctionMetric::Calls);
                let per_run = runs.map(|runs| if adds_up { runs as f64 } else { 1.0 });
                [metric.estimate(old) / per_run[0], metric.estimate(new) / per_run[1]]
            }
            _ => [0, 1].map(|side: usize| self.sides[side].centre().map_or(0.0, |centre| centre.mean.exp())),
        }
    }
}

/// The random numbers of one subject, so that its result does not depend on the other functions.
fn random(options: &CompareOptions, number: usize) -> Rng {
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

/// Whether an interval leaves room for a verdict.
///
/// The two come from different tests, and of few runs the interval may be so wide that it holds "no change" beside a finding. It would be read
/// as a doubt, though the verdict is the test that keeps the promise.
fn agree(verdict: Verdict, [low, high]: [f64; 2]) -> bool {
    let is_finding = matches!(verdict, Verdict::Regressed | Verdict::Improved);
    !is_finding || low > 0.0 || high < 0.0
}

/// Whether a difference of logarithms is a change that counts, upwards or downwards by the same factor.
fn counts(difference: f64, threshold: f64) -> bool {
    difference.abs() >= threshold.ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_interval_contradicts_the_verdict_beside_it() {
        for (verdict, interval, is_shown) in [
            (Verdict::Regressed, [-0.076, 0.873], false),
            (Verdict::Regressed, [0.1, 0.873], true),
            (Verdict::Improved, [-0.5, 0.0], false),
            (Verdict::Improved, [-0.5, -0.1], true),
            (Verdict::Unclear, [-0.076, 0.873], true),
        ] {
            assert_eq!(agree(verdict, interval), is_shown, "{verdict:?} {interval:?}");
        }
    }
}
