//! Signals that end the process: the reports first.
//!
//! The handler does nothing but write the signal's number to a pipe; a thread reads it, has the reports written, puts the
//! signal's default action back and raises it again, so the process ends by that signal as it would have without us.
//!
//! `signal-hook` would do most of this, but its registry is shared: a program that uses it too (`tokio::signal` does)
//! shares one handler with us, and we could not see that it wants to live on. With a handler of our own we can: whoever
//! takes a signal over after us replaces it, and then, also if called as the previous handler, we stand back.
#![allow(unsafe_code, reason = "this file's subject is the operating system's signals")]

#[cfg(unix)]
mod imp {
    use std::sync::Once;
    use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
    use std::{io, ptr, thread};

    use crate::{message, platform, shutdown};

    const WATCHED: [libc::c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];

    static PIPE: AtomicI32 = AtomicI32::new(-1);
    static PID: AtomicU32 = AtomicU32::new(0);
    static SEEN: AtomicBool = AtomicBool::new(false);

    /// Takes the signals that are at their default action.
    pub(crate) fn watch() {
        static WATCHING: Once = Once::new();
        WATCHING.call_once(|| {
            if let Err(error) = start() {
                message::say(format_args!("no reports on signals: {error}"));
            }
        });
    }

    fn start() -> io::Result<()> {
        let (reader, writer) = io::pipe()?;
        let builder = thread::Builder::new().name(String::from("perf-signals"));
        platform::without_signals(|| builder.spawn(move || wait(reader)))?;
        PID.store(std::process::id(), Ordering::Relaxed);
        PIPE.store(std::os::fd::IntoRawFd::into_raw_fd(writer), Ordering::Release);
        for signal in WATCHED {
            if action_of(signal).is_some_and(|action| action.sa_sigaction == libc::SIG_DFL) {
                set_action(signal, handler_address());
            }
        }
        Ok(())
    }

    /// The thread: waits for the first signal.
    fn wait(mut pipe: io::PipeReader) {
        let mut signal = [0];
        if io::Read::read_exact(&mut pipe, &mut signal).is_ok() {
            shutdown::finish();
            die(libc::c_int::from(signal[0]));
        }
    }

    extern "C" fn handler(signal: libc::c_int) {
        let errno = io::Error::last_os_error().raw_os_error();
        // Called as the previous handler of one that came after us: the signal is theirs.
        if action_of(signal).is_some_and(|action| action.sa_sigaction == handler_address()) {
            let ours = PID.load(Ordering::Relaxed) == std::process::id();
            // In a forked child there is no thread to tell; and who asks twice means it.
            if !ours || SEEN.swap(true, Ordering::AcqRel) || !tell(signal) {
                die(signal);
            }
        }
        restore_errno(errno);
    }

    fn tell(signal: libc::c_int) -> bool {
        let byte = signal as u8;
        // SAFETY: the pointer is to one live byte; the descriptor is open as long as the process lives.
        unsafe { libc::write(PIPE.load(Ordering::Acquire), ptr::from_ref(&byte).cast(), 1) == 1 }
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

    /// In a forked child, whose only thread this is: signals end it at once.
    pub(crate) fn after_fork() {
        for signal in WATCHED {
            if action_of(signal).is_some_and(|action| action.sa_sigaction == handler_address()) {
                set_action(signal, libc::SIG_DFL);
            }
        }
    }
}

#[cfg(not(unix))]
mod imp {
    pub(crate) fn watch() {}
}

pub(crate) use imp::*;
