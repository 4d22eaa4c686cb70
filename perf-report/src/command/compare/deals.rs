//! Several runs a side: a test which metrics differ more than by chance.
//!
//! If nothing has changed, the side of a run is a mere label. So the labels are dealt out anew to whole runs, which keeps
//! whatever the functions of one run have in common, and each deal is represented by the metric that differs most in it. A
//! difference is a finding if hardly any deal has one as large *anywhere*. This is the step-down procedure of Westfall and Young
//! (P. H. Westfall, S. S. Young, "Resampling-Based Multiple Testing", 1993; as an algorithm: Y. Ge, S. Dudoit, T. P. Speed,
//! "Resampling-based multiple testing for microarray data analysis", Test 12, 2003, box 2). It holds for few runs and
//! for many, whatever their distribution, and needs no correction by the number of metrics, which would cost most of the power
//! of twenty runs.
//!
//! The statistic of a metric is Yuen's t of the logarithms, the difference of the trimmed means over its standard error, with
//! two changes. A difference below the threshold counts as 0, because nobody asked for it. And a twentieth of the threshold is
//! added to the error, so that metrics that by chance hardly vary do not drown out the others (V. G. Tusher,
//! R. Tibshirani, G. Chu, "Significance analysis of microarrays applied to the ionizing radiation response", PNAS 98, 2001).
//!
//! Dealing stops early once it is clear that there is no finding (J. Besag, P. Clifford, "Sequential Monte Carlo p-values",
//! Biometrika 78, 1991).

use std::collections::HashSet;

use fastrand::Rng;

use super::sample::{Sample, Value, cut, trimmed};

/// Fewest runs of a side for a comparison of runs, whatever is asked of it: fewer cannot be dealt out in enough ways for any verdict. Where
/// few false alarms are allowed it takes [more](needed).
pub(crate) const FEWEST_RUNS: usize = 4;

/// Number of deals at least as extreme with which a p-value is known well enough.
const ENOUGH: u32 = 50;

/// The part of the threshold that is added to a standard error.
const STEADIED_BY: f64 = 0.05;

/// A standard error that is never next to nothing, for differences of logarithms from this threshold on.
pub(super) fn steadied(error: f64, threshold: f64) -> f64 {
    error + threshold * STEADIED_BY
}

/// A metric on both sides that is about to get a p-value.
pub(super) struct Test {
    /// The values of both sides in rising order; the numbers of the second side's runs follow those of the first.
    values: Vec<Value>,
    /// The smallest difference of logarithms that counts.
    threshold: f64,
}

impl Test {
    /// A test; `None` if a side has too few runs, or if no deal can make a difference.
    pub(super) fn new(sides: [&Sample; 2], runs_before: usize, threshold: f64) -> Option<Test> {
        if sides[0].len().min(sides[1].len()) < FEWEST_RUNS {
            return None;
        }
        let after = sides[1].values().iter().map(|&value| Value { run: runs_before + value.run, ..value });
        let mut values: Vec<Value> = sides[0].values().iter().copied().chain(after).collect();
        values.sort_by(|a, b| a.log.total_cmp(&b.log));
        (values.first()?.log < values.last()?.log).then_some(Test { values, threshold })
    }

    /// How much the sides differ if these runs are the ones before; 0 if the difference does not count.
    fn statistic(&self, is_before: &[bool]) -> f64 {
        let before = self.values.iter().filter(|value| is_before[value.run]).count();
        let counts = [self.values.len() - before, before];
        if counts[0].min(counts[1]) < FEWEST_RUNS {
            return 0.0;
        }
        // Most deals differ too little, and need no error.
        let means = self.means(counts, is_before);
        let difference = (means[0] - means[1]).abs();
        if difference < self.threshold || difference == 0.0 {
            return 0.0;
        }
        let error2 = |side: bool| {
            let is_of_side = |at: usize| usize::from(is_before[self.values[at].run] == side);
            trimmed(&self.values, counts[usize::from(side)], is_of_side).error2
        };
        difference / steadied((error2(false) + error2(true)).sqrt(), self.threshold)
    }

    /// Whether any deal of these numbers of runs makes a difference that counts.
    fn can_differ(&self, runs: [usize; 2]) -> bool {
        if self.values.len() != runs[0] + runs[1] {
            return true;
        }
        let apart = |lower: usize| {
            let is_lower: HashSet<usize> = self.values[..lower].iter().map(|value| value.run).collect();
            let is_before: Vec<bool> = (0..self.values.len()).map(|run| is_lower.contains(&run)).collect();
            let means = self.means([self.values.len() - lower, lower], &is_before);
            (means[0] - means[1]).abs()
        };
        apart(runs[0]).max(apart(runs[1])) >= self.threshold
    }

    /// The trimmed means after and before, counted from the first value.
    fn means(&self, counts: [usize; 2], is_before: &[bool]) -> [f64; 2] {
        let cuts = counts.map(cut);
        let (mut ranks, mut sums) = ([0; 2], [0.0; 2]);
        for value in &self.values {
            let side = usize::from(is_before[value.run]);
            if (cuts[side]..counts[side] - cuts[side]).contains(&ranks[side]) {
                sums[side] += value.log - self.values[0].log;
            }
            ranks[side] += 1;
        }
        [0, 1].map(|side: usize| sums[side] / (counts[side] - 2 * cuts[side]) as f64)
    }
}

