//! Tasks as rows: without the feature `enabled`, the futures themselves.

/// A future that an executor runs.
pub type Task<F> = F;

/// Without the feature `enabled`, returns the future as it is.
#[inline(always)]
pub fn task<F: Future>(_name: &'static str, future: F) -> Task<F> {
    future
}

/// Without the feature `enabled`, does nothing.
#[cfg(feature = "tasks-tokio")]
pub fn watch(_runtime: &tokio::runtime::Handle) {}
