//! Sessions and reports that can be described and do nothing.

use std::path::PathBuf;
use std::time::Duration;

use super::monitor::Monitor;
use super::report::Snapshot;

/// A report that is never written: the feature `enabled` is off.
#[derive(Debug)]
pub struct Report(());

impl Report {
    /// Describes a report that is never written.
    #[must_use]
    pub fn table() -> Report {
        Report(())
    }

    /// Describes a report that is never written.
    #[must_use]
    pub fn callers() -> Report {
        Report(())
    }

    /// Describes a report that is never written.
    #[must_use]
    pub fn resources() -> Report {
        Report(())
    }

    /// Describes a report that is never written.
    #[must_use]
    pub fn json() -> Report {
        Report(())
    }

    /// Describes a report that is never written.
    #[must_use]
    pub fn custom(_view: impl Fn(&Snapshot) -> String + Send + 'static) -> Report {
        Report(())
    }

    /// Has no effect.
    #[must_use]
    pub fn file(self, _path: impl Into<PathBuf>) -> Report {
        self
    }

    /// Has no effect.
    #[must_use]
    pub fn stdout(self) -> Report {
        self
    }
}

/// A trace window that is never opened: the feature `enabled` is off.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a window opens when a session with it starts"]
pub struct TraceWindow(());

impl TraceWindow {
    /// Describes a window that is never opened.
    pub fn file(_path: impl Into<PathBuf>) -> Self {
        TraceWindow(())
    }

    /// Has no effect.
    pub fn length(self, _length: Duration) -> Self {
        self
    }

    /// Has no effect.
    pub fn events(self, _events: u64) -> Self {
        self
    }
}

/// Configures a session that does nothing: the feature `enabled` is off.
#[derive(Debug, Default)]
#[must_use = "a session starts with `.start()`"]
pub struct SessionBuilder(());

/// Configures a session that does nothing: the feature `enabled` is off.
pub fn session() -> SessionBuilder {
    SessionBuilder(())
}

impl SessionBuilder {
    /// Has no effect.
    pub fn report(self, _report: Report) -> Self {
        self
    }

    /// Has no effect.
    pub fn recording(self, _path: impl Into<PathBuf>) -> Self {
        self
    }

    /// Has no effect.
    pub fn timing(self, _timing: super::report::Timing) -> Self {
        self
    }

    /// Has no effect.
    pub fn deadlocks(self, _noted: bool) -> Self {
        self
    }

    /// Has no effect.
    pub fn capacity(self, _bytes: u64) -> Self {
        self
    }

    /// Has no effect.
    pub fn signals(self, _watch: bool) -> Self {
        self
    }

    /// Has no effect.
    pub fn monitor(self, _monitor: Monitor) -> Self {
        self
    }

    /// Has no effect.
    pub fn stacks(self, _per_second: u32) -> Self {
        self
    }

    /// Has no effect.
    pub fn trace(self, _window: TraceWindow) -> Self {
        self
    }

    /// Starts nothing.
    pub fn start(self) -> Session {
        Session(())
    }
}

/// A session that does nothing: the feature `enabled` is off.
#[derive(Debug)]
#[must_use = "the session ends when this is dropped"]
pub struct Session(());

impl Session {
    /// Returns `None`: the feature `enabled` is off.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        None
    }

    /// Has no effect.
    pub fn finish(self) {}
}

/// Returns `None`: the feature `enabled` is off.
#[must_use]
pub fn snapshot() -> Option<Snapshot> {
    None
}

/// Has no effect.
pub fn enable() {}

/// Has no effect.
pub fn disable() {}

/// Returns `false`: the feature `enabled` is off.
#[must_use]
pub fn is_enabled() -> bool {
    false
}
