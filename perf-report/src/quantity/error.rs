//! Why a text is not a quantity.

use std::{error::Error, fmt, ops::Range};

use super::Dimension;

/// Why a text is not a quantity, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError {
    text: String,
    place: Range<usize>,
    dimension: Dimension,
    problem: Problem,
}

/// The mistake in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    NotANumber,
    NoUnit,
    UnknownUnit,
    TooLarge,
}

impl QuantityError {
    pub(super) fn new(text: &str, place: Range<usize>, dimension: Dimension, problem: Problem) -> QuantityError {
        QuantityError { text: text.into(), place, dimension, problem }
    }

    /// The bytes of the text that are wrong; empty where something is missing.
    ///
    /// ```
    /// let error = perf_report::quantity::duration("5 weeks").unwrap_err();
    /// assert_eq!(error.place(), 2..7);
    /// ```
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.place.clone()
    }
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.trim();
        let (name, unit, units, example) = match self.dimension {
            Dimension::Time => ("a duration", "ms", "ns, us, µs, ms, s, min, h", "1.5ms"),
            Dimension::Memory => ("a number of bytes", "MiB", "B, KiB, MiB, GiB, TiB, KB, MB, GB, TB", "64MiB"),
            Dimension::Share => ("a percentage", "%", "%", "5%"),
        };
        match (self.problem, self.dimension) {
            (Problem::NotANumber, Dimension::Memory) => {
                write!(f, "{text:?} is not {name}; write a number, with or without a unit, for example `{example}`")
            }
            (Problem::NotANumber, Dimension::Share) => {
                write!(f, "{text:?} is not {name}; write for example `{example}` or `0.05`")
            }
            (Problem::NotANumber, Dimension::Time) => {
                write!(f, "{text:?} is not {name}; write a number and a unit, for example `{example}`")
            }
            (Problem::NoUnit, Dimension::Share) => {
                write!(f, "{text:?} has no unit; write `{text}%`, or a fraction below 1")
            }
            (Problem::NoUnit, _) => {
                write!(f, "{text:?} has no unit; write for example `{text}{unit}`, with one of {units}")
            }
            (Problem::UnknownUnit, Dimension::Share) => {
                write!(f, "{text:?}: the only unit of a percentage is `%`; write for example `{example}`")
            }
            (Problem::UnknownUnit, _) => {
                let found = self.text.get(self.place.clone()).unwrap_or_default();
                let of = if self.dimension == Dimension::Time { "time" } else { "memory" };
                write!(f, "{text:?}: {found:?} is not a unit of {of}; write one of {units}")
            }
            (Problem::TooLarge, Dimension::Time) => write!(f, "{text:?} is too long; the longest duration is 5124095h"),
            (Problem::TooLarge, _) => write!(f, "{text:?} is too large; write a smaller number"),
        }
    }
}

impl Error for QuantityError {}
