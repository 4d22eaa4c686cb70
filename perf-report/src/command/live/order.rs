//! The order of the functions.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::Activity;

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The name.
    Name,
    /// Calls per second.
    Rate,
    /// Share of time during which the function ran.
    Time,
    /// Share of time spent in the function itself.
    SelfTime,
    /// Threads that ran in the function or what it called.
    Running,
    /// Threads that waited there.
    Waiting,
    /// Recent median.
    P50,
    /// Recent 99th percentile.
    P99,
    /// Longest recent call.
    Max,
    /// Calls in flight.
    InFlight,
    /// How long the oldest call in flight has run.
    Oldest,
    /// Calls since the recording began.
    Calls,
}

impl Key {
    /// All keys, in the order of their columns.
    pub(crate) const ALL: [Key; 12] = [
        Key::Name,
        Key::Rate,
        Key::Time,
        Key::SelfTime,
        Key::Running,
        Key::Waiting,
        Key::P50,
        Key::P99,
        Key::Max,
        Key::InFlight,
        Key::Oldest,
        Key::Calls,
    ];

    /// Its name in the option `--sort`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Key::Name => "name",
            Key::Rate => "rate",
            Key::Time => "time",
            Key::SelfTime => "self",
            Key::Running => "running",
            Key::Waiting => "waiting",
            Key::P50 => "p50",
            Key::P99 => "p99",
            Key::Max => "max",
            Key::InFlight => "inflight",
            Key::Oldest => "oldest",
            Key::Calls => "calls",
        }
    }

    /// The key this many places to the right, from the last on to the first.
    pub(crate) fn step(self, places: isize) -> Key {
        let here = Key::ALL.iter().position(|&key| key == self).unwrap_or(0) as isize;
        Key::ALL[(here + places).rem_euclid(Key::ALL.len() as isize) as usize]
    }

    fn compare(self, a: &Activity, b: &Activity) -> Ordering {
        match self {
            Key::Name => Ordering::Equal,
            Key::Rate => a.rate.total_cmp(&b.rate),
            Key::Time => a.time.total_cmp(&b.time),
            Key::SelfTime => a.self_time.total_cmp(&b.self_time),
            Key::Running => a.running.unwrap_or(0.0).total_cmp(&b.running.unwrap_or(0.0)),
            Key::Waiting => a.waiting.unwrap_or(0.0).total_cmp(&b.waiting.unwrap_or(0.0)),
            Key::P50 => a.p50.cmp(&b.p50),
            Key::P99 => a.p99.cmp(&b.p99),
            Key::Max => a.max.cmp(&b.max),
            Key::InFlight => a.in_flight.cmp(&b.in_flight),
            Key::Oldest => a.oldest_ns.cmp(&b.oldest_ns),
            Key::Calls => a.calls.cmp(&b.calls),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No column has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownKey(String);

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Key::ALL.map(Key::name).join(", ");
        write!(f, "{:?} is not a column to sort by; write one of {names}", self.0)
    }
}

impl std::error::Error for UnknownKey {}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Key, UnknownKey> {
        Key::ALL.into_iter().find(|key| key.name() == name).ok_or_else(|| UnknownKey(name.to_owned()))
    }
}

/// An order of functions: the highest value first, names from A to Z; or reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    /// The column to sort by.
    pub(crate) key: Key,
    /// Whether the order is reversed.
    pub(crate) reversed: bool,
}

impl Sort {
    /// Compares two functions. If the values are equal, the busier function comes first, then the name decides, so that rows do
    /// not jump about.
    pub(crate) fn compare(self, (a, a_name): (&Activity, &str), (b, b_name): (&Activity, &str)) -> Ordering {
        let by_value = self.key.compare(b, a);
        let by_value = match self.key {
            Key::Name => a_name.cmp(b_name),
            _ => by_value,
        };
        let by_value = if self.reversed { by_value.reverse() } else { by_value };
        by_value
            .then_with(|| b.time.total_cmp(&a.time))
            .then_with(|| b.calls.cmp(&a.calls))
            .then_with(|| a_name.cmp(b_name))
    }
}
