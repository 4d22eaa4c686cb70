//! The figures of a function that can be limited and compared, by name.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::{
    Function,
    recording::layout::{bucket_ceiling, bucket_floor, bucket_index},
};

/// A figure of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Figure {
    /// Mean duration of a call.
    Mean,
    /// Median duration.
    P50,
    /// Duration that 90 % of the calls did not exceed.
    P90,
    /// Duration that 99 % of the calls did not exceed.
    P99,
    /// Duration that 99.9 % of the calls did not exceed.
    P999,
    /// Longest call.
    Max,
    /// Time in which it ran, recursive calls counted once.
    Total,
    /// Number of calls.
    Calls,
}

impl Figure {
    /// All of them.
    pub const ALL: [Figure; 8] =
        [Figure::Mean, Figure::P50, Figure::P90, Figure::P99, Figure::P999, Figure::Max, Figure::Total, Figure::Calls];

    /// Its name in budgets and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Figure::Mean => "mean",
            Figure::P50 => "p50",
            Figure::P90 => "p90",
            Figure::P99 => "p99",
            Figure::P999 => "p999",
            Figure::Max => "max",
            Figure::Total => "total",
            Figure::Calls => "calls",
        }
    }

    /// The fraction of calls of a quantile.
    pub(crate) const fn quantile(self) -> Option<f64> {
        match self {
            Figure::P50 => Some(0.5),
            Figure::P90 => Some(0.9),
            Figure::P99 => Some(0.99),
            Figure::P999 => Some(0.999),
            Figure::Mean | Figure::Max | Figure::Total | Figure::Calls => None,
        }
    }

    /// Its value for a function: nanoseconds, or a number of calls.
    #[must_use]
    pub fn of(self, function: &Function) -> u64 {
        match self {
            Figure::Mean => function.mean_ns(),
            Figure::Max => function.max_ns,
            Figure::Total => function.total_ns,
            Figure::Calls => function.calls,
            Figure::P50 | Figure::P90 | Figure::P99 | Figure::P999 => {
                function.quantile_ns(self.quantile().unwrap_or(1.0))
            }
        }
    }

    /// The lowest value that it can truly have: quantiles are known to a bucket of the histogram, the rest exactly.
    pub(crate) fn at_least(self, function: &Function) -> u64 {
        let told = self.of(function);
        match self.quantile() {
            Some(_) => bucket_floor(bucket_index(told)).max(function.min_ns),
            None => told,
        }
    }

    /// Its value with the position within a histogram's bucket guessed, by assuming that its calls are spread evenly. So
    /// small changes are seen as such and not as nothing or a whole bucket.
    pub(crate) fn estimate(self, function: &Function) -> f64 {
        let Some(quantile) = self.quantile() else { return self.of(function) as f64 };
        interpolate(function, quantile)
    }

    /// Whether it is an estimate because only some calls were timed.
    pub(crate) fn is_sampled(self, function: &Function) -> bool {
        self != Figure::Calls && function.is_sampled()
    }
}

/// A quantile within its bucket. `quantile` may also be one that a resampling drew.
pub(crate) fn interpolate(function: &Function, quantile: f64) -> f64 {
    let rank = quantile.clamp(0.0, 1.0) * function.latency.count() as f64;
    let mut below = 0.0;
    for (floor, count) in function.latency.buckets() {
        let count = count as f64;
        if below + count >= rank {
            let width = (bucket_ceiling(bucket_index(floor)) + 1 - floor) as f64;
            let value = floor as f64 + width * ((rank - below) / count).clamp(0.0, 1.0);
            return value.clamp(function.min_ns as f64, function.max_ns as f64);
        }
        below += count;
    }
    function.max_ns as f64
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no figure of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFigure(String);

impl fmt::Display for UnknownFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Figure::ALL.map(Figure::name).join(", ");
        write!(f, "there is no figure {:?}; the figures are {names}", self.0)
    }
}

impl std::error::Error for UnknownFigure {}

impl FromStr for Figure {
    type Err = UnknownFigure;

    /// The figure of a name.
    ///
    /// # Errors
    /// If there is none; the message lists those there are.
    fn from_str(name: &str) -> Result<Figure, UnknownFigure> {
        Figure::ALL.into_iter().find(|figure| figure.name() == name).ok_or_else(|| UnknownFigure(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_between_two_buckets_moves_with_the_counts() {
        let function = |low, high| {
            let mut function = Function { min_ns: 20, max_ns: 21, ..Function::new("f") };
            function.latency.record(20, low);
            function.latency.record(21, high);
            function
        };
        let median = |low, high| Figure::P50.estimate(&function(low, high));
        assert_eq!(median(50, 50), 21.0);
        assert!(median(60, 40) < 20.9 && median(60, 40) > 20.5, "{}", median(60, 40));
        assert_eq!(Figure::P50.at_least(&function(50, 50)), 20);
    }
}
