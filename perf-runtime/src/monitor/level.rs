//! Levels: the values that alerts compare metrics with.

use std::time::Duration;

use perf_report::monitor::Unit;

/// A value that a metric can be above or below.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Level {
    /// A value in the unit of the metric.
    ///
    /// The units are bytes, nanoseconds, numbers, numbers per second, and millionths for shares.
    Plain(f64),
    /// A percentage of the memory that the process may use, of one core, or as it is.
    ///
    /// For metrics of memory, the whole is the limit of the process's cgroup, or the memory of the machine; for metrics of
    /// processor time, one core. Metrics that are shares are compared as they are.
    Percent(f64),
    /// A percentage of the time of all cores, for metrics of processor time.
    PercentOfAll(f64),
}

impl From<Duration> for Level {
    fn from(duration: Duration) -> Self {
        Level::Plain(duration.as_nanos() as f64)
    }
}

impl From<u64> for Level {
    fn from(value: u64) -> Self {
        Level::Plain(value as f64)
    }
}

impl Level {
    /// The value in the unit of what is watched. Not a number, which nothing is above or below, if it is a share of a memory whose size is
    /// not known.
    pub(crate) fn resolve(self, unit: Unit, memory_bytes: u64, cores: u32) -> f64 {
        match self {
            Level::Plain(value) => value,
            Level::Percent(_) if unit == Unit::Bytes && memory_bytes == 0 => f64::NAN,
            Level::Percent(percent) if unit == Unit::Bytes => memory_bytes as f64 * percent / 100.0,
            Level::Percent(percent) => percent * 10_000.0,
            Level::PercentOfAll(percent) => percent * 10_000.0 * f64::from(cores),
        }
    }
}
