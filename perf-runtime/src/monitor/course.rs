//! The course of an alert: calm, raised, cleared. Knows values and their times, and nothing of where they come from.

use std::time::Duration;

use super::alert::Alert;
use super::level::Level;

/// How far under (or over) its threshold an alert is cleared unless told otherwise.
const CLEAR_SHARE: f64 = 0.9;

/// Both thresholds, in the unit of what is watched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) above: bool,
    pub(crate) raise: f64,
    pub(crate) clear: f64,
}

impl Bounds {
    /// Those of an alert, for a process that may use so much.
    pub(crate) fn of(alert: &Alert, memory_bytes: u64, cores: u32) -> Bounds {
        let value = |level: Level| level.resolve(alert.watched.unit(), memory_bytes, cores);
        let raise = value(alert.threshold);
        let share = if alert.above { CLEAR_SHARE } else { 1.0 / CLEAR_SHARE };
        Bounds { above: alert.above, raise, clear: alert.clear.map_or(raise * share, value) }
    }

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
pub(crate) enum AlertPhase {
    /// Since when the value has been beyond the threshold.
    Calm { beyond_since: Option<u64> },
    /// With the worst value so far.
    Raised { worst: f64 },
}

/// The change of an alert that a value brought.
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
    pub(crate) phase: AlertPhase,
    cleared_ns: Option<u64>,
}

impl Course {
    pub(crate) fn new(alert: &Alert, bounds: Bounds) -> Course {
        let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Course {
            bounds,
            lasting_ns: ns(alert.lasting),
            cool_down_ns: ns(alert.cool_down),
            phase: AlertPhase::Calm { beyond_since: None },
            cleared_ns: None,
        }
    }

    /// Takes a value; `None` if there is none at the moment, which is not beyond the threshold and does not clear either.
    pub(crate) fn take_value(&mut self, now_ns: u64, value: Option<f64>) -> Change {
        match (self.phase, value) {
            (AlertPhase::Calm { beyond_since }, Some(value)) if self.bounds.beyond(value) => {
                let since = beyond_since.unwrap_or(now_ns);
                let cool = self.cleared_ns.is_none_or(|cleared| now_ns.saturating_sub(cleared) >= self.cool_down_ns);
                if cool && now_ns.saturating_sub(since) >= self.lasting_ns {
                    self.phase = AlertPhase::Raised { worst: value };
                    return Change::Raised;
                }
                self.phase = AlertPhase::Calm { beyond_since: Some(since) };
            }
            (AlertPhase::Calm { .. }, _) => self.phase = AlertPhase::Calm { beyond_since: None },
            (AlertPhase::Raised { .. }, Some(value)) if self.bounds.cleared(value) => {
                self.phase = AlertPhase::Calm { beyond_since: None };
                self.cleared_ns = Some(now_ns);
                return Change::Cleared;
            }
            (AlertPhase::Raised { worst }, Some(value)) => {
                self.phase = AlertPhase::Raised { worst: self.bounds.worse(worst, value) };
            }
            (AlertPhase::Raised { .. }, None) => {}
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
        let mut course = Course::new(&alert, Bounds::of(&alert, 1000, 4));
        let taken =
            (0..).zip(values).map(|(second, value)| (second, course.take_value(second * 1_000_000_000, Some(value))));
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
        let bounds = |alert: &str| Bounds::of(&alert.parse().unwrap(), 1000, 4);
        assert_eq!(bounds("rss > 80% clear 70%"), Bounds { above: true, raise: 800.0, clear: 700.0 });
        assert_eq!(bounds("cpu > 90%").raise, 900_000.0);
        assert_eq!(bounds("cpu > 90% of all").raise, 3_600_000.0);
    }

    #[test]
    fn a_missing_value_neither_raises_nor_clears() {
        let alert: Alert = "cgroup > 10B".parse().unwrap();
        let mut course = Course::new(&alert, Bounds::of(&alert, 1000, 4));
        assert_eq!(course.take_value(0, None), Change::None);
        assert_eq!(course.take_value(1, Some(11.0)), Change::Raised);
        assert_eq!(course.take_value(2, None), Change::None);
        assert_eq!(course.take_value(3, Some(0.0)), Change::Cleared);
    }
}
