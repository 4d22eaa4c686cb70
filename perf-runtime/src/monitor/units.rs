//! Values with their units, as text.

use std::fmt;

use perf_report::monitor::Unit;

/// Units of memory, largest first, in bytes.
pub(super) const BYTES: [(&str, f64); 5] = [
    ("TiB", (1_u64 << 40) as f64),
    ("GiB", (1_u64 << 30) as f64),
    ("MiB", (1_u64 << 20) as f64),
    ("KiB", 1024.0),
    ("B", 1.0),
];

/// Units of time, largest first, in ns.
pub(super) const TIME: [(&str, f64); 7] =
    [("h", 3.6e12), ("min", 6e10), ("s", 1e9), ("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("ns", 1.0)];

/// A value in the largest unit of which it is a whole number.
pub(super) fn exact(value: f64, unit: Unit) -> String {
    let whole = |units: &[(&'static str, f64)]| {
        let largest = units.iter().find(|unit| value >= unit.1 && value % unit.1 == 0.0);
        let (name, factor) = largest.or(units.last()).copied().unwrap_or(("", 1.0));
        format!("{}{name}", value / factor)
    };
    match unit {
        Unit::Bytes => whole(&BYTES),
        Unit::BytesPerSecond => whole(&BYTES) + "/s",
        Unit::Ppm => format!("{}%", value / 10_000.0),
        Unit::Count => value.to_string(),
        Unit::PerSecond => format!("{value}/s"),
        Unit::Nanoseconds => whole(&TIME),
    }
}

/// A value for people: rounded, in the largest unit in which it is at least 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounded {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

impl fmt::Display for Rounded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = |units: &[(&'static str, f64)]| {
            let unit = units.iter().find(|unit| self.value >= unit.1).or(units.last());
            unit.map_or((self.value, ""), |unit| (self.value / unit.1, unit.0))
        };
        let (number, unit) = match self.unit {
            Unit::Bytes | Unit::BytesPerSecond => largest(&BYTES),
            Unit::Nanoseconds => largest(&TIME),
            Unit::Ppm => (self.value / 10_000.0, "%"),
            Unit::Count | Unit::PerSecond => (self.value, ""),
        };
        let rate = if matches!(self.unit, Unit::BytesPerSecond | Unit::PerSecond) { "/s" } else { "" };
        if number.fract() == 0.0 {
            write!(formatter, "{number}{unit}{rate}")
        } else {
            write!(formatter, "{number:.1}{unit}{rate}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_rounded_for_people() {
        let text = |value, unit| Rounded { value, unit }.to_string();
        assert_eq!(text(536_870_912.0, Unit::Bytes), "512MiB");
        assert_eq!(text(1_500_000_000.0, Unit::BytesPerSecond), "1.4GiB/s");
        assert_eq!(text(52_345_678.0, Unit::Nanoseconds), "52.3ms");
        assert_eq!(text(456_789.0, Unit::Ppm), "45.7%");
        assert_eq!(text(0.0, Unit::Bytes), "0B");
    }
}
