//! Alerts: what is watched, from when on it is too much, and what is then done.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use perf_report::monitor::{Metric, Unit};

use super::event::AlertEvent;

/// How far under (or over) its threshold an alert is cleared unless told otherwise.
const CLEAR_SHARE: f64 = 0.9;

/// The piece of time that figures of functions are of unless told otherwise.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// An alert: it is *raised* when what it watches has been beyond a threshold for a while, and *cleared* when that has come
/// back to another one, which leaves room between the two so that a value that hovers raises no alert after the other.
///
/// Written as an expression (the [grammar](crate::Monitor#alerts) is that of `PERF_ALERT`), or in code:
///
/// ```
/// use std::time::Duration;
/// use perf_runtime::{Alert, Level, Metric, Watched};
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
/// # Ok::<(), perf_runtime::AlertError>(())
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

/// What an alert watches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Watched {
    /// The process.
    Metric(Metric),
    /// An annotated function, by its name or the end of its path.
    Function(FunctionFigure, String),
    /// A lazy resource, by its name or the end of its path.
    Resource(ResourceFigure, String),
}

impl From<Metric> for Watched {
    fn from(metric: Metric) -> Self {
        Watched::Metric(metric)
    }
}

impl Watched {
    /// The duration that 99 of 100 of a function's recent calls did not exceed.
    #[must_use]
    pub fn p99(function: impl Into<String>) -> Watched {
        Watched::Function(FunctionFigure::P99, function.into())
    }

    /// A function's recent calls per second.
    #[must_use]
    pub fn calls(function: impl Into<String>) -> Watched {
        Watched::Function(FunctionFigure::Calls, function.into())
    }

    pub(crate) fn unit(&self) -> Unit {
        match self {
            Watched::Metric(metric) => metric.unit(),
            Watched::Function(figure, _) => match figure {
                FunctionFigure::Calls => Unit::PerSecond,
                FunctionFigure::Unwound | FunctionFigure::Cancelled => Unit::Ppm,
                _ => Unit::Nanoseconds,
            },
            Watched::Resource(ResourceFigure::Idle, _) => Unit::Nanoseconds,
            Watched::Resource(_, _) => Unit::Count,
        }
    }
}

macro_rules! figures {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$variant_doc])* $name,)*
        }

        impl $type {
            pub(crate) const ALL: &'static [$type] = &[$($type::$name,)*];

            /// Its name in expressions.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$name => $text,)* }
            }
        }
    };
}

figures! {
    /// A figure of a function's recent calls.
    FunctionFigure {
        /// Calls per second.
        Calls "calls",
        /// Mean duration.
        Mean "mean",
        /// Median duration.
        P50 "p50",
        /// Duration that 9 of 10 calls did not exceed.
        P90 "p90",
        /// Duration that 99 of 100 calls did not exceed.
        P99 "p99",
        /// Duration that 999 of 1000 calls did not exceed.
        P999 "p999",
        /// Longest duration.
        Max "max",
        /// Share of the calls that a panic passed through.
        Unwound "unwound",
        /// Share of the futures that were dropped before they were ready.
        Cancelled "cancelled",
    }
}

figures! {
    /// A figure of a resource.
    ResourceFigure {
        /// 1 while its last initialisation failed.
        Failed "failed",
        /// How long its value has not been used.
        Idle "idle",
        /// 1 while it says that it is not healthy.
        Unhealthy "unhealthy",
    }
}

/// A value that something can be above or below.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Level {
    /// In the unit of what is watched: bytes, ns, a number, a number per second; shares in millionths.
    Plain(f64),
    /// Of memory: of what the process may use, which is its cgroup's limit or all that the machine has. Of processor time: of
    /// one core. Of shares: as they are.
    Percent(f64),
    /// Of processor time: of all cores.
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

impl Level {
    /// The value in the unit of what is watched.
    pub(crate) fn resolve(self, unit: Unit, memory_bytes: u64, cores: u32) -> f64 {
        match self {
            Level::Plain(value) => value,
            Level::Percent(percent) if unit == Unit::Bytes => memory_bytes as f64 * percent / 100.0,
            Level::Percent(percent) => percent * 10_000.0,
            Level::PercentOfAll(percent) => percent * 10_000.0 * f64::from(cores),
        }
    }
}

/// What is done when an alert is raised.
#[derive(Clone)]
pub(crate) enum Action {
    Evict,
    Trim,
    Snapshot(PathBuf),
    Call(Call),
}

/// A function of the program's own, with the name it has in reports.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) function: Arc<dyn Fn(&AlertEvent) + Send + Sync>,
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Action::Evict, Action::Evict) | (Action::Trim, Action::Trim) => true,
            (Action::Snapshot(a), Action::Snapshot(b)) => a == b,
            (Action::Call(a), Action::Call(b)) => a.name == b.name && Arc::ptr_eq(&a.function, &b.function),
            _ => false,
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
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
        self.actions.push(Action::Call(Call { name: name.into(), function: Arc::new(function) }));
        self
    }

    /// The thresholds in the unit of what is watched, for a process that may use so much.
    pub(crate) fn resolve(&self, memory_bytes: u64, cores: u32) -> Bounds {
        let value = |level: Level| level.resolve(self.watched.unit(), memory_bytes, cores);
        let raise = value(self.threshold);
        let share = if self.above { CLEAR_SHARE } else { 1.0 / CLEAR_SHARE };
        Bounds { above: self.above, raise, clear: self.clear.map_or(raise * share, value) }
    }
}

/// Both thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) above: bool,
    pub(crate) raise: f64,
    pub(crate) clear: f64,
}

