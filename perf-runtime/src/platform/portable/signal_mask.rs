//! The calling thread's signal mask: there are no signals.

/// Runs `write`: a closed pipe is an error already.
pub(crate) fn with_write_errors<T>(write: impl FnOnce() -> T) -> T {
    write()
}

/// Runs `spawn`.
#[cfg_attr(not(feature = "monitor"), expect(dead_code, reason = "the threads of the monitor are started by it"))]
pub(crate) fn without_signals<T>(spawn: impl FnOnce() -> T) -> T {
    spawn()
}

/// Whether the calling thread may be in a signal handler.
pub(crate) fn may_be_in_a_handler() -> bool {
    false
}
