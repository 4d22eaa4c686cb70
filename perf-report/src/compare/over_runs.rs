//! Two samples of runs: is what they are drawn from different?
//!
//! The logarithms of a figure, one per run, are compared by their 20 % trimmed means, because runs are noisy in one direction:
//! now and then one is disturbed and takes far longer. The statistic is Yuen's t (K. K. Yuen, "The two-sample trimmed t for
//! unequal population variances", Biometrika 61, 1974), which needs no equal variances. What it would be by chance is found
//! by the bootstrap: runs are drawn with replacement from each side, both moved to the same centre, and the statistic is
//! computed again (B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, algorithm 16.2; with trimmed means:
//! R. R. Wilcox, "Introduction to Robust Estimation and Hypothesis Testing", 2012, section 5.3). The p-value is the share of
//! drawings that gave as much; drawing stops early when it is clear that it is not small (J. Besag, P. Clifford, "Sequential
//! Monte Carlo p-values", Biometrika 78, 1991).

use fastrand::Rng;

/// Fewest runs of a side with which runs are compared.
pub(crate) const FEWEST_RUNS: usize = 3;

/// Drawings at least as extreme with which a p-value is known well enough.
const ENOUGH: u32 = 20;

/// Drawings for an interval.
const INTERVAL_DRAWINGS: usize = 1_000;

/// A figure of one side: its logarithm for each run, in rising order.
#[derive(Clone, Debug)]
pub(super) struct Runs(Vec<f64>);

/// A trimmed mean, and the square of its standard error.
#[derive(Clone, Copy, Debug)]
struct Centre {
    mean: f64,
    error2: f64,
}

impl Runs {
    /// The runs in which the figure was above nothing.
    pub(super) fn new(values: impl IntoIterator<Item = f64>) -> Runs {
        let mut logs: Vec<f64> = values.into_iter().filter(|&value| value > 0.0).map(f64::ln).collect();
        logs.sort_by(f64::total_cmp);
        Runs(logs)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value they are drawn from, as far as one knows: the exponential of the trimmed mean.
    pub(super) fn centre(&self) -> f64 {
        self.trimmed(|_| 1).mean.exp()
    }

    /// The trimmed mean of a sample that has each of the runs so many times, as many in all as there are.
    fn trimmed(&self, times: impl Fn(usize) -> usize) -> Centre {
        let count = self.0.len();
        let cut = count / 5;
        let kept = (count - 2 * cut) as f64;
        // Values at the ranks from `cut` to `count - cut` are kept; the others take the value of the nearest kept one.
        let (mut rank, mut sum, mut squares) = (0, 0.0, 0.0);
        let (mut lowest, mut highest) = (0.0, 0.0);
        // Relative to the middle, so that squares do not cancel.
        let origin = self.0[count / 2];
        for (index, value) in self.0.iter().enumerate() {
            let end = rank + times(index);
            let inside = end.min(count - cut).saturating_sub(rank.max(cut));
            if inside > 0 {
                let value = value - origin;
                if rank <= cut {
                    lowest = value;
                }
                highest = value;
                sum += value * inside as f64;
                squares += value * value * inside as f64;
            }
            rank = end;
        }
        let mean = sum / kept;
        let cut = cut as f64;
        let (all, winsorized) = (count as f64, sum + cut * (lowest + highest));
        let squares = squares + cut * (lowest * lowest + highest * highest);
        let spread = (squares - winsorized * winsorized / all).max(0.0);
        Centre { mean: origin + mean, error2: spread / (kept * (kept - 1.0)) }
    }

    /// The centre of as many runs drawn from these.
    fn draw(&self, rng: &mut Rng, times: &mut [u16]) -> Centre {
        let count = self.0.len();
        times[..count].fill(0);
        for _ in 0..count {
            times[rng.usize(..count)] += 1;
        }
        self.trimmed(|index| usize::from(times[index]))
    }
}

/// Two sides of one figure.
pub(super) struct Sides<'a> {
    before: &'a Runs,
    after: &'a Runs,
    centres: [Centre; 2],
    times: Vec<u16>,
}

