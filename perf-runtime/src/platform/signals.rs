//! Signals that end the process: the reports first.
//!
//! The handler does nothing but write the signal's number to a pipe; a thread reads it, calls the function it was given, which
//! writes the reports, puts the signal's default action back and raises it again, so the process ends by that signal as it would
//! have without us.
//!
//! `signal-hook` would do most of this, but its registry is shared: a program that uses it too (`tokio::signal` does)
//! shares one handler with us, and we could not see that it wants to live on. With a handler of our own we can: whoever
//! takes a signal over after us replaces it, and then, also if called as the previous handler, we stand back.
#![allow(unsafe_code, reason = "this file's subject is the operating system's signals")]

use std::os::fd::{IntoRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::{io, ptr};

use parking_lot::Mutex;

use crate::platform::signal_mask;
use crate::process::message;
use crate::sync::StaticCell;

const WATCHED: [libc::c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

/// What the thread is told when there is nothing to wait for any more: the number of no signal.
const NO_SIGNAL: u8 = 0;

/// The watch of this process, once there is one.
static WATCH: StaticCell<Watch> = StaticCell::none();

#[derive(Debug)]
struct Watch {
    /// Process that it is for.
    pid: u32,
    /// The ends of the pipe. They are open as long as the watch lasts.
    reader: RawFd,
    writer: RawFd,
    /// Whether a signal came.
    seen: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Takes the signals that are at their default action, unless that is done. Before the first of them ends the process,
/// `on_signal` is called.
pub(crate) fn watch(on_signal: fn()) {
    if WATCH.get().is_none()
        && let Err(error) = start(on_signal)
    {
        message::say(format_args!("no reports on signals: {error}"));
    }
}

fn start(on_signal: fn()) -> io::Result<()> {
    let (reader, writer) = io::pipe()?;
    let watch = &*Box::leak(Box::new(Watch {
        pid: std::process::id(),
        reader: above_the_streams(reader.into())?,
        writer: above_the_streams(writer.into())?,
        seen: AtomicBool::new(false),
        thread: Mutex::new(None),
    }));
    let thread = signal_mask::without_signals(|| {
        thread::Builder::new().name(String::from("perf-signals")).spawn(move || watch.wait(on_signal))
    });
    *watch.thread.lock() = Some(thread?);
    WATCH.set(Some(watch));
    for signal in WATCHED {
        if action_of(signal).is_some_and(|action| action.sa_sigaction == libc::SIG_DFL) {
            set_action(signal, handler_address());
        }
    }
    Ok(())
}

/// A descriptor that is none of the standard streams': where those are closed, one of theirs may be given out, and then
/// the program would write its messages into our pipe.
fn above_the_streams(descriptor: OwnedFd) -> io::Result<RawFd> {
    // Duplicates are given out from 3 on.
    Ok(if std::os::fd::AsRawFd::as_raw_fd(&descriptor) > 2 { descriptor } else { descriptor.try_clone()? }
        .into_raw_fd())
}

/// Puts the default actions back and ends the thread: no more reports are to be had.
pub(crate) fn unwatch() {
    let Some(watch) = WATCH.get().filter(|watch| watch.pid == std::process::id()) else { return };
    stand_back();
    if let Some(thread) = watch.thread.lock().take() {
        watch.tell(NO_SIGNAL);
        let _ = thread.join();
    }
}

impl Watch {
    /// The thread: waits for the first signal.
    fn wait(&self, on_signal: fn()) {
        let mut signal = NO_SIGNAL;
        // SAFETY: the pointer is to one live byte; the descriptor is open as long as the watch lasts. All signals are
        // blocked here, so nothing interrupts.
        let read = unsafe { libc::read(self.reader, (&raw mut signal).cast(), 1) };
        if read == 1 && signal != NO_SIGNAL {
            on_signal();
            die(libc::c_int::from(signal));
            // If all threads that could take it have ended or block it, it is for this one.
            signal_mask::unblock(libc::c_int::from(signal));
        }
    }

    fn tell(&self, byte: u8) -> bool {
        // SAFETY: the pointer is to one live byte; the descriptor is open as long as the watch lasts.
        unsafe { libc::write(self.writer, ptr::from_ref(&byte).cast(), 1) == 1 }
    }
}

extern "C" fn handler(signal: libc::c_int) {
    let errno = io::Error::last_os_error().raw_os_error();
    // Called as the previous handler of one that came after us: the signal is theirs.
    if action_of(signal).is_some_and(|action| action.sa_sigaction == handler_address()) {
        // In a forked child there is no thread to tell; and who asks twice means it.
        let told = WATCH.get().is_some_and(|watch| {
            watch.pid == std::process::id() && !watch.seen.swap(true, Ordering::AcqRel) && watch.tell(signal as u8)
        });
        if !told {
            die(signal);
        }
    }
    restore_errno(errno);
}

/// Ends the process by a signal's default action; within its handler, as soon as that returns.
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
        new.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &raw const new, ptr::null_mut());
    }
}

fn restore_errno(errno: Option<i32>) {
    #[cfg(target_os = "linux")]
    if let Some(errno) = errno {
        // SAFETY: the location is the calling thread's own errno.
        unsafe { *libc::__errno_location() = errno };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = errno;
}

/// In a forked child, whose only thread this is: signals end it at once, until it asks for a watch of its own.
pub(crate) fn after_fork() {
    stand_back();
    if let Some(watch) = WATCH.get() {
        // SAFETY: the descriptors are the child's copies, which nobody uses any more.
        unsafe {
            libc::close(watch.reader);
            libc::close(watch.writer);
        }
    }
    WATCH.set(None);
}

/// Puts the default actions back where they are ours.
fn stand_back() {
    for signal in WATCHED {
        if action_of(signal).is_some_and(|action| action.sa_sigaction == handler_address()) {
            set_action(signal, libc::SIG_DFL);
        }
    }
}
