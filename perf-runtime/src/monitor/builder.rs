//! The monitor as a program configures it.

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

/// Configures the monitor of a session: its interval, its alerts, and who is told.
///
/// [`SessionBuilder::monitor`](crate::SessionBuilder::monitor) takes it. The page of this [module](crate::monitor) explains alerts and
/// their actions.
#[must_use = "a monitor is given to a session"]
pub struct Monitor {
    pub(crate) interval: Duration,
    pub(crate) alerts: Vec<Alert>,
    pub(super) hooks: Hooks,
}

impl Default for Monitor {
    /// Configures a monitor that samples once a second.
    fn default() -> Self {
        Monitor { interval: INTERVAL, alerts: Vec::new(), hooks: Hooks::default() }
    }
}

impl Monitor {
    /// Configures a monitor that samples at this interval, at least 1 ms.
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

    /// Calls a function when an alert is raised or cleared.
    ///
    /// The function runs in a thread of the monitor's. If it panics, it is not called again.
    pub fn on_alert(mut self, callback: impl FnMut(&AlertEvent) + Send + 'static) -> Self {
        self.hooks.callbacks.push(Box::new(callback));
        self
    }

    /// Sends a message to a channel when an alert is raised or cleared.
    ///
    /// When the receiver is dropped, no more messages are sent.
    pub fn alerts_to(mut self, channel: Sender<AlertEvent>) -> Self {
        self.hooks.channels.push(channel);
        self
    }

    /// Adds a cache of the program's own to the action `evict`.
    ///
    /// The function is asked to free at least that many bytes, and returns how many it freed. It is called when evicting idle
    /// resources was not enough.
    pub fn evict_with(mut self, evict: impl FnMut(u64) -> u64 + Send + 'static) -> Self {
        self.hooks.evictors.push(Box::new(evict));
        self
    }

    /// Adds a function to the action `trim`, for allocators other than glibc's.
    ///
    /// The function gives free memory of the allocator back to the system. The one of glibc is always asked.
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
