//! What functions are ordered by.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::Row;

/// A figure that functions are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The name.
    Name,
    /// Calls per second.
    Rate,
    /// Share of time in which it ran.
    Time,
    /// Share of time spent in itself.
    SelfTime,
    /// Recent median.
    P50,
    /// Recent 99th percentile.
    P99,
    /// Longest recent call.
    Max,
    /// Calls in flight.
    InFlight,
    /// How long the oldest of them has run.
    Oldest,
    /// Calls since the recording began.
    Calls,
}

impl Key {
    /// All, in the order of their columns.
    pub(crate) const ALL: [Key; 10] = [
        Key::Name,
        Key::Rate,
        Key::Time,
        Key::SelfTime,
        Key::P50,
        Key::P99,
        Key::Max,
        Key::InFlight,
        Key::Oldest,
        Key::Calls,
    ];

    /// What the option calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Key::Name => "name",
            Key::Rate => "rate",
            Key::Time => "time",
            Key::SelfTime => "self",
            Key::P50 => "p50",
            Key::P99 => "p99",
            Key::Max => "max",
            Key::InFlight => "inflight",
            Key::Oldest => "oldest",
            Key::Calls => "calls",
        }
    }

    /// The one so many places after it.
    pub(crate) fn step(self, places: isize) -> Key {
        let here = Key::ALL.iter().position(|&key| key == self).unwrap_or(0) as isize;
        Key::ALL[(here + places).rem_euclid(Key::ALL.len() as isize) as usize]
    }

    fn compare(self, a: &Row, b: &Row) -> Ordering {
        match self {
            Key::Name => Ordering::Equal,
            Key::Rate => a.rate.total_cmp(&b.rate),
            Key::Time => a.time.total_cmp(&b.time),
            Key::SelfTime => a.self_time.total_cmp(&b.self_time),
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

/// There is no key of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownKey(String);

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Key::ALL.map(Key::name).join(", ");
        write!(f, "functions cannot be sorted by {:?}; the keys are {names}", self.0)
    }
}

impl std::error::Error for UnknownKey {}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Key, UnknownKey> {
        Key::ALL.into_iter().find(|key| key.name() == name).ok_or_else(|| UnknownKey(name.to_owned()))
    }
}

/// An order of functions: the highest figure first, or names from A to Z; or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    /// What by.
    pub(crate) key: Key,
    /// Whether it is the other way round.
    pub(crate) reversed: bool,
}

impl Sort {
    /// How two functions order. Where the figure is the same, the busier one comes first, then the name decides, so that
    /// rows do not jump about.
    pub(crate) fn compare(self, (a, a_name): (&Row, &str), (b, b_name): (&Row, &str)) -> Ordering {
        let by_figure = self.key.compare(b, a);
        let by_figure = match self.key {
            Key::Name => a_name.cmp(b_name),
            _ => by_figure,
        };
        let by_figure = if self.reversed { by_figure.reverse() } else { by_figure };
        by_figure
            .then_with(|| b.time.total_cmp(&a.time))
            .then_with(|| b.calls.cmp(&a.calls))
            .then_with(|| a_name.cmp(b_name))
    }
}
