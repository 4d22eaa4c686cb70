//! The values of a metric in several runs, and their centre.
//!
//! The centre is the trimmed mean of the logarithms, one per run, without an eighth at either end. Runs are noisy in one
//! direction: now and then one is disturbed and takes far longer. If more were cut off, a few runs could hardly differ more
//! than a random deal of them. The error of the mean comes from the winsorized variance (K. K. Yuen, "The
//! two-sample trimmed t for unequal population variances", Biometrika 61, 1974).

/// A metric on one side: its logarithm in each run.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// In rising order.
    values: Vec<Value>,
}

/// The logarithm of a metric in one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) log: f64,
    /// Which run of the side.
    pub(super) run: usize,
}

/// A trimmed mean, and the square of its standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Centre {
    pub(super) mean: f64,
    pub(super) error2: f64,
}

impl Sample {
    /// A sample of the runs in which the metric was above 0: the number of each run, and the value.
    pub(super) fn new(values: impl IntoIterator<Item = (usize, f64)>) -> Sample {
        let values = values.into_iter().filter(|&(_, value)| value > 0.0);
        let mut values: Vec<Value> = values.map(|(run, value)| Value { log: value.ln(), run }).collect();
        values.sort_by(|a, b| a.log.total_cmp(&b.log));
        Sample { values }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// The centre of the logarithms; `None` without runs.
    pub(super) fn centre(&self) -> Option<Centre> {
        (!self.values.is_empty()).then(|| trimmed(&self.values, self.len(), |_| 1))
    }
}

/// How many values are cut off at each end.
pub(super) fn cut(count: usize) -> usize {
    count / 8
}

/// The centre of a sample of `count` values: each of these rising values, as many `times` as the function says.
pub(super) fn trimmed(values: &[Value], count: usize, times: impl Fn(usize) -> usize) -> Centre {
    let cut = cut(count);
    let kept = (count - 2 * cut) as f64;
    // Values at the ranks from `cut` to `count - cut` are kept; each of the others takes the value of the nearest kept one.
    let (mut rank, mut sum, mut squares) = (0, 0.0, 0.0);
    let (mut lowest, mut highest) = (0.0, 0.0);
    // Relative to the middle, so that squares do not cancel.
    let origin = values[values.len() / 2].log;
    for (index, value) in values.iter().enumerate() {
        let end = rank + times(index);
        let inside = end.min(count - cut).saturating_sub(rank.max(cut));
        if inside > 0 {
            let value = value.log - origin;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[f64]) -> Sample {
        Sample::new(values.iter().map(|value| value.exp()).enumerate())
    }

    #[test]
    fn a_trimmed_mean_is_the_mean_of_the_values_left() {
        let values = [1.0, 2.0, 4.0, 7.0, 11.0, 12.0, 20.0, 21.0, 30.0, 90.0];
        let left = values[1..9].iter().sum::<f64>() / 8.0;
        assert!((runs(&values).centre().unwrap().mean - left).abs() < 1e-9);
        let of_copies = runs(&values.iter().flat_map(|&value| [value; 2]).collect::<Vec<_>>());
        let doubled = trimmed(of_copies.values(), of_copies.len(), |index| if index % 2 == 0 { 2 } else { 0 });
        assert!((of_copies.centre().unwrap().mean - doubled.mean).abs() < 1e-9);
        assert!(runs(&[]).centre().is_none());
    }

    #[test]
    fn the_winsorized_variance_is_the_variance_of_the_clipped_sample() {
        let centre = runs(&[1.0, 2.0, 4.0, 7.0, 11.0, 12.0, 20.0, 21.0, 30.0, 90.0]).centre().unwrap();
        let clipped = [2.0, 2.0, 4.0, 7.0, 11.0, 12.0, 20.0, 21.0, 30.0, 30.0_f64];
        let mean = clipped.iter().sum::<f64>() / 10.0;
        let spread: f64 = clipped.iter().map(|value| (value - mean).powi(2)).sum();
        assert!((centre.error2 - spread / (8.0 * 7.0)).abs() < 1e-9);
    }
}