impl<'a> Sides<'a> {
    /// `None` with too few runs.
    pub(super) fn new(before: &'a Runs, after: &'a Runs) -> Option<Sides<'a>> {
        if before.len().min(after.len()) < FEWEST_RUNS {
            return None;
        }
        let centres = [before, after].map(|runs| runs.trimmed(|_| 1));
        Some(Sides { before, after, centres, times: vec![0; before.len().max(after.len())] })
    }

    /// The difference of the logarithms.
    pub(super) fn difference(&self) -> f64 {
        self.centres[1].mean - self.centres[0].mean
    }

    fn error(&self) -> f64 {
        (self.centres[0].error2 + self.centres[1].error2).sqrt()
    }

    /// The statistic as it comes out where both sides are drawn from the same; infinite if what was drawn does not vary.
    fn drawing(&mut self, rng: &mut Rng) -> f64 {
        let before = self.before.draw(rng, &mut self.times);
        let after = self.after.draw(rng, &mut self.times);
        let error = (before.error2 + after.error2).sqrt();
        let difference = after.mean - before.mean - self.difference();
        if error > 0.0 { (difference / error).abs() } else { f64::INFINITY }
    }

    /// Whether neither side varies nor differs from the other: then no test could find anything.
    pub(super) fn are_constant(&self) -> bool {
        self.error() == 0.0 && self.difference() == 0.0
    }

    /// How often chance alone gives such a difference, in either direction, by at most so many drawings.
    pub(super) fn p_value(&mut self, drawings: u32, rng: &mut Rng) -> f64 {
        let error = self.error();
        if error == 0.0 {
            // Nothing varies: all that speaks for chance is that the runs may have been dealt out like that.
            let dealt = binomial(self.before.len() + self.after.len(), self.before.len());
            return if self.difference() == 0.0 { 1.0 } else { (2.0 / dealt).min(1.0) };
        }
        let observed = (self.difference() / error).abs();
        let mut as_extreme = 0;
        for drawing in 1..=drawings {
            if self.drawing(rng) >= observed {
                as_extreme += 1;
                if as_extreme == ENOUGH {
                    return f64::from(as_extreme) / f64::from(drawing);
                }
            }
        }
        f64::from(as_extreme + 1) / f64::from(drawings + 1)
    }

    /// Between which differences the true one lies with this confidence, if that can be said.
    pub(super) fn interval(&mut self, confidence: f64, rng: &mut Rng) -> Option<[f64; 2]> {
        let error = self.error();
        let mut drawings: Vec<f64> = (0..INTERVAL_DRAWINGS).map(|_| self.drawing(rng)).collect();
        drawings.sort_by(f64::total_cmp);
        let width = drawings[((INTERVAL_DRAWINGS as f64 * confidence) as usize).min(INTERVAL_DRAWINGS - 1)] * error;
        width.is_finite().then(|| [self.difference() - width, self.difference() + width])
    }
}

/// In how many ways `k` can be chosen out of `n`.
fn binomial(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (k - i) as f64).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimmed_means_and_their_errors_are_those_of_the_book() {
        // The 19 values of self-awareness that Wilcox's textbooks use throughout; their 20 % trimmed mean is 282.7.
        let table = [77, 87, 88, 114, 151, 210, 219, 246, 253, 262, 296, 299, 306, 376, 428, 515, 666, 1310, 2611];
        let runs = Runs(table.map(f64::from).to_vec());
        let centre = runs.trimmed(|_| 1);
        assert!((centre.mean - 282.7).abs() < 0.1, "{}", centre.mean);
        let of_copies = Runs(table.iter().flat_map(|&value| [f64::from(value); 2]).collect());
        let doubled = Runs(of_copies.0.clone()).trimmed(|index| if index % 2 == 0 { 2 } else { 0 });
        assert!((of_copies.trimmed(|_| 1).mean - doubled.mean).abs() < 1e-9);
    }

    #[test]
    fn winsorized_variance_is_that_of_the_clipped_sample() {
        let runs = Runs(vec![1.0, 2.0, 4.0, 7.0, 11.0, 12.0, 20.0, 21.0, 30.0, 900.0]);
        let clipped = [4.0, 4.0, 4.0, 7.0, 11.0, 12.0, 20.0, 21.0, 21.0, 21.0_f64];
        let mean = clipped.iter().sum::<f64>() / 10.0;
        let spread: f64 = clipped.iter().map(|value| (value - mean).powi(2)).sum();
        let centre = runs.trimmed(|_| 1);
        assert!((centre.mean - (4.0 + 7.0 + 11.0 + 12.0 + 20.0 + 21.0) / 6.0).abs() < 1e-9);
        assert!((centre.error2 - spread / 30.0).abs() < 1e-9);
    }

    #[test]
    fn runs_that_never_vary_are_judged_by_how_they_could_have_been_dealt() {
        let p = |before: usize, after: usize| {
            let (before, after) = (Runs::new(vec![10.0; before]), Runs::new(vec![11.0; after]));
            Sides::new(&before, &after).map(|mut sides| sides.p_value(100, &mut Rng::with_seed(1)))
        };
        assert_eq!(p(3, 3), Some(0.1));
        assert!(p(20, 20).unwrap() < 1e-10);
        assert_eq!(p(2, 20), None);
    }

    #[test]
    fn one_side_drawn_from_the_other_is_within_the_interval_as_often_as_promised() {
        let mut rng = Rng::with_seed(7);
        let mut inside = 0;
        for _ in 0..300 {
            // A long tail to the right, as run times have.
            let mut runs = || Runs::new((0..12).map(|_| 100.0 + 5.0 * -(1.0 - rng.f64()).ln()));
            let (before, after) = (runs(), runs());
            let mut sides = Sides::new(&before, &after).unwrap();
            let [low, high] = sides.interval(0.95, &mut Rng::with_seed(3)).unwrap();
            inside += usize::from(low <= 0.0 && 0.0 <= high);
        }
        assert!((276..=299).contains(&inside), "{inside} of 300");
    }
}
