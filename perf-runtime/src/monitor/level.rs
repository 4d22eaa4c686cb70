//! Levels: the values that alerts compare with.

use std::time::Duration;

use perf_report::monitor::Unit;

/// A value that something can be above or below.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Level {
    /// In the unit of what is watched: bytes, ns, a number, a number per second; shares in millionths.
    Plain(f64),
    /// Of memory: of what the process may use, which is its cgroup's limit or all that the machine has. Of processor time: of
    /// one core. Of shares: as they are.
    Percent(f64),
    /// Of processor time: of all cores.
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
    /// The value in the unit of what is watched.
    pub(crate) fn resolve(self, unit: Unit, memory_bytes: u64, cores: u32) -> f64 {
        match self {
            Level::Plain(value) => value,
            Level::Percent(percent) if unit == Unit::Bytes => memory_bytes as f64 * percent / 100.0,
            Level::Percent(percent) => percent * 10_000.0,
            Level::PercentOfAll(percent) => percent * 10_000.0 * f64::from(cores),
        }
    }
}
