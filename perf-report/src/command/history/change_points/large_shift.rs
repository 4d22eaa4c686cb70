//! The test for large shifts of the mean, which needs few values.
//!
//! Permutations assume nothing of the noise, and so they can say little of few values: of eight commits, the last four of which are higher
//! than all before, they say that 2 of 70 orders look like that, and no alarm with a probability of 2 % comes of it, whatever the step.
//! This test assumes that the values of an unchanged series are normally distributed. It compares the means before and after each place by
//! Student's t, and takes the place where that is largest (D. M. Hawkins, "Testing a sequence of observations for a shift in location",
//! Journal of the American Statistical Association 72, 1977). Each place has an equal part of the probability of a false alarm, which
//! loses little where there are few (K. J. Worsley, "On the likelihood ratio test for a shift in location of normal populations", same
//! journal 74, 1979).
//!
//! Values that agree by chance, as those of a coarse clock do, would make any difference look large. So the noise of the values is never
//! taken for less than their runs tell.

use super::FEWEST;

/// Means of equal logarithms may differ by less than this.
const ROUNDING: f64 = 1e-9;

/// Where the means before and after differ most, and the probability that chance gives this one place as large a difference. `error` is
/// the standard error of a value by its runs.
pub(super) fn largest_shift(values: &[f64], error: f64) -> Option<(usize, f64)> {
    let count = values.len();
    if count < 2 * FEWEST {
        return None;
    }
    let shifts = (FEWEST..=count - FEWEST).map(|at| {
        let (left, right) = values.split_at(at);
        let noise = error.max(deviation(&[left, right]));
        let difference = (mean(left) - mean(right)).abs();
        // Equal values have no shift, and different ones without any noise are infinitely far apart.
        let t = if difference <= ROUNDING { 0.0 } else { difference / (noise * standard_error(at, count - at)) };
        (at, t)
    });
    shifts.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, t)| (at, two_sided(t, count - 2)))
}

/// The number of places at which a series of so many values may be split.
pub(super) fn places(count: usize) -> usize {
    (count + 1).saturating_sub(2 * FEWEST)
}

/// The least shift that is found since so many of the newest of `count` values, of which each place has the probability `alpha`.
pub(super) fn least_shift(noise: f64, count: usize, newest: usize, alpha: f64) -> f64 {
    noise * standard_error(count - newest, newest) * quantile(alpha, count - 2)
}

/// The standard deviation of values around the means of their parts.
pub(super) fn deviation(parts: &[&[f64]]) -> f64 {
    let squares = |part: &&[f64]| {
        let mean = mean(part);
        part.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
    };
    let freedom = parts.iter().map(|part| part.len()).sum::<usize>() - parts.len();
    (parts.iter().map(squares).sum::<f64>() / freedom as f64).sqrt()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard error of the difference of two means, in units of the noise.
fn standard_error(left: usize, right: usize) -> f64 {
    (1.0 / left as f64 + 1.0 / right as f64).sqrt()
}

/// The probability that Student's t with so many degrees of freedom is further from 0 than `t`: the finite series 26.7.3 and 26.7.4 of
/// M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 1964.
fn two_sided(t: f64, freedom: usize) -> f64 {
    let angle = libm::atan2(t, (freedom as f64).sqrt());
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    let is_odd = freedom % 2 == 1;
    let (mut term, mut sum) = if is_odd { (cosine, 0.0) } else { (1.0, 0.0) };
    // The powers of the cosine rise by two, up to that of `freedom - 2`.
    let mut power = usize::from(is_odd);
    while power + 2 <= freedom {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    let inside = if is_odd { (angle + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum };
    (1.0 - inside).max(0.0)
}

/// The t that is exceeded on both sides together with this probability.
fn quantile(probability: f64, freedom: usize) -> f64 {
    // The series has no more digits than this.
    let probability = probability.max(1e-14);
    let (mut low, mut high) = (0.0, 1.0);
    while two_sided(high, freedom) > probability {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if two_sided(middle, freedom) > probability { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_the_tables() {
        // Of the table of percentage points in each book of statistics.
        for (freedom, t, probability) in [
            (1, 63.657, 0.01),
            (2, 9.925, 0.01),
            (3, 5.841, 0.01),
            (6, 3.707, 0.01),
            (7, 5.408, 0.001),
            (30, 3.646, 0.001),
        ] {
            assert!((two_sided(t, freedom) / probability - 1.0).abs() < 2e-3, "{freedom} {t}");
            assert!((quantile(probability, freedom) / t - 1.0).abs() < 1e-3, "{freedom} {t}");
        }
        assert_eq!(two_sided(0.0, 5), 1.0);
        assert_eq!(two_sided(f64::INFINITY, 6), 0.0);
    }

    #[test]
    fn the_shift_is_where_the_values_rise_and_its_probability_is_small() {
        let (at, probability) = largest_shift(&[0.0, 0.01, -0.01, 0.0, 0.4, 0.41, 0.39, 0.4], 0.0).unwrap();
        assert!(at == 4 && probability < 1e-7, "{at} {probability}");
        for constant in [0.1, 1.0, libm::log(1e6 / 3.0)] {
            assert_eq!(largest_shift(&[constant; 11], 0.0).unwrap().1, 1.0);
        }
        assert!(largest_shift(&[0.0, 0.0, 1.0], 0.0).is_none());
    }

    #[test]
    fn values_that_agree_by_chance_are_no_proof() {
        let coarse = [10.0, 10.0, 10.0, 10.0, 10.0, 11.0, 11.0, 11.0].map(libm::log);
        assert_eq!(largest_shift(&coarse, 0.0).unwrap().1, 0.0);
        assert!(largest_shift(&coarse, 0.04).unwrap().1 > 0.01, "the runs of a commit differ as much");
    }

    #[test]
    fn the_least_shift_is_just_found() {
        let noise = [0.01, -0.01, 0.01, -0.01, 0.01, -0.01];
        let values = |shift: f64| Vec::from_iter(noise.iter().copied().chain([shift + 0.01, shift - 0.01]));
        let parts = values(0.0);
        let least = least_shift(deviation(&[&parts[..6], &parts[6..]]), 8, 2, 1e-5);
        let probability = |shift| largest_shift(&values(shift), 0.0).unwrap().1;
        assert!(probability(least * 1.01) < 1e-5 && probability(least * 0.99) > 1e-5, "{least}");
    }
}
