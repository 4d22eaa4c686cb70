//! One run a side: a test whether the difference is larger than the variation among the calls of a run.
//!
//! The calls of a run are resampled as if they were independent. For a quantile, its rank is drawn (with many calls the binomial
//! distribution of an order statistic is normal); a mean has its standard error. The spread of the drawings is the standard
//! error of the logarithm (Efron and Tibshirani 1993, chapter 6: 200 drawings suffice), and the difference is compared with the
//! normal distribution.
//!
//! The test knows nothing of how runs differ from one another: addresses, the heap, the temperature and other programs make
//! runs of the same program differ by several per cent (T. Mytkowicz et al., "Producing wrong data without doing
//! anything obviously wrong!", ASPLOS 2009; T. Kalibera, R. Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).
//! Hence a difference found here is only a suspicion, however large: on a busy machine single runs differ by half.

use fastrand::Rng;

use crate::{
    Function,
    command::metric::{FunctionMetric, interpolate},
};

/// Calls needed on either side of a quantile for its rank to be drawn from a normal distribution.
const FEWEST_BESIDE: f64 = 10.0;

const DRAWINGS: usize = 200;

/// The probability of such a difference of logarithms between two runs that differ only by the chance in their calls; `None` if
/// there are too few calls, or the metric has no such distribution.
pub(super) fn p_value(
    metric: FunctionMetric,
    functions: [&Function; 2],
    difference: f64,
    rng: &mut Rng,
) -> Option<f64> {
    if metric == FunctionMetric::Calls {
        return Some(if difference == 0.0 { 1.0 } else { 0.0 });
    }
    let errors = [error2(metric, functions[0], rng)?, error2(metric, functions[1], rng)?];
    let error = (errors[0] + errors[1]).sqrt();
    Some(if error > 0.0 { libm::erfc(difference.abs() / error / std::f64::consts::SQRT_2) } else { 0.0 })
}

/// The square of the standard error of the metric's logarithm.
fn error2(metric: FunctionMetric, function: &Function, rng: &mut Rng) -> Option<f64> {
    // Of sampled durations only the measured ones count.
    let calls = function.latency.count().min(function.timed_calls) as f64;
    match metric {
        FunctionMetric::Mean | FunctionMetric::Total => {
            let mean = function.latency.buckets().map(|(ns, count)| ns as f64 * count as f64).sum::<f64>()
                / function.latency.count() as f64;
            let squares = function.latency.buckets().map(|(ns, count)| (ns as f64 - mean).powi(2) * count as f64);
            let variance = squares.sum::<f64>() / function.latency.count() as f64;
            (calls >= 2.0 * FEWEST_BESIDE && mean > 0.0).then(|| variance / calls / (mean * mean))
        }
        _ => {
            let quantile = metric.quantile()?;
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