/// The p-value of each test, corrected for all of them: how often chance alone gives as much, in either direction, in any of
/// the tests that differ no more than it.
pub(super) fn p_values(tests: &[Test], runs: [usize; 2], deals: u32, rng: &mut Rng) -> Vec<f64> {
    let mut is_before: Vec<bool> = (0..runs[0] + runs[1]).map(|run| run < runs[0]).collect();
    // The tests that differ most come first.
    let mut order: Vec<(usize, f64)> =
        tests.iter().map(|test| test.statistic(&is_before)).enumerate().filter(|observed| observed.1 > 0.0).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut p_values = vec![1.0; tests.len()];
    let Some(&(_, most)) = order.first() else { return p_values };
    let is_candidate: HashSet<usize> = order.iter().map(|&(test, _)| test).collect();
    let others = tests.iter().enumerate().filter(|(at, test)| !is_candidate.contains(at) && test.can_differ(runs));
    let others: Vec<&Test> = others.map(|(_, test)| test).collect();

    let mut as_extreme = vec![0_u32; order.len()];
    let mut labels: Vec<usize> = (0..is_before.len()).collect();
    let mut dealt = 0;
    while dealt < deals && as_extreme[0] < ENOUGH {
        dealt += 1;
        is_before.fill(false);
        for place in 0..runs[0] {
            let other = rng.usize(place..labels.len());
            labels.swap(place, other);
            is_before[labels[place]] = true;
        }
        let mut largest = 0.0_f64;
        for test in &others {
            largest = largest.max(test.statistic(&is_before));
            if largest >= most {
                break;
            }
        }
        for (place, &(test, observed)) in order.iter().enumerate().rev() {
            largest = largest.max(tests[test].statistic(&is_before));
            // The observed deal must not come out smaller through a rounding error.
            as_extreme[place] += u32::from(largest >= observed * (1.0 - 1e-9));
        }
    }
    let stopped = as_extreme[0] >= ENOUGH;
    let mut highest = 0.0_f64;
    for (&(test, _), as_extreme) in order.iter().zip(as_extreme) {
        let p = match stopped {
            true => f64::from(as_extreme) / f64::from(dealt),
            false => f64::from(as_extreme + 1) / f64::from(dealt + 1),
        };
        highest = highest.max(p);
        p_values[test] = highest;
    }
    p_values
}

/// The smallest p-value that these numbers of runs can give: the p-value of the deal that separates the sides.
pub(super) fn smallest_p(runs: [usize; 2]) -> f64 {
    let ways = (0..runs[0]).map(|i| (runs[0] + runs[1] - i) as f64 / (runs[0] - i) as f64).product::<f64>();
    2.0 / ways
}

/// How many runs on each side a comparison of runs needs, so that it can find anything at all.
pub(super) fn needed(alpha: f64) -> usize {
    // More than this are needed only where nothing may be wrong.
    (FEWEST_RUNS..100).find(|&runs| smallest_p([runs, runs]) <= alpha).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test of values before and after, with a threshold of 1 %.
    fn test(before: &[f64], after: &[f64]) -> Option<Test> {
        let runs = |values: &[f64]| Sample::new(values.iter().copied().enumerate());
        Test::new([&runs(before), &runs(after)], before.len(), 0.01)
    }

    fn p(tests: &[Test], runs: usize) -> Vec<f64> {
        p_values(tests, [runs; 2], 20_000, &mut Rng::with_seed(1))
    }

    #[test]
    fn sides_that_are_apart_have_the_p_value_of_their_deal() {
        let apart = test(&[10.0, 10.1, 10.2, 10.3], &[12.0, 12.1, 12.3, 12.4]).unwrap();
        let expected = smallest_p([4; 2]);
        assert!((expected - 2.0 / 70.0).abs() < 1e-12);
        let found = p(&[apart], 4)[0];
        assert!((found / expected - 1.0).abs() < 0.5, "{found}");
    }

    #[test]
    fn a_metric_that_cannot_differ_is_not_tested() {
        assert!(test(&[10.0; 4], &[10.0; 4]).is_none());
        assert!(test(&[10.0; 3], &[11.0; 20]).is_none());
        let constant = test(&[10.0; 10], &[11.0; 10]).unwrap();
        assert!(p(&[constant], 10)[0] < 0.005, "constant on each side, and different");
    }

    #[test]
    fn a_difference_below_the_threshold_is_never_found() {
        let little = test(&[10.0, 10.001, 10.002, 10.003, 10.004], &[10.05, 10.051, 10.052, 10.053, 10.054]).unwrap();
        assert_eq!(p(&[little], 5), [1.0]);
    }

    #[test]
    fn among_a_hundred_that_vary_the_one_that_differs_is_found_and_no_other() {
        let mut rng = Rng::with_seed(5);
        let mut values = |middle: f64| -> Vec<f64> { (0..10).map(|_| middle * (1.0 + 0.1 * rng.f64())).collect() };
        let tests: Vec<Test> =
            (0..100).map(|n| test(&values(10.0), &values(if n == 42 { 13.0 } else { 10.0 })).unwrap()).collect();
        let found: Vec<usize> = p(&tests, 10).iter().enumerate().filter(|p| *p.1 <= 0.05).map(|p| p.0).collect();
        assert_eq!(found, [42]);
    }

    #[test]
    fn p_values_are_small_by_chance_as_often_as_they_say() {
        let mut rng = Rng::with_seed(11);
        let mut small = 0;
        for _ in 0..400 {
            // A long tail, and something that all tests of a run have in common.
            let common: Vec<f64> = (0..12).map(|_| 1.0 - (1.0 - rng.f64()).ln()).collect();
            let tests: Vec<Test> = (0..20)
                .map(|_| {
                    let values: Vec<f64> = common.iter().map(|common| common + rng.f64()).collect();
                    test(&values[..6], &values[6..]).unwrap()
                })
                .collect();
            let p_values = p_values(&tests, [6; 2], 400, &mut rng);
            small += usize::from(p_values.iter().any(|&p| p <= 0.1));
        }
        assert!((25..=55).contains(&small), "{small} of 400 at 10 %");
    }
}