impl Bounds {
    fn beyond(self, value: f64) -> bool {
        if self.above { value > self.raise } else { value < self.raise }
    }

    /// Whether a value is back at the clear level.
    pub(crate) fn cleared(self, value: f64) -> bool {
        if self.above { value <= self.clear } else { value >= self.clear }
    }

    /// The worse of two values.
    pub(crate) fn worse(self, a: f64, b: f64) -> f64 {
        if self.above { a.max(b) } else { a.min(b) }
    }
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Phase {
    /// Since when the value has been beyond the threshold.
    Calm { beyond_since: Option<u64> },
    /// With the worst value so far.
    Raised { worst: f64 },
}

/// What a value did to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    Raised,
    Cleared,
}

/// The course of an alert, driven by values and their times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) bounds: Bounds,
    lasting_ns: u64,
    cool_down_ns: u64,
    pub(crate) phase: Phase,
    cleared_ns: Option<u64>,
}

impl Course {
    pub(crate) fn new(alert: &Alert, bounds: Bounds) -> Course {
        let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Course {
            bounds,
            lasting_ns: ns(alert.lasting),
            cool_down_ns: ns(alert.cool_down),
            phase: Phase::Calm { beyond_since: None },
            cleared_ns: None,
        }
    }

    /// Takes a value; `None` if there is none at the moment, which is not beyond the threshold and does not clear either.
    pub(crate) fn take(&mut self, now_ns: u64, value: Option<f64>) -> Change {
        match (self.phase, value) {
            (Phase::Calm { beyond_since }, Some(value)) if self.bounds.beyond(value) => {
                let since = beyond_since.unwrap_or(now_ns);
                let cool = self.cleared_ns.is_none_or(|cleared| now_ns.saturating_sub(cleared) >= self.cool_down_ns);
                if cool && now_ns.saturating_sub(since) >= self.lasting_ns {
                    self.phase = Phase::Raised { worst: value };
                    return Change::Raised;
                }
                self.phase = Phase::Calm { beyond_since: Some(since) };
            }
            (Phase::Calm { .. }, _) => self.phase = Phase::Calm { beyond_since: None },
            (Phase::Raised { .. }, Some(value)) if self.bounds.cleared(value) => {
                self.phase = Phase::Calm { beyond_since: None };
                self.cleared_ns = Some(now_ns);
                return Change::Cleared;
            }
            (Phase::Raised { worst }, Some(value)) => {
                self.phase = Phase::Raised { worst: self.bounds.worse(worst, value) };
            }
            (Phase::Raised { .. }, None) => {}
        }
        Change::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The changes that values at whole seconds bring.
    fn changes(alert: &str, values: impl IntoIterator<Item = f64>) -> Vec<(u64, Change)> {
        let alert: Alert = alert.parse().unwrap();
        let mut course = Course::new(&alert, alert.resolve(1000, 4));
        let taken = (0..).zip(values).map(|(second, value)| (second, course.take(second * 1_000_000_000, Some(value))));
        taken.filter(|change| change.1 != Change::None).collect()
    }

    #[test]
    fn a_value_that_hovers_raises_one_alert_and_clears_it_once() {
        // Up to the threshold, a hundred times just over and just under it, and down.
        let ramp = (0..100).map(|n| f64::from(n) + 1.0);
        let hover = (0..100).map(|n| if n % 2 == 0 { 101.0 } else { 95.0 });
        let down = (0..100).rev().map(f64::from);
        let values = ramp.chain(hover).chain(down);
        assert_eq!(changes("threads > 100 clear 90", values), [(100, Change::Raised), (209, Change::Cleared)]);
    }

    #[test]
    fn without_hysteresis_the_cool_down_still_limits_how_often() {
        let hover = || (0..100).map(|n| if n % 2 == 0 { 101.0 } else { 99.0 });
        let raised = |alert| changes(alert, hover()).iter().filter(|change| change.1 == Change::Raised).count();
        assert_eq!(raised("threads > 100 clear 100"), 50);
        assert_eq!(raised("threads > 100 clear 100 cool 19s"), 5);
    }

    #[test]
    fn what_does_not_last_is_not_raised() {
        let spikes = [0.0, 101.0, 101.0, 0.0, 101.0, 101.0, 101.0, 101.0, 101.0, 0.0];
        assert_eq!(changes("threads > 100 for 3s", spikes), [(7, Change::Raised), (9, Change::Cleared)]);
    }

    #[test]
    fn below_is_the_mirror_of_above() {
        let values = [10.0, 4.0, 5.2, 5.6, 4.0];
        let expected = [(1, Change::Raised), (3, Change::Cleared), (4, Change::Raised)];
        assert_eq!(changes("threads < 5", values), expected);
    }

    #[test]
    fn shares_are_of_what_the_process_may_use() {
        let bounds = |alert: &str| alert.parse::<Alert>().unwrap().resolve(1000, 4);
        assert_eq!(bounds("rss > 80% clear 70%"), Bounds { above: true, raise: 800.0, clear: 700.0 });
        assert_eq!(bounds("cpu > 90%").raise, 900_000.0);
        assert_eq!(bounds("cpu > 90% of all").raise, 3_600_000.0);
    }

    #[test]
    fn a_missing_value_neither_raises_nor_clears() {
        let alert: Alert = "cgroup > 10B".parse().unwrap();
        let mut course = Course::new(&alert, alert.resolve(1000, 4));
        assert_eq!(course.take(0, None), Change::None);
        assert_eq!(course.take(1, Some(11.0)), Change::Raised);
        assert_eq!(course.take(2, None), Change::None);
        assert_eq!(course.take(3, Some(0.0)), Change::Cleared);
    }
}
