//! Tasks as rows: without the feature `enabled`, the futures themselves.

/// A future that an executor runs.
pub type Task<F> = F;

/// Without the feature `enabled`, returns the future as it is.
#[inline(always)]
pub fn task<F: Future>(_name: &'static str, future: F) -> Task<F> {
    future
}

/// A runtime that nobody watches: the feature `enabled` is off.
#[cfg(feature = "tasks-tokio")]
#[derive(Debug)]
#[must_use = "the runtime is watched until this is dropped"]
pub struct WatchedRuntime(());

/// Without the feature `enabled`, does nothing.
#[cfg(feature = "tasks-tokio")]
pub fn watch(_runtime: &tokio::runtime::Handle) -> WatchedRuntime {
    WatchedRuntime(())
}
