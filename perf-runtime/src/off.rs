//! What is left without the feature `enabled`: the names that programs use, doing nothing.
//!
//! Reports and sessions can still be described, so that no program has to be changed to be built without measuring.
//! What has figures in it ([`Snapshot`](https://docs.rs/perf-report)) does not exist.

use std::path::PathBuf;

/// A report that is never written: the feature `enabled` is off.
#[derive(Debug)]
pub struct Report(());

impl Report {
    /// A report that is never written.
    #[must_use]
    pub fn table() -> Report {
        Report(())
    }

    /// A report that is never written.
    #[must_use]
    pub fn callers() -> Report {
        Report(())
    }

    /// A report that is never written.
    #[must_use]
    pub fn resources() -> Report {
        Report(())
    }

    /// A report that is never written.
    #[must_use]
    pub fn json() -> Report {
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

/// Describes a session that does nothing: the feature `enabled` is off.
#[derive(Debug)]
#[must_use = "a session starts with `.start()`"]
pub struct SessionBuilder(());

/// Describes a session that does nothing: the feature `enabled` is off.
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
    pub fn capacity(self, _bytes: u64) -> Self {
        self
    }

    /// Has no effect.
    pub fn signals(self, _watch: bool) -> Self {
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
    /// Has no effect.
    pub fn finish(self) {}
}

/// Has no effect.
pub fn enable() {}

/// Has no effect.
pub fn disable() {}

/// `false`.
#[must_use]
pub fn is_enabled() -> bool {
    false
}

/// As in `private.rs`: a block that must not wait when measured must not wait here.
#[doc(hidden)]
pub mod __private {
    pub use perf_macros::refuse_await;
}

/// The block itself: the feature `enabled` is off.
#[macro_export]
macro_rules! profile_block {
    ($label:literal, $body:block) => {{
        $crate::__private::refuse_await! { $body }
        $body
    }};
}

/// The future itself: the feature `enabled` is off.
#[macro_export]
macro_rules! profile_future {
    ($label:literal, $future:expr $(,)?) => {
        $future
    };
}
