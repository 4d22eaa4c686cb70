//! Messages to callbacks, channels and the log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use perf_report::monitor::Unit;

use super::units::Rounded;

/// A message: an alert was raised or cleared.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertEvent {
    pub(crate) rule: Arc<str>,
    pub(crate) state: AlertState,
    pub(crate) unit: Unit,
    pub(crate) value: f64,
    pub(crate) worst: f64,
    pub(crate) number: u64,
}

/// Whether an alert was raised or cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertState {
    /// The metric has been beyond the threshold for long enough.
    Raised,
    /// The metric came back to the clear level.
    Cleared {
        /// How long the alert was raised.
        after: Duration,
    },
}

impl AlertEvent {
    /// Returns the alert as an expression.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Returns whether the alert was raised or cleared.
    #[must_use]
    pub fn state(&self) -> AlertState {
        self.state
    }

    /// Returns whether the alert was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.state == AlertState::Raised
    }

    /// Returns the current value, in the unit of the metric.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Returns the worst value since the alert was raised.
    #[must_use]
    pub fn worst(&self) -> f64 {
        self.worst
    }

    /// Returns how often the alert was raised, this time included.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// `alert raised: rss > 500MiB for 3s (now 512MiB)`
impl fmt::Display for AlertEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value| Rounded { value, unit: self.unit };
        match self.state {
            AlertState::Raised => write!(formatter, "alert raised: {} (now {})", self.rule, value(self.value)),
            AlertState::Cleared { after } => write!(
                formatter,
                "alert cleared after {after:.1?}: {} (now {}, worst {})",
                self.rule,
                value(self.value),
                value(self.worst)
            ),
        }
    }
}
