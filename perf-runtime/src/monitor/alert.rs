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

/// The default window of the metrics of functions.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// A condition that is watched, and the actions when it holds.
///
/// An alert is *raised* when a metric has been beyond a threshold for some time, and *cleared* when it has come back to another
/// level. The room between the two levels keeps a value that hovers from raising one alert after the other.
///
/// An alert is written as an [expression](crate::monitor#alerts), as in `PERF_ALERT`, or in code:
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
    /// Describes an alert that is raised when a metric is above a level.
    pub fn above(watched: impl Into<Watched>, level: impl Into<Level>) -> Alert {
        Alert::of(watched.into(), true, level.into())
    }

    /// Describes an alert that is raised when a metric is below a level.
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

    /// Sets the level that the metric must come back to for the alert to be cleared.
    ///
    /// The default is 10 % short of the threshold.
    pub fn clear(mut self, level: impl Into<Level>) -> Alert {
        self.clear = Some(level.into());
        self
    }

    /// Sets how long the metric must be beyond the threshold without a break.
    ///
    /// By default, one sample beyond it is enough.
    pub fn lasting(mut self, duration: Duration) -> Alert {
        self.lasting = duration;
        self
    }

    /// Sets how long the alert is not raised again after it was cleared.
    pub fn cool_down(mut self, duration: Duration) -> Alert {
        self.cool_down = duration;
        self
    }

    /// Sets the window of a function's metric; the default is 60 s.
    ///
    /// The metric is about the calls that ended within the window.
    pub fn over(mut self, window: Duration) -> Alert {
        self.window = window;
        self
    }

    /// Adds an action: evict idle resources until the metric is at the clear level.
    ///
    /// Longest unused values go first, and heavier ones before lighter ones.
    pub fn evict(mut self) -> Alert {
        self.actions.push(Action::Evict);
        self
    }

    /// Adds an action: have the allocator give free memory back to the system.
    pub fn trim(mut self) -> Alert {
        self.actions.push(Action::Trim);
        self
    }

    /// Adds an action: write a snapshot to a file, as JSON.
    ///
    /// `%p` in the name stands for the process id, `%n` for the number of times that the alert was raised.
    pub fn snapshot(mut self, path: impl Into<PathBuf>) -> Alert {
        self.actions.push(Action::Snapshot(path.into()));
        self
    }

    /// Adds an action: trace all calls for some time to a file.
    ///
    /// The trace begins when the alert is raised; Perfetto or speedscope show the file. `%p` and `%n` in the name are as for [`snapshot`](Alert::snapshot); if it ends in `.speedscope.json`, it is for speedscope. The
    /// length is at most 10 minutes. Later alerts wait until the file is written.
    pub fn trace(mut self, length: Duration, path: impl Into<PathBuf>) -> Alert {
        self.actions.push(Action::Trace(length, path.into()));
        self
    }

    /// Adds an action: call a function, which the reports show under a name.
    pub fn call(mut self, name: impl Into<String>, function: impl Fn(&AlertEvent) + Send + Sync + 'static) -> Alert {
        self.actions.push(Action::Call(NamedFunction { name: name.into(), function: Arc::new(function) }));
        self
    }
}

/// Writes the alert as an expression. One that calls a function can't be parsed again.
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
            Watched::Channel(figure, name) => write!(formatter, "{}({name})", figure.name())?,
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
