//! What callbacks, channels and the log are told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use perf_report::monitor::Unit;

use super::units::Rounded;

/// An alert was raised or cleared.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertEvent {
    pub(crate) rule: Arc<str>,
    pub(crate) state: AlertState,
    pub(crate) unit: Unit,
    pub(crate) value: f64,
    pub(crate) worst: f64,
    pub(crate) number: u64,
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// Its value has been beyond the threshold for as long as was asked.
    Raised,
    /// Its value came back to the clear level.
    Cleared {
        /// For how long it was raised.
        after: Duration,
    },
}

impl AlertEvent {
    /// The alert, as an expression.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Whether it was raised or cleared.
    #[must_use]
    pub fn state(&self) -> AlertState {
        self.state
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.state == AlertState::Raised
    }

    /// The value at this moment, in the unit of what is watched.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The worst value since it was raised.
    #[must_use]
    pub fn worst(&self) -> f64 {
        self.worst
    }

    /// How often the alert was raised, this time included.
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
