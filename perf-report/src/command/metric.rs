//! The metrics of a function that budgets limit and comparisons test, by name.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::{
    Function,
    recording::layout::{bucket_ceiling, bucket_floor, bucket_index},
};

/// A metric of a function that has one number as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FunctionMetric {
    /// Mean duration of a call.
    Mean,
    /// Median duration of a call.
    P50,
    /// Duration that 90 % of the calls did not exceed.
    P90,
    /// Duration that 99 % of the calls did not exceed.
    P99,
    /// Duration that 99.9 % of the calls did not exceed.
    P999,
    /// Duration of the longest call.
    Max,
    /// Time during which the function ran; recursive calls count once.
    Total,
    /// Number of calls.
    Calls,
}

impl FunctionMetric {
    /// Every metric.
    pub(crate) const ALL: [FunctionMetric; 8] = [
        FunctionMetric::Mean,
        FunctionMetric::P50,
        FunctionMetric::P90,
        FunctionMetric::P99,
        FunctionMetric::P999,
        FunctionMetric::Max,
        FunctionMetric::Total,
        FunctionMetric::Calls,
    ];

    /// The name that budgets and options use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            FunctionMetric::Mean => "mean",
            FunctionMetric::P50 => "p50",
            FunctionMetric::P90 => "p90",
            FunctionMetric::P99 => "p99",
            FunctionMetric::P999 => "p999",
            FunctionMetric::Max => "max",
            FunctionMetric::Total => "total",
            FunctionMetric::Calls => "calls",
        }
    }

    /// The quantile that a percentile stands for.
    pub(crate) const fn quantile(self) -> Option<f64> {
        match self {
            FunctionMetric::P50 => Some(0.5),
            FunctionMetric::P90 => Some(0.9),
            FunctionMetric::P99 => Some(0.99),
            FunctionMetric::P999 => Some(0.999),
            FunctionMetric::Mean | FunctionMetric::Max | FunctionMetric::Total | FunctionMetric::Calls => None,
        }
    }

    /// The value for a function: nanoseconds, or a number of calls.
    pub(crate) fn of(self, function: &Function) -> u64 {
        match self {
            FunctionMetric::Mean => function.mean_ns(),
            FunctionMetric::Max => function.max_ns,
            FunctionMetric::Total => function.total_ns,
            FunctionMetric::Calls => function.calls,
            FunctionMetric::P50 | FunctionMetric::P90 | FunctionMetric::P99 | FunctionMetric::P999 => {
                function.quantile_ns(self.quantile().unwrap_or(1.0))
            }
        }
    }

    /// The lowest value that the true one can have: the histogram knows a quantile to one bucket, the rest is exact.
    pub(crate) fn at_least(self, function: &Function) -> u64 {
        let value = self.of(function);
        match self.quantile() {
            Some(_) => bucket_floor(bucket_index(value)).max(function.min_ns),
            None => value,
        }
    }

    /// The value with its position within a bucket of the histogram estimated, as if the bucket's calls were spread evenly.
    /// So a small change shows as a small change, and not as none or as a whole bucket.
    pub(crate) fn estimate(self, function: &Function) -> f64 {
        match self.quantile() {
            Some(quantile) => interpolate(function, quantile),
            None if self == FunctionMetric::Mean => function.exact_mean_ns(),
            None => self.of(function) as f64,
        }
    }

    /// Whether the value is an estimate because only some calls were timed.
    pub(crate) fn is_sampled(self, function: &Function) -> bool {
        self != FunctionMetric::Calls && function.is_sampled()
    }
}

/// A quantile with its position within a bucket estimated. `quantile` may also be one that a resampling drew.
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

impl fmt::Display for FunctionMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No metric has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownMetric(String);

impl fmt::Display for UnknownMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = FunctionMetric::ALL.map(FunctionMetric::name).join(", ");
        write!(f, "{:?} is not a metric; write one of {names}", self.0)
    }
}

impl std::error::Error for UnknownMetric {}

impl FromStr for FunctionMetric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<FunctionMetric, UnknownMetric> {
        let mut all = FunctionMetric::ALL.into_iter();
        all.find(|metric| metric.name() == name).ok_or_else(|| UnknownMetric(name.to_owned()))
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
        let median = |low, high| FunctionMetric::P50.estimate(&function(low, high));
        assert_eq!(median(50, 50), 21.0);
        assert!(median(60, 40) < 20.9 && median(60, 40) > 20.5, "{}", median(60, 40));
        assert_eq!(FunctionMetric::P50.at_least(&function(50, 50)), 20);
    }
}
