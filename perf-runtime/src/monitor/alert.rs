//! Alerts: what is watched, from when on it is too much, and what is then done.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use perf_report::monitor::Unit;

use super::action::{Action, NamedFunction};
use super::event::AlertEvent;
use super::level::Level;
use super::units::exact;
use super::watched::Watched;

/// The piece of time that figures of functions are of unless told otherwise.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// An alert: it is *raised* when what it watches has been beyond a threshold for a while, and *cleared* when that has come
/// back to another one, which leaves room between the two so that a value that hovers raises no alert after the other.
///
/// Written as an expression (the [grammar](crate::monitor::Monitor#alerts) is that of `PERF_ALERT`), or in code:
///
/// ```
/// use std::time::Duration;
/// use perf_runtime::monitor::{Alert, Level, Metric, Watched};
///
/// let memory: Alert = "rss > 500 MiB for 3s clear 450 MiB then evict, trim".parse()?;
/// assert_eq!(
///     memory,
///     Alert::above(Metric::Rss, Level::Plain(500.0 * 1024.0 * 1024.0))
///         .lasting(Duration::from_secs(3))
///         .clear(Level::Plain(450.0 * 1024.0 * 1024.0))
///         .evict()
///         .trim()
/// );
/// let slow = Alert::above(Watched::p99("query"), Duration::from_millis(50)).over(Duration::from_secs(10));
/// assert_eq!(slow.to_string(), "p99(query) > 50ms over 10s");
/// # Ok::<(), perf_runtime::monitor::AlertError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an alert is given to a monitor"]
pub struct Alert {
    pub(crate) watched: Watched,
    /// Whether more is worse.
    pub(crate) above: bool,
    pub(crate) threshold: Level,
    pub(crate) clear: Option<Level>,
    pub(crate) lasting: Duration,
    pub(crate) cool_down: Duration,
    pub(crate) window: Duration,
    pub(crate) actions: Vec<Action>,
}

impl Alert {
    /// An alert for when something is above a level.
    pub fn above(watched: impl Into<Watched>, level: impl Into<Level>) -> Alert {
        Alert::of(watched.into(), true, level.into())
    }

    /// An alert for when something is below a level.
    pub fn below(watched: impl Into<Watched>, level: impl Into<Level>) -> Alert {
        Alert::of(watched.into(), false, level.into())
    }

    pub(crate) fn of(watched: Watched, above: bool, threshold: Level) -> Alert {
        Alert {
            watched,
            above,
            threshold,
            clear: None,
            lasting: Duration::ZERO,
            cool_down: Duration::ZERO,
            window: WINDOW,
            actions: Vec::new(),
        }
    }

    /// The level that the value must come back to for the alert to be cleared: 10 % short of the threshold unless set.
    pub fn clear(mut self, level: impl Into<Level>) -> Alert {
        self.clear = Some(level.into());
        self
    }

    /// How long the value must have been beyond the threshold, without a break; not at all unless set.
    pub fn lasting(mut self, duration: Duration) -> Alert {
        self.lasting = duration;
        self
    }

    /// How long after it was cleared it is not raised again.
    pub fn cool_down(mut self, duration: Duration) -> Alert {
        self.cool_down = duration;
        self
    }

    /// For functions: the calls of how long are looked at; 60 s unless set.
    pub fn over(mut self, window: Duration) -> Alert {
        self.window = window;
        self
    }

    /// When raised: evicts idle resources, longest unused first and heavier before lighter, until the value is at the clear level.
    pub fn evict(mut self) -> Alert {
        self.actions.push(Action::Evict);
        self
    }

    /// When raised: has the allocator give free memory back to the system.
    pub fn trim(mut self) -> Alert {
        self.actions.push(Action::Trim);
        self
    }

    /// When raised: writes a snapshot to a file, as JSON. `%p` in its name stands for the process id, `%n` for the number of
    /// times that the alert was raised.
    pub fn snapshot(mut self, path: impl Into<PathBuf>) -> Alert {
        self.actions.push(Action::Snapshot(path.into()));
        self
    }

    /// When raised: calls a function, named so in reports.
    pub fn call(mut self, name: impl Into<String>, function: impl Fn(&AlertEvent) + Send + Sync + 'static) -> Alert {
        self.actions.push(Action::Call(NamedFunction { name: name.into(), function: Arc::new(function) }));
        self
    }
}

/// The alert as an expression. What it calls is named; such a one cannot be read back.
impl fmt::Display for Alert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.watched.unit();
        let level = |level: Level| match level {
            Level::Plain(value) => exact(value, unit),
            Level::Percent(percent) => format!("{percent}%"),
            Level::PercentOfAll(percent) => format!("{percent}% of all"),
        };
        let duration = |duration: Duration| exact(duration.as_nanos() as f64, Unit::Nanoseconds);
        match &self.watched {
            Watched::Metric(metric) => formatter.write_str(metric.name())?,
            Watched::Function(figure, name) => write!(formatter, "{}({name})", figure.name())?,
            Watched::Resource(figure, name) => write!(formatter, "{}({name})", figure.name())?,
        }
        write!(formatter, " {} {}", if self.above { '>' } else { '<' }, level(self.threshold))?;
        if self.window != WINDOW && matches!(self.watched, Watched::Function(..)) {
            write!(formatter, " over {}", duration(self.window))?;
        }
        if !self.lasting.is_zero() {
            write!(formatter, " for {}", duration(self.lasting))?;
        }
        if let Some(clear) = self.clear {
            write!(formatter, " clear {}", level(clear))?;
        }
        if !self.cool_down.is_zero() {
            write!(formatter, " cool {}", duration(self.cool_down))?;
        }
        for (index, action) in self.actions.iter().enumerate() {
            write!(formatter, "{} {action}", if index == 0 { " then" } else { "," })?;
        }
        Ok(())
    }
}
