//! Signals that ask to end: the stacks that were seen so far are written then. A second one ends the command at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The wish to end, while it is watched for.
#[derive(Debug)]
pub(super) struct EndWish {
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
    #[cfg(unix)]
    handlers: Vec<signal_hook::SigId>,
}

impl EndWish {
    #[cfg(unix)]
    pub(super) fn watch() -> std::io::Result<EndWish> {
        use signal_hook::{
            consts::{SIGHUP, SIGINT, SIGTERM},
            flag,
        };
        let mut wish = EndWish { interrupted: Arc::default(), terminated: Arc::default(), handlers: Vec::new() };
        for (signal, told) in [(SIGINT, &wish.interrupted), (SIGTERM, &wish.terminated), (SIGHUP, &wish.terminated)] {
            // In this order: the first signal finds the flag unset.
            wish.handlers.push(flag::register_conditional_default(signal, Arc::clone(told))?);
            wish.handlers.push(flag::register(signal, Arc::clone(told))?);
        }
        Ok(wish)
    }

    #[cfg(not(unix))]
    pub(super) fn watch() -> std::io::Result<EndWish> {
        Ok(EndWish { interrupted: Arc::default(), terminated: Arc::default() })
    }

    /// Whether somebody wants the end.
    pub(super) fn is_there(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.is_terminated()
    }

    /// Whether somebody who is not at the terminal does, so that a command that was started does not know it.
    pub(super) fn is_terminated(&self) -> bool {
        self.terminated.load(Ordering::Relaxed)
    }
}

#[cfg(unix)]
impl Drop for EndWish {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
    }
}
