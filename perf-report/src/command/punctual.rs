//! Threads that wake in time: how is known to the binary, since it takes a system call that has no safe interface.

use std::sync::OnceLock;

static BE_PUNCTUAL: OnceLock<fn()> = OnceLock::new();

/// Says how a thread becomes one that wakes in time.
pub(super) fn set(be_punctual: fn()) {
    let _ = BE_PUNCTUAL.set(be_punctual);
}

/// Has the calling thread wake in time, if somebody said how. Processes that it starts inherit it, so it must start none.
pub(super) fn be_punctual() {
    if let Some(be_punctual) = BE_PUNCTUAL.get() {
        be_punctual();
    }
}
