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
///
/// It takes `SIGBUS`, which tells the thread itself that a file was cut under it (`cut_file`): blocked, that would end the process.
pub(crate) fn without_signals<T>(spawn: impl FnOnce() -> T) -> T {
    // SAFETY: the set is live, and every set of signals may be blocked.
    let most = unsafe {
        let mut most: libc::sigset_t = zeroed();
        libc::sigfillset(&raw mut most);
        libc::sigdelset(&raw mut most, libc::SIGBUS);
        most
    };
    let _blocked = MaskGuard::change(libc::SIG_SETMASK, &most);
    spawn()
}

/// Lets the calling thread take a signal now, and no longer.
pub(crate) fn let_in(signal: libc::c_int) {
    // One that waits is taken before this returns.
    let _unblocked = MaskGuard::change(libc::SIG_UNBLOCK, &set_of([signal]));
}

/// Lets the calling thread take a signal from now on.
pub(super) fn unblock(signal: libc::c_int) {
    // SAFETY: the set is live; the mask is the calling thread's own.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &set_of([signal]), ptr::null_mut()) };
}

/// Whether the calling thread may be in a signal handler: it blocks a signal that has one.
///
/// Handlers block their own signal while they run, unless they ask not to. Who blocks signals to read them from a descriptor, or
/// to wait for them, has no handlers for them.
pub(crate) fn may_be_in_a_handler() -> bool {
    let mask = mask();
    (1..=HIGHEST_SIGNAL).any(|signal| contains(&mask, signal) && has_handler(signal))
}

/// Signals have numbers up to this.
const HIGHEST_SIGNAL: libc::c_int = 64;

fn has_handler(signal: libc::c_int) -> bool {
    // SAFETY: a zeroed sigaction is a valid value to be overwritten, and the pointer is to a live one.
    unsafe {
        let mut action: libc::sigaction = zeroed();
        libc::sigaction(signal, ptr::null(), &raw mut action) == 0
            && action.sa_sigaction != libc::SIG_DFL
            && action.sa_sigaction != libc::SIG_IGN
    }
}

/// The calling thread's mask.
fn mask() -> libc::sigset_t {
    // SAFETY: the set is live, and is overwritten; the mask is only asked for.
    unsafe {
        let mut mask: libc::sigset_t = zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &raw mut mask);
        mask
    }
}

/// Whether the calling thread blocks a signal.
#[cfg(all(test, not(loom), not(miri)))]
pub(crate) fn blocks(signal: libc::c_int) -> bool {
    contains(&mask(), signal)
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
    /// Signals of ours; those that were pending before are the program's to take.
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

    #[test]
    fn the_mask_is_put_back_when_a_write_panics() {
        let before = blocks(libc::SIGPIPE);
        let panicked = catch_unwind(|| {
            with_write_errors(|| {
                assert!(blocks(libc::SIGPIPE));
                panic!("a view of the program's own");
            })
        });
        assert!(panicked.is_err());
        assert_eq!(blocks(libc::SIGPIPE), before);
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
    fn a_handler_is_known_by_the_signal_that_it_blocks() {
        static WITHIN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        extern "C" fn handler(_: libc::c_int) {
            WITHIN.store(may_be_in_a_handler(), std::sync::atomic::Ordering::Relaxed);
        }
        // SAFETY: the handler is a function of this program, the signal is raised for this thread, and the action is put back.
        unsafe {
            let previous = libc::signal(libc::SIGUSR2, handler as *const () as libc::sighandler_t);
            libc::raise(libc::SIGUSR2);
            libc::signal(libc::SIGUSR2, previous);
        }
        assert!(WITHIN.load(std::sync::atomic::Ordering::Relaxed));
        assert!(!may_be_in_a_handler());
        // A blocked signal without a handler is read or waited for.
        let _blocked = MaskGuard::change(libc::SIG_BLOCK, &set_of([libc::SIGUSR2]));
        assert!(!may_be_in_a_handler());
    }

    #[test]
    fn the_mask_is_put_back_when_a_thread_cannot_be_made() {
        let before = blocks(libc::SIGTERM);
        let panicked = catch_unwind(|| {
            without_signals(|| {
                assert!(blocks(libc::SIGTERM));
                panic!("no thread");
            })
        });
        assert!(panicked.is_err());
        assert_eq!(blocks(libc::SIGTERM), before);
    }
}
