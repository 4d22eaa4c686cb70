//! How to compare.

use super::{CompareError, MetricSource, Side};
use crate::command::{metric::FunctionMetric, pattern::Pattern, rules::ThresholdRule};

/// How to compare.
#[derive(Clone, Debug)]
pub(crate) struct CompareOptions {
    /// The metrics to compare.
    pub(crate) metrics: Vec<FunctionMetric>,
    /// The smallest change that counts, as a fraction.
    pub(crate) threshold: f64,
    /// The same of counted instructions, which hardly vary.
    pub(crate) counted_threshold: f64,
    /// Other thresholds for some functions; the last rule that matches a function decides.
    pub(crate) thresholds: Vec<ThresholdRule>,
    /// The highest probability of any finding where nothing has changed.
    pub(crate) alpha: f64,
    /// The seed of the random numbers: the same runs with the same seed give the same verdicts.
    pub(crate) seed: u64,
    /// Compare only functions that one of these matches; all if there is none.
    pub(crate) only: Vec<Pattern>,
    /// Also compare different programs.
    pub(crate) any_program: bool,
    /// Refuse sides of which the instructions of no function can be compared, though functions ran.
    pub(crate) needs_counts: bool,
}

impl Default for CompareOptions {
    fn default() -> Self {
        CompareOptions {
            metrics: vec![FunctionMetric::P50, FunctionMetric::P99, FunctionMetric::Total, FunctionMetric::Calls],
            threshold: 0.05,
            counted_threshold: 0.005,
            thresholds: Vec::new(),
            alpha: 0.02,
            seed: 1,
            only: Vec::new(),
            any_program: false,
            needs_counts: false,
        }
    }
}

impl CompareOptions {
    /// Refuses patterns that select none of a side's functions that ran, where there is nothing to compare.
    pub(crate) fn refuse_idle_selection(&self, side: &Side) -> Result<(), CompareError> {
        let ran =
            || side.functions().iter().filter(|function| function.runs() > 0).map(|function| function.identity.name());
        match self.only.iter().find(|only| !ran().any(|name| only.matches(name))) {
            Some(only) => Err(CompareError::selects_nothing(only, ran())),
            None => Ok(()),
        }
    }

    /// Whether to compare a function that has one of these names; they differ if it was renamed.
    pub(crate) fn selects(&self, names: &[&str]) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| names.iter().any(|name| only.matches(name)))
    }

    /// The smallest change that counts of values from this source, of a function that has one of these names.
    pub(super) fn threshold_of(&self, names: &[&str], source: MetricSource) -> f64 {
        let matches = |rule: &&ThresholdRule| names.iter().any(|name| rule.functions.matches(name));
        let of_rule =
            |rule: &ThresholdRule| if source == MetricSource::Counted { rule.instructions } else { rule.change };
        self.thresholds.iter().rev().find(matches).and_then(of_rule).unwrap_or_else(|| self.usual_threshold(source))
    }

    /// The smallest change that counts of values from this source, where no rule says otherwise.
    pub(super) fn usual_threshold(&self, source: MetricSource) -> f64 {
        match source {
            MetricSource::Counted => self.counted_threshold,
            MetricSource::Timed | MetricSource::Misses => self.threshold,
        }
    }
}
