//! Durations, sizes and percentages as people write them.
//!
//! Variables, alerts, rules and options share one grammar:
//!
//! ```text
//! quantity = number { blank } [ unit ]
//! number   = digit { digit } [ "." digit { digit } ]
//! ```
//!
//! | function | units | without a unit |
//! |---|---|---|
//! | [`duration`], [`nanoseconds`] | `ns`, `us` or `µs`, `ms`, `s`, `min`, `h` | an error |
//! | [`bytes`] | `B`; `K` or `KiB`, `M`, `G`, `T`: powers of 1,024; `KB`, `MB`, `GB`, `TB`: powers of 1,000; in either case | bytes |
//! | [`fraction`] | `%` | a fraction below 1: `0.05` is `5%` |
//!
//! The value is exact, then rounded to whole nanoseconds or bytes; a half is rounded up. `tests/quantities.txt` lists what is
//! accepted and what is refused; the attributes, which depend on no other crate, keep a reader of their own that passes it too.
//!
//! ```
//! use perf_report::quantity;
//! use std::time::Duration;
//!
//! assert_eq!(quantity::duration("0.5 s"), Ok(Duration::from_millis(500)));
//! assert_eq!(quantity::bytes("64M"), Ok(64 << 20));
//! assert_eq!(quantity::fraction("5%"), Ok(0.05));
//! let error = quantity::duration("5").unwrap_err();
//! assert_eq!(error.to_string(), "\"5\" has no unit; write for example `5ms`, with one of ns, us, µs, ms, s, min, h");
//! ```

mod error;
mod write;

use std::{ops::Range, time::Duration};

use error::Problem;
pub use error::QuantityError;
pub use write::{bytes_text, duration_text};

/// The dimension that a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dimension {
    /// A duration: `1.5ms`.
    Time,
    /// A number of bytes: `64MiB`.
    Memory,
    /// A part of a whole: `5%`, `0.05`.
    Share,
}

/// Units of time in nanoseconds; both the micro sign and the Greek letter are in use.
const TIME: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Units of memory in bytes, in lower case: one letter and `i` for powers of 1,024, as the GNU tools read them.
const MEMORY: [(&str, u64); 13] = [
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("t", 1 << 40),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
];

impl Dimension {
    /// How many of the smallest unit one of this unit is. A percent counts as one.
    fn unit(self, name: &str) -> Option<u64> {
        let find = |units: &[(&str, u64)], name: &str| units.iter().find(|unit| unit.0 == name).map(|unit| unit.1);
        match self {
            Dimension::Time => find(&TIME, name),
            Dimension::Memory => find(&MEMORY, &name.to_ascii_lowercase()),
            Dimension::Share => find(&[("%", 1)], name),
        }
    }
}

/// Reads a duration: `250ns`, `1.5 ms`, `2min`.
///
/// # Errors
/// If the text is not a number with a unit of time, or longer than 584 years.
pub fn duration(text: &str) -> Result<Duration, QuantityError> {
    nanoseconds(text).map(Duration::from_nanos)
}

/// Reads a duration, in nanoseconds.
///
/// # Errors
/// If the text is not a number with a unit of time, or longer than 584 years.
///
/// ```
/// assert_eq!(perf_report::quantity::nanoseconds("1.5µs"), Ok(1_500));
/// ```
pub fn nanoseconds(text: &str) -> Result<u64, QuantityError> {
    whole(text, Dimension::Time)
}

/// Reads a number of bytes: `4096`, `64MiB`, `1.5 GB`.
///
/// # Errors
/// If the text is not a number, has an unknown unit, or exceeds 64 bits.
///
/// ```
/// use perf_report::quantity::bytes;
/// assert_eq!(bytes("4096"), Ok(4_096));
/// assert_eq!((bytes("64MiB"), bytes("64MB")), (Ok(67_108_864), Ok(64_000_000)));
/// ```
pub fn bytes(text: &str) -> Result<u64, QuantityError> {
    whole(text, Dimension::Memory)
}

/// Reads a percentage, as a fraction of 1: `5%`, `12.5 %`, `0.05`.
///
/// A number without `%` must be below 1, because `5` may mean `5%` or 500 %.
///
/// # Errors
/// If the text is not a number, has another unit than `%`, or is 1 or more without one.
///
/// ```
/// use perf_report::quantity::fraction;
/// assert_eq!((fraction("150%"), fraction("0.05")), (Ok(1.5), Ok(0.05)));
/// assert!(fraction("5").is_err());
/// ```
pub fn fraction(text: &str) -> Result<f64, QuantityError> {
    let parts = Parts::of(text, Dimension::Share)?;
    // Reading the digits with an exponent rounds once; a division would round the quotient of what is rounded already.
    let exponent = if parts.scale.is_some() { -2 } else { 0 };
    let value = format!("{}e{exponent}", parts.number).parse::<f64>().unwrap_or(f64::INFINITY);
    if value.is_infinite() {
        return Err(parts.error(Problem::TooLarge, 0..text.len()));
    }
    if parts.scale.is_none() && value >= 1.0 {
        return Err(parts.error(Problem::NoUnit, parts.end..parts.end));
    }
    Ok(value)
}

