//! Signals that end the process: none that the standard library tells of. The process ends by them at once.

use std::{io, thread};

use super::threads::Job;

/// Whether signals can be watched on this platform.
pub(crate) const CAN_BE_WATCHED: bool = false;

/// Always an error: there is nothing to watch.
pub(crate) fn watch(_thread: &'static Job) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Waits for a signal, which never comes.
pub(crate) fn next() -> i32 {
    loop {
        thread::park();
    }
}

/// Whether signals do nothing at their default action.
pub(crate) fn default_actions_do_nothing() -> bool {
    false
}

/// For signals of [`next`].
pub(crate) fn raise_again(_signal: i32) {}

/// For signals of [`next`].
pub(crate) fn watch_on() {}

/// No signal's action was changed.
pub(crate) fn stand_back() {}

/// For forked children, which there are none of.
pub(crate) fn after_fork() {}
