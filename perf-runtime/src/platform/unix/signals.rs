//! Signals that end the process: a thread of ours learns of them, and raises them again when it has done its work.
//!
//! The handler does nothing but note the signal and wake the thread ([`super::wake`]). The thread then puts the signal's default
//! action back and raises it again, so the process ends by that signal as it would have without us. Where that action does
//! nothing, as in process 1 of a container, the process lives on.
//!
//! `signal-hook` would do most of this, but its registry is shared: a program that uses it too (`tokio::signal` does)
//! shares one handler with us, and we could not see that it wants to live on. With a handler of our own we can: whoever
//! takes a signal over after us replaces it, and then, also if called as the previous handler, we stand back.
//!
//! There is no lock and no memory from the heap here: signals may be taken in the first annotated call, wherever that is.
#![allow(unsafe_code, reason = "this file's subject is the operating system's signals")]

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::Duration;
use std::{io, process, ptr};

use super::errno::keeping_errno;
use super::signal_mask;
use super::threads::{self, Job};
use super::wake::Wake;

/// Whether signals can be watched on this platform.
pub(crate) const CAN_BE_WATCHED: bool = true;

const WATCHED: [libc::c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

/// No signal has come.
const NO_SIGNAL: libc::c_int = 0;

/// The process in which signals are watched. A forked child has none of its parent's threads.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The signal that the thread is to deal with, or is dealing with.
static SIGNAL: AtomicI32 = AtomicI32::new(NO_SIGNAL);

static WAKE: Wake = Wake::new();

/// Threads that are in the handler. It may run on a stack that the standard library gives back when any thread ends the process, which a
/// hook of the program's may do as soon as our thread goes to work.
static HANDLING: AtomicU32 = AtomicU32::new(0);

/// Takes the signals that are at their default action, unless that is done, and starts the thread that asks for the [`next`] one.
pub(crate) fn watch(thread: &'static Job) -> io::Result<()> {
    let process = process::id();
    let before = PROCESS.swap(process, Ordering::AcqRel);
    if before == process {
        return Ok(());
    }
    SIGNAL.store(NO_SIGNAL, Ordering::Relaxed);
    HANDLING.store(0, Ordering::Relaxed);
    // First, so that no signal comes that nobody asks for.
    let started = WAKE.set_up().and_then(|()| threads::start(thread));
    match started {
        Ok(()) => take_over(),
        Err(_) => PROCESS.store(before, Ordering::Release),
    }
    started
}

/// Puts our handler where the default action is.
fn take_over() {
    for signal in WATCHED {
        if action_of(signal).is_some_and(|action| action.sa_sigaction == libc::SIG_DFL) {
            set_action(signal, handler_address());
        }
    }
}

/// Waits for a signal that would end the process.
pub(crate) fn next() -> libc::c_int {
    loop {
        WAKE.wait();
        let signal = SIGNAL.load(Ordering::Acquire);
        if signal != NO_SIGNAL {
            wait_for_handlers();
            return signal;
        }
    }
}

/// Waits until no thread is in the handler, but not long: one of them may have been stopped there.
fn wait_for_handlers() {
    const PAUSE: Duration = Duration::from_micros(100);
    let mut pauses = 0..1000;
    while HANDLING.load(Ordering::Acquire) != 0 && pauses.next().is_some() {
        std::thread::sleep(PAUSE);
    }
}

/// Whether signals do nothing at their default action, because this is the first process of its namespace: the kernel ends that
/// by `SIGKILL` alone.
pub(crate) fn default_actions_do_nothing() -> bool {
    cfg!(target_os = "linux") && process::id() == 1
}

/// Ends the process by a signal's default action. Returns where that does not end it.
pub(crate) fn raise_again(signal: libc::c_int) {
    die(signal);
    // If all threads that could take it have ended or block it, it is for this one.
    signal_mask::let_in(signal);
}

/// Watches on: the last signal has not ended the process.
pub(crate) fn watch_on() {
    SIGNAL.store(NO_SIGNAL, Ordering::Release);
    take_over();
}

/// Puts the default actions back where they are ours: there is nothing left to do before the process ends.
pub(crate) fn stand_back() {
    for signal in WATCHED {
        if action_of(signal).is_some_and(|action| action.sa_sigaction == handler_address()) {
            set_action(signal, libc::SIG_DFL);
        }
    }
}

/// In a forked child, whose only thread this is: signals end it at once, until it asks for a watch of its own.
pub(crate) fn after_fork() {
    stand_back();
    PROCESS.store(0, Ordering::Release);
}

extern "C" fn handler(signal: libc::c_int) {
    HANDLING.fetch_add(1, Ordering::AcqRel);
    keeping_errno(|| {
        // Called as the previous handler of one that came after us: the signal is theirs.
        if action_of(signal).is_some_and(|action| action.sa_sigaction == handler_address()) && !tell(signal) {
            die(signal);
        }
    });
    HANDLING.fetch_sub(1, Ordering::AcqRel);
}

/// Tells the thread. Says whether the process is to live on until that has done its work.
fn tell(signal: libc::c_int) -> bool {
    // In a forked child of which the C library does not know there is no thread to tell.
    if PROCESS.load(Ordering::Acquire) != process::id() {
        return false;
    }
    let first = SIGNAL.compare_exchange(NO_SIGNAL, signal, Ordering::AcqRel, Ordering::Acquire).is_ok();
    // Who asks twice means it; but process 1 would not die of it.
    if first || default_actions_do_nothing() { WAKE.wake() } else { false }
}

fn die(signal: libc::c_int) {
    set_action(signal, libc::SIG_DFL);
    // SAFETY: kill reads no memory of ours.
    unsafe { libc::kill(libc::getpid(), signal) };
}

fn handler_address() -> libc::sighandler_t {
    handler as *const () as libc::sighandler_t
}

fn action_of(signal: libc::c_int) -> Option<libc::sigaction> {
    // SAFETY: a zeroed sigaction is a valid value to be overwritten, and the pointer is to a live one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(signal, ptr::null(), &raw mut action) == 0).then_some(action)
    }
}

fn set_action(signal: libc::c_int, action: libc::sighandler_t) {
    // SAFETY: a zeroed sigaction has an empty mask; the handler does only what a signal handler may.
    unsafe {
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = action;
        // The program may have threads with small stacks and another one for signals: other languages' runtimes do.
        new.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigaction(signal, &raw const new, ptr::null_mut());
    }
}
