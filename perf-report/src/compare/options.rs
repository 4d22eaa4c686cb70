//! How to compare.

use glob::Pattern;

use crate::{Figure, ThresholdRule};

/// How to compare.
#[derive(Clone, Debug)]
pub struct Options {
    /// Figures to compare.
    pub figures: Vec<Figure>,
    /// The smallest change that counts, as a fraction.
    pub threshold: f64,
    /// Other thresholds for some functions; the last that names a function counts.
    pub thresholds: Vec<ThresholdRule>,
    /// The highest probability of any finding where nothing has changed.
    pub alpha: f64,
    /// Where the random numbers begin: the same runs with the same seed give the same verdicts.
    pub seed: u64,
    /// Only functions that one of these names; all if there is none.
    pub only: Vec<Pattern>,
    /// Compare different programs, too.
    pub any_program: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            figures: vec![Figure::P50, Figure::P99, Figure::Total, Figure::Calls],
            threshold: 0.05,
            thresholds: Vec::new(),
            alpha: 0.02,
            seed: 1,
            only: Vec::new(),
            any_program: false,
        }
    }
}

impl Options {
    /// Whether a function of this name is to be compared.
    pub(super) fn names(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only.matches(name))
    }

    /// The smallest change of a function that counts.
    pub(super) fn threshold_of(&self, name: &str) -> f64 {
        let mut rules = self.thresholds.iter().rev().filter(|rule| rule.functions.matches(name));
        rules.next().map_or(self.threshold, |rule| rule.change)
    }
}
