//! Quantities as text that reads back the same.

use std::time::Duration;

/// Writes a duration so that it reads back exactly: `1500ms`, `2min`.
///
/// The unit is the largest of which the duration is a whole number.
///
/// ```
/// use perf_report::quantity::{duration, duration_text};
/// use std::time::Duration;
/// let text = duration_text(Duration::from_millis(1_500));
/// assert_eq!(text, "1500ms");
/// assert_eq!(duration(&text), Ok(Duration::from_millis(1_500)));
/// ```
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let units = [
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    whole(duration.as_nanos(), &units)
}

/// Writes a number of bytes so that it reads back exactly: `64MiB`, `1000B`.
///
/// ```
/// assert_eq!(perf_report::quantity::bytes_text(64 << 20), "64MiB");
/// ```
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    whole(bytes.into(), &[(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")])
}

fn whole(value: u128, units: &[(u128, &str)]) -> String {
    let fits = |unit: &&(u128, &str)| value >= unit.0 && value.is_multiple_of(unit.0);
    let (size, name) = units.iter().find(fits).or(units.last()).copied().unwrap_or((1, ""));
    format!("{}{name}", value / size)
}
