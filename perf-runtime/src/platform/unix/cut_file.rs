//! A file that somebody cuts while it is mapped: the process goes on without it.
//!
//! The part of a mapping that lies beyond its file's end cannot be touched: the system answers with `SIGBUS`, which ends the
//! process. So whoever maps a file [`Guard`]s the mapping. The handler puts memory of the process's own, all zeros, in the
//! place of the whole mapping, notes when that was, and has the instruction tried again. The contents of the file are lost; whoever
//! works there finds zeros, from one moment to the next, and asks [`Guard::was_cut`] why.
//!
//! The handler is installed with the first guard, and stays. A `SIGBUS` about anything else goes to whoever handled the signal before,
//! or ends the process as it would have. A program that installs a handler of its own later replaces this one.
#![allow(unsafe_code, reason = "this file's subject is the operating system's signals")]

use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use libc::{c_int, c_void, siginfo_t};

use super::errno::keeping_errno;
use super::reserved::{Reserved, put_zeros};
use super::{hooks, signal_mask, time};
use crate::sync::StaticCell;

/// Of a `SIGBUS`: nothing stands behind the address (POSIX, `<signal.h>`; the number is the same on all systems that have it).
const BUS_ADRERR: c_int = 2;

/// The newest guard.
static NEWEST: StaticCell<Watched> = StaticCell::none();

/// The action that `SIGBUS` had before ours.
static PREVIOUS: StaticCell<libc::sigaction> = StaticCell::none();

/// Guards a mapping for as long as it lives.
#[derive(Debug)]
pub(crate) struct Guard(&'static Watched);

/// A mapping, as the handler knows it. It is never freed, because a handler may be looking at it.
#[derive(Debug)]
struct Watched {
    parts: [(usize, usize); 2],
    /// Bytes of the first part up to the end of what was opened: the rest need not be replaced.
    opened: AtomicUsize,
    /// When it was replaced, in ns since the Unix epoch; 0 if it was not.
    cut_at: AtomicU64,
    replacing: AtomicBool,
    unmapped: AtomicBool,
    older: Option<&'static Watched>,
}

impl Guard {
    /// Guards a mapping of which nothing was opened yet.
    ///
    /// # Safety
    /// All that use it are ready to find zeros there at any moment.
    pub(crate) unsafe fn new(space: &Reserved) -> Guard {
        install();
        loop {
            let older = NEWEST.get();
            let watched = &*Box::leak(Box::new(Watched {
                parts: space.parts(),
                opened: AtomicUsize::new(0),
                cut_at: AtomicU64::new(0),
                replacing: AtomicBool::new(false),
                unmapped: AtomicBool::new(false),
                older,
            }));
            if NEWEST.replace(older, watched) {
                return Guard(watched);
            }
        }
    }

    /// Tells that all up to an offset is about to be opened.
    pub(crate) fn opens(&self, end: usize) {
        self.0.opened.fetch_max(end, Ordering::AcqRel);
    }

    /// Prepares the calling thread for touching the mapping: where it blocks `SIGBUS`, a fault would end the process. Signals that it
    /// blocks later are its own affair.
    pub(crate) fn admit_thread(&self) {
        signal_mask::unblock(libc::SIGBUS);
    }

    /// When the file was found to be cut, in ns since the Unix epoch.
    #[inline]
    pub(crate) fn was_cut(&self) -> Option<u64> {
        Some(self.0.cut_at.load(Ordering::Acquire)).filter(|&at| at != 0)
    }

    /// Replaces the mapping as if it had been found to be cut when it was touched.
    pub(crate) fn replace(&self) {
        self.0.replace();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.unmapped.store(true, Ordering::Release);
    }
}

impl Watched {
    fn contains(&self, address: usize) -> bool {
        let inside = |&(first, len): &(usize, usize)| address.wrapping_sub(first) < len;
        !self.unmapped.load(Ordering::Acquire) && self.parts.iter().any(inside)
    }

    /// Replaces the mapping, unless that is done or another thread does it. Says whether what touched it should try again.
    fn replace(&self) -> bool {
        if self.replacing.swap(true, Ordering::AcqRel) {
            return true;
        }
        // First, so that who finds zeros finds this too.
        self.cut_at.store(time::unix_ns().max(1), Ordering::Release);
        let [(first, len), (second, second_len)] = self.parts;
        let opened = self.opened.load(Ordering::Acquire).min(len);
        // SAFETY: the parts are those of a mapping that lives, and by the promise of who made the guard.
        let replaced = |first, len| len == 0 || unsafe { put_zeros(first, len) };
        replaced(first, opened) && replaced(second, second_len)
    }
}

extern "C" fn handler(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the system hands a handler with SA_SIGINFO a valid pointer; an address stands there for this code.
    let address = unsafe { ((*info).si_code == BUS_ADRERR).then(|| (*info).si_addr().addr()) };
    let guards = std::iter::successors(NEWEST.get(), |watched| watched.older);
    let ours = address.and_then(|address| guards.into_iter().find(|watched| watched.contains(address)));
    if !ours.is_some_and(|watched| keeping_errno(|| watched.replace())) {
        pass_on(signal, info, context);
    }
}

/// Gives the signal to whoever handled it before.
fn pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Some(previous) = PREVIOUS.get() else { return };
    match previous.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: the action is one that the system gave us; `raise` reads no memory of ours, and `info` is valid as above.
            unsafe {
                libc::sigaction(signal, ptr::from_ref(previous), ptr::null_mut());
                // A fault comes again when the instruction is tried again, and then ends the process where it happened.
                if (*info).si_code <= 0 {
                    libc::raise(signal);
                }
            }
        }
        action if previous.sa_flags & libc::SA_SIGINFO != 0 => {
            // SAFETY: with SA_SIGINFO the action is the address of a function of this type.
            let previous: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = unsafe { std::mem::transmute(action) };
            previous(signal, info, context);
        }
        action => {
            // SAFETY: without SA_SIGINFO the action is the address of a function of this type.
            let previous: extern "C" fn(c_int) = unsafe { std::mem::transmute(action) };
            previous(signal);
        }
    }
}

fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        hooks::stay_loaded();
        // SAFETY: zeroed actions are valid ones to be overwritten, all pointers are to live ones, and the handler does only what a
        // signal handler may. The signals that the previous handler had blocked stay blocked while it runs.
        unsafe {
            let mut previous: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut previous) != 0 {
                return;
            }
            PREVIOUS.set(Some(Box::leak(Box::new(previous))));
            let mut action = previous;
            action.sa_sigaction = handler as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | (previous.sa_flags & libc::SA_RESTART);
            libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut());
        }
    });
}
