//! Monitors and alerts that can be described and do nothing.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::mpsc::Sender;
use std::time::Duration;

pub use super::report::monitor::Metric;

/// Configures a monitor that samples nothing: the feature `enabled` is off.
#[derive(Debug, Default)]
#[must_use = "a monitor is given to a session"]
pub struct Monitor(());

impl Monitor {
    /// Configures a monitor that samples nothing.
    pub fn every(_interval: Duration) -> Monitor {
        Monitor(())
    }

    /// Has no effect.
    pub fn alert(self, _alert: Alert) -> Self {
        self
    }

    /// Has no effect.
    pub fn on_alert(self, _callback: impl FnMut(&AlertEvent) + Send + 'static) -> Self {
        self
    }

    /// Has no effect.
    pub fn alerts_to(self, _channel: Sender<AlertEvent>) -> Self {
        self
    }

    /// Has no effect.
    pub fn evict_with(self, _evict: impl FnMut(u64) -> u64 + Send + 'static) -> Self {
        self
    }

    /// Has no effect.
    pub fn trim_with(self, _trim: impl FnMut() + Send + 'static) -> Self {
        self
    }
}

/// An alert that is never raised: the feature `enabled` is off.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an alert is given to a monitor"]
pub struct Alert(());

impl Alert {
    /// Describes an alert that is never raised.
    pub fn above(_watched: impl Into<Watched>, _level: impl Into<Level>) -> Alert {
        Alert(())
    }

    /// Describes an alert that is never raised.
    pub fn below(_watched: impl Into<Watched>, _level: impl Into<Level>) -> Alert {
        Alert(())
    }

    /// Has no effect.
    pub fn clear(self, _level: impl Into<Level>) -> Alert {
        self
    }

    /// Has no effect.
    pub fn lasting(self, _duration: Duration) -> Alert {
        self
    }

    /// Has no effect.
    pub fn cool_down(self, _duration: Duration) -> Alert {
        self
    }

    /// Has no effect.
    pub fn over(self, _window: Duration) -> Alert {
        self
    }

    /// Has no effect.
    pub fn evict(self) -> Alert {
        self
    }

    /// Has no effect.
    pub fn trim(self) -> Alert {
        self
    }

    /// Has no effect.
    pub fn snapshot(self, _path: impl Into<PathBuf>) -> Alert {
        self
    }

    /// Has no effect.
    pub fn trace(self, _length: Duration, _path: impl Into<PathBuf>) -> Alert {
        self
    }

    /// Has no effect.
    pub fn call(self, _name: impl Into<String>, _function: impl Fn(&AlertEvent) + Send + Sync + 'static) -> Alert {
        self
    }
}

/// Accepts every text: nothing looks at it.
impl FromStr for Alert {
    type Err = AlertError;

    fn from_str(_text: &str) -> Result<Alert, AlertError> {
        Ok(Alert(()))
    }
}

/// Shows that nothing is watched.
impl fmt::Display for Alert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an alert that is never raised")
    }
}

/// An error in an expression, of which there is none: nothing looks at expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertError(Infallible);

impl AlertError {
    /// Never called: there is no error.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        match self.0 {}
    }
}

impl fmt::Display for AlertError {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl Error for AlertError {}

/// An alert that was raised or cleared, of which there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertEvent(Infallible);

impl AlertEvent {
    /// Never called: there is no event.
    #[must_use]
    pub fn rule(&self) -> &str {
        match self.0 {}
    }

    /// Never called: there is no event.
    #[must_use]
    pub fn state(&self) -> AlertState {
        match self.0 {}
    }

    /// Never called: there is no event.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        match self.0 {}
    }

    /// Never called: there is no event.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self.0 {}
    }

    /// Never called: there is no event.
    #[must_use]
    pub fn worst(&self) -> f64 {
        match self.0 {}
    }

    /// Never called: there is no event.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self.0 {}
    }
}

impl fmt::Display for AlertEvent {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

/// As with the feature `monitor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertState {
    /// As with the feature `monitor`.
    Raised,
    /// As with the feature `monitor`.
    Cleared {
        /// As with the feature `monitor`.
        after: Duration,
    },
}

/// As with the feature `monitor`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Level {
    /// As with the feature `monitor`.
    Plain(f64),
    /// As with the feature `monitor`.
    Percent(f64),
    /// As with the feature `monitor`.
    PercentOfAll(f64),
}

impl From<Duration> for Level {
    fn from(duration: Duration) -> Self {
        Level::Plain(duration.as_nanos() as f64)
    }
}

impl From<u64> for Level {
    fn from(value: u64) -> Self {
        Level::Plain(value as f64)
    }
}

/// As with the feature `monitor`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Watched {
    /// As with the feature `monitor`.
    Metric(Metric),
    /// As with the feature `monitor`.
    Function(FunctionMetric, String),
    /// As with the feature `monitor`.
    Resource(ResourceMetric, String),
    /// As with the feature `monitor`.
    Channel(ChannelMetric, String),
}

impl From<Metric> for Watched {
    fn from(metric: Metric) -> Self {
        Watched::Metric(metric)
    }
}

macro_rules! metrics {
    ($type:ident, $variant:ident { $($metric:ident $name:ident,)* }) => {
        /// As with the feature `monitor`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $(
                /// As with the feature `monitor`.
                $metric,
            )*
        }

        impl $type {
            /// As with the feature `monitor`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$metric => stringify!($name),)* }
            }
        }

        impl Watched {
            $(
                /// As with the feature `monitor`.
                #[must_use]
                pub fn $name(name: impl Into<String>) -> Watched {
                    Watched::$variant($type::$metric, name.into())
                }
            )*
        }
    };
}

metrics! {
    FunctionMetric, Function {
        Calls calls, Mean mean, P50 p50, P90 p90, P99 p99, P999 p999, Max max, Unwound unwound, Cancelled cancelled,
    }
}

metrics! { ResourceMetric, Resource { Failed failed, Idle idle, Unhealthy unhealthy, } }

metrics! { ChannelMetric, Channel { Depth depth, } }
