//! One run a side: is the difference larger than the calls within a run vary?
//!
//! The distribution of a run is resampled as if its calls were independent draws: of a quantile by drawing the rank that it
//! has (for many calls the binomial of the order statistic is normal), of a mean by its standard error. The spread of the
//! drawings is the standard error of the logarithm (Efron and Tibshirani 1993, chapter 6: 200 drawings are enough for one),
//! and the difference is held against the normal distribution.
//!
//! It says nothing of how runs differ from one another: addresses, the heap, the temperature and the neighbours make
//! processes of the same program differ by several per cent (T. Mytkowicz et al., "Producing wrong data without doing
//! anything obviously wrong!", ASPLOS 2009; T. Kalibera, R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).
//! Hence what is found here is a suspicion, however large: on a busy machine single runs differ by half.

use fastrand::Rng;

use crate::{Figure, Function, figure::interpolate};

/// Calls that must lie on either side of a quantile, so that its rank is drawn from a normal distribution.
const FEWEST_BESIDE: f64 = 10.0;

const DRAWINGS: usize = 200;

/// How often chance alone gives such a difference of logarithms between two runs that are alike but for their calls; `None` if there are
/// too few of them, or the figure has no such distribution.
pub(super) fn p_value(figure: Figure, functions: [&Function; 2], difference: f64, rng: &mut Rng) -> Option<f64> {
    if figure == Figure::Calls {
        return Some(if difference == 0.0 { 1.0 } else { 0.0 });
    }
    let errors = [error2(figure, functions[0], rng)?, error2(figure, functions[1], rng)?];
    let error = (errors[0] + errors[1]).sqrt();
    Some(if error > 0.0 { libm::erfc(difference.abs() / error / std::f64::consts::SQRT_2) } else { 0.0 })
}

/// The square of the standard error of the figure's logarithm.
fn error2(figure: Figure, function: &Function, rng: &mut Rng) -> Option<f64> {
    // Of sampled durations only those measured count.
    let calls = function.latency.count().min(function.timed_calls) as f64;
    match figure {
        Figure::Mean | Figure::Total => {
            let mean = function.latency.buckets().map(|(ns, count)| ns as f64 * count as f64).sum::<f64>()
                / function.latency.count() as f64;
            let squares = function.latency.buckets().map(|(ns, count)| (ns as f64 - mean).powi(2) * count as f64);
            let variance = squares.sum::<f64>() / function.latency.count() as f64;
            (calls >= 2.0 * FEWEST_BESIDE && mean > 0.0).then(|| variance / calls / (mean * mean))
        }
        _ => {
            let quantile = figure.quantile()?;
            if calls * quantile.min(1.0 - quantile) < FEWEST_BESIDE {
                return None;
            }
            let spread = (quantile * (1.0 - quantile) / calls).sqrt();
            let logs: Vec<f64> =
                (0..DRAWINGS).map(|_| interpolate(function, quantile + spread * normal(rng)).max(0.5).ln()).collect();
            let mean = logs.iter().sum::<f64>() / DRAWINGS as f64;
            Some(logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (DRAWINGS - 1) as f64)
        }
    }
}

/// A standard normal deviate (G. E. P. Box, M. E. Muller, 1958).
fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}
