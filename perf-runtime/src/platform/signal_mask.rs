//! The calling thread's signal mask, changed for a while. A guard puts it back, also when what runs meanwhile panics.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::mem::zeroed;
use std::ptr;

/// The signals that a write raises where there is nobody to read, or no room.
const WRITE_SIGNALS: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

/// Runs `write` so that a closed pipe and a file beyond the limit on its size are errors and not the end of the
/// process, also in programs that have `SIGPIPE` and `SIGXFSZ` at their defaults.
pub(crate) fn with_write_errors<T>(write: impl FnOnce() -> T) -> T {
    let _blocked = BlockedWriteSignals::block();
    write()
}

/// Runs `spawn` so that a thread it makes takes none of the program's signals: a mask is inherited.
pub(crate) fn without_signals<T>(spawn: impl FnOnce() -> T) -> T {
    // SAFETY: the set is live, and every set of signals may be blocked.
    let all = unsafe {
        let mut all: libc::sigset_t = zeroed();
        libc::sigfillset(&raw mut all);
        all
    };
    let _blocked = MaskGuard::change(libc::SIG_SETMASK, &all);
    spawn()
}

/// Lets the calling thread take a signal from now on.
pub(crate) fn unblock(signal: libc::c_int) {
    let one = set_of([signal]);
    // SAFETY: the set is live; the mask is the calling thread's own.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const one, ptr::null_mut()) };
}

/// The mask that the calling thread had. It has it again when this is dropped.
struct MaskGuard {
    before: libc::sigset_t,
}

impl MaskGuard {
    /// Changes the mask. `None` if the system refuses, and then it is as it was.
    fn change(how: libc::c_int, signals: &libc::sigset_t) -> Option<MaskGuard> {
        // SAFETY: both sets are live; the mask is the calling thread's own.
        unsafe {
            let mut before: libc::sigset_t = zeroed();
            let changed = libc::pthread_sigmask(how, ptr::from_ref(signals), &raw mut before) == 0;
            changed.then_some(MaskGuard { before })
        }
    }
}

impl Drop for MaskGuard {
    fn drop(&mut self) {
        // SAFETY: the set is a mask that the thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, ptr::null_mut()) };
    }
}

/// The signals of writing, blocked. When this is dropped, those that were raised meanwhile are taken, and the mask is put back.
struct BlockedWriteSignals {
    /// What was pending before is not for us to take.
    ours: libc::sigset_t,
    /// Dropped after the raised signals were taken.
    _mask: MaskGuard,
}

impl BlockedWriteSignals {
    fn block() -> Option<BlockedWriteSignals> {
        let pending = pending();
        let ours = set_of(WRITE_SIGNALS.into_iter().filter(|&signal| !contains(&pending, signal)));
        Some(BlockedWriteSignals { _mask: MaskGuard::change(libc::SIG_BLOCK, &ours)?, ours })
    }
}

impl Drop for BlockedWriteSignals {
    fn drop(&mut self) {
        let pending = pending();
        for signal in WRITE_SIGNALS.into_iter().filter(|&signal| contains(&self.ours, signal)) {
            if contains(&pending, signal) {
                let one = set_of([signal]);
                let mut taken = 0;
                // SAFETY: both pointers are to live values; the signal is blocked and pending, so this returns at once.
                unsafe { libc::sigwait(&raw const one, &raw mut taken) };
            }
        }
    }
}

fn set_of(signals: impl IntoIterator<Item = libc::c_int>) -> libc::sigset_t {
    // SAFETY: the set is live, and a zeroed one is a valid argument for sigemptyset.
    unsafe {
        let mut set: libc::sigset_t = zeroed();
        libc::sigemptyset(&raw mut set);
        for signal in signals {
            libc::sigaddset(&raw mut set, signal);
        }
        set
    }
}

/// The signals that wait for the calling thread to take them.
fn pending() -> libc::sigset_t {
    // SAFETY: the set is live, and is overwritten.
    unsafe {
        let mut set: libc::sigset_t = zeroed();
        libc::sigpending(&raw mut set);
        set
    }
}

fn contains(set: &libc::sigset_t, signal: libc::c_int) -> bool {
    // SAFETY: the set is live and was initialised.
    unsafe { libc::sigismember(ptr::from_ref(set), signal) == 1 }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn is_blocked(signal: libc::c_int) -> bool {
        // SAFETY: the set is live; the mask is only asked for.
        unsafe {
            let mut mask: libc::sigset_t = zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &raw mut mask);
            contains(&mask, signal)
        }
    }

    #[test]
    fn the_mask_is_put_back_when_a_write_panics() {
        let before = is_blocked(libc::SIGPIPE);
        let panicked = catch_unwind(|| {
            with_write_errors(|| {
                assert!(is_blocked(libc::SIGPIPE));
                panic!("a view of the program's own");
            })
        });
        assert!(panicked.is_err());
        assert_eq!(is_blocked(libc::SIGPIPE), before);
    }

    #[test]
    fn a_signal_that_a_write_raised_is_taken_and_ends_nothing() {
        with_write_errors(|| {
            // SAFETY: the signal is blocked in this thread, which alone it is raised for.
            unsafe { libc::raise(libc::SIGPIPE) };
            assert!(contains(&pending(), libc::SIGPIPE));
        });
        assert!(!contains(&pending(), libc::SIGPIPE));
    }

    #[test]
    fn the_mask_is_put_back_when_a_thread_cannot_be_made() {
        let before = is_blocked(libc::SIGTERM);
        let panicked = catch_unwind(|| {
            without_signals(|| {
                assert!(is_blocked(libc::SIGTERM));
                panic!("no thread");
            })
        });
        assert!(panicked.is_err());
        assert_eq!(is_blocked(libc::SIGTERM), before);
    }
}
