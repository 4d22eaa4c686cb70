//! The monitor as a program describes it.

use std::fmt;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::alert::Alert;
use super::event::AlertEvent;
use super::worker::Hooks;

/// Time between two samples unless told otherwise.
const INTERVAL: Duration = Duration::from_secs(1);

/// The least time between two samples.
const LEAST_INTERVAL: Duration = Duration::from_millis(1);

/// Describes what is monitored; given to [`SessionBuilder::monitor`](crate::SessionBuilder::monitor).
///
#[doc = include_str!("../../docs/monitor.md")]
#[must_use = "a monitor is given to a session"]
pub struct Monitor {
    pub(crate) interval: Duration,
    pub(crate) alerts: Vec<Alert>,
    pub(super) hooks: Hooks,
}

impl Default for Monitor {
    /// A monitor that samples once a second.
    fn default() -> Self {
        Monitor { interval: INTERVAL, alerts: Vec::new(), hooks: Hooks::default() }
    }
}

impl Monitor {
    /// A monitor that samples at this interval, at least 1 ms.
    pub fn every(interval: Duration) -> Monitor {
        let mut monitor = Monitor::default();
        monitor.set_interval(interval);
        monitor
    }

    pub(crate) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval.max(LEAST_INTERVAL);
    }

    /// Adds an alert.
    pub fn alert(mut self, alert: Alert) -> Self {
        self.alerts.push(alert);
        self
    }

    /// Calls a function whenever an alert is raised or cleared, in a thread of its own. If it panics, it is not called again.
    pub fn on_alert(mut self, callback: impl FnMut(&AlertEvent) + Send + 'static) -> Self {
        self.hooks.callbacks.push(Box::new(callback));
        self
    }

    /// Sends whatever alert is raised or cleared to a channel, until its receiver is gone.
    pub fn alerts_to(mut self, channel: Sender<AlertEvent>) -> Self {
        self.hooks.channels.push(channel);
        self
    }

    /// Adds a cache of the program's own to what the action `evict` can evict: a function that is asked to free at least so many
    /// bytes and says how many it freed. It is asked after the idle resources.
    pub fn evict_with(mut self, evict: impl FnMut(u64) -> u64 + Send + 'static) -> Self {
        self.hooks.evictors.push(Box::new(evict));
        self
    }

    /// Adds to the action `trim` what gives free memory back to the system: for allocators other than glibc's, which is asked
    /// anyway.
    pub fn trim_with(mut self, trim: impl FnMut() + Send + 'static) -> Self {
        self.hooks.trimmers.push(Box::new(trim));
        self
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (interval, alerts) = (&self.interval, &self.alerts);
        formatter.debug_struct("Monitor").field("interval", interval).field("alerts", alerts).finish_non_exhaustive()
    }
}