/// Finds the quantity at the start of a longer text: number and unit, or nothing.
///
/// A word that follows after a blank belongs to the quantity if it is a unit, or where one must follow. So a grammar with
/// words of its own can hold quantities.
///
/// ```
/// use perf_report::quantity::{Dimension, leading};
/// assert_eq!(leading("64 MiB for 2s", Dimension::Memory), "64 MiB");
/// assert_eq!(leading("4096 for 2s", Dimension::Memory), "4096");
/// assert_eq!(leading("2 weeks", Dimension::Time), "2 weeks");
/// assert_eq!(leading("soon", Dimension::Time), "");
/// ```
#[must_use]
pub fn leading(text: &str, dimension: Dimension) -> &str {
    let number = number_length(text);
    if number == 0 {
        return "";
    }
    let rest = &text[number..];
    let blanks = rest.len() - rest.trim_start().len();
    let unit = &rest[blanks..][..unit_length(&rest[blanks..])];
    let belongs = blanks == 0 || dimension == Dimension::Time || dimension.unit(unit).is_some();
    if belongs && !unit.is_empty() { &text[..number + blanks + unit.len()] } else { &text[..number] }
}

/// Length of the digits at the start, with a fraction if there is one.
fn number_length(text: &str) -> usize {
    let digits = |text: &str| text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let whole = digits(text);
    match text[whole..].strip_prefix('.').map(digits) {
        Some(decimals) if whole > 0 && decimals > 0 => whole + 1 + decimals,
        _ => whole,
    }
}

/// Length of the word or the `%` at the start.
fn unit_length(text: &str) -> usize {
    match text.starts_with('%') {
        true => 1,
        false => text.len() - text.trim_start_matches(char::is_alphanumeric).len(),
    }
}

/// A text cut into number and unit.
struct Parts<'a> {
    text: &'a str,
    dimension: Dimension,
    number: &'a str,
    /// Where the number ends.
    end: usize,
    /// The size of the unit, if there is one.
    scale: Option<u64>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, dimension: Dimension) -> Result<Parts<'a>, QuantityError> {
        let start = text.len() - text.trim_start().len();
        let end = start + number_length(&text[start..]);
        let mut parts = Parts { text, dimension, number: &text[start..end], end, scale: None };
        let unit = text[end..].trim();
        let place = text.len() - text[end..].trim_start().len();
        if parts.number.is_empty() || unit.starts_with(|letter: char| letter == '.' || letter.is_ascii_digit()) {
            return Err(parts.error(Problem::NotANumber, start..start + text.trim().len()));
        }
        if !unit.is_empty() {
            parts.scale = dimension.unit(unit);
            if parts.scale.is_none() {
                return Err(parts.error(Problem::UnknownUnit, place..place + unit.len()));
            }
        }
        Ok(parts)
    }

    fn error(&self, problem: Problem, place: Range<usize>) -> QuantityError {
        QuantityError::new(self.text, place, self.dimension, problem)
    }
}

/// A number of the smallest unit, computed exactly and rounded once.
fn whole(text: &str, dimension: Dimension) -> Result<u64, QuantityError> {
    let parts = Parts::of(text, dimension)?;
    let scale = match (parts.scale, dimension) {
        (Some(scale), _) => u128::from(scale),
        (None, Dimension::Memory) => 1,
        (None, _) => return Err(parts.error(Problem::NoUnit, parts.end..parts.end)),
    };
    let (digits, decimals) = parts.number.split_once('.').unwrap_or((parts.number, ""));
    // Decimals after the twentieth change nothing: the largest unit is 3.6e12 of the smallest.
    let decimals = &decimals[..decimals.len().min(20)];
    let one = 10_u128.pow(decimals.len() as u32);
    let part = decimals.parse::<u128>().unwrap_or(0);
    let value = digits
        .parse::<u128>()
        .ok()
        .and_then(|digits| digits.checked_mul(scale))
        .and_then(|value| value.checked_add((part * scale + one / 2) / one))
        .and_then(|value| u64::try_from(value).ok());
    value.ok_or_else(|| parts.error(Problem::TooLarge, 0..text.len()))
}
