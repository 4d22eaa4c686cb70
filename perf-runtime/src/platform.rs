//! What only the operating system knows or does: clocks, threads, files' blocks, and the hooks at the end of threads and of
//! the process.
//!
//! Complete on Linux; other Unix systems lack what is marked so; elsewhere the recording works and these hooks do not.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since the Unix epoch.
pub(crate) fn unix_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// What the process used so far.
#[cfg(feature = "monitor")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) user_us: u64,
    pub(crate) system_us: u64,
    pub(crate) minor_faults: u64,
    pub(crate) major_faults: u64,
    /// Context switches because a thread waited.
    pub(crate) switches: u64,
    /// Context switches because another had its turn.
    pub(crate) preemptions: u64,
}

#[cfg(unix)]
mod imp {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// The system's monotonic clock in ns; the same clock in all processes.
    pub(crate) fn monotonic_ns() -> u64 {
        read_clock(libc::CLOCK_MONOTONIC)
    }

    fn read_clock(clock: libc::clockid_t) -> u64 {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer is to a live timespec.
        if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
            return 0;
        }
        time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
    }

    /// How long this process has run, in ns; 0 where the system does not tell.
    pub(crate) fn process_age_ns() -> u64 {
        #[cfg(target_os = "linux")]
        {
            // Field 22 of /proc/self/stat is the start time in clock ticks since boot. The name in field 2 may hold anything,
            // also parentheses, so count from its last one.
            let age = || {
                let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
                let start: u64 = stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.parse().ok()?;
                // SAFETY: sysconf takes a number and reads no memory of ours.
                let per_second =
                    u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).ok().filter(|hz| *hz > 0)?;
                read_clock(libc::CLOCK_BOOTTIME).checked_sub(start * (1_000_000_000 / per_second))
            };
            age().unwrap_or(0)
        }
        #[cfg(not(target_os = "linux"))]
        0
    }

    /// Whether the kernel found the time stamp counter unstable and took it off its list of clocks.
    pub(crate) fn kernel_distrusts_tsc() -> bool {
        std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/available_clocksource")
            .is_ok_and(|list| !list.split_ascii_whitespace().any(|clock| clock == "tsc"))
    }

    /// The system's id of the calling thread.
    pub(crate) fn thread_id() -> u64 {
        #[cfg(target_os = "linux")]
        {
            // SAFETY: gettid takes nothing and cannot fail.
            unsafe { libc::syscall(libc::SYS_gettid) as u64 }
        }
        #[cfg(not(target_os = "linux"))]
        {
            // SAFETY: pthread_self takes nothing and cannot fail.
            unsafe { libc::pthread_self() as u64 }
        }
    }

    /// Name of the calling thread, zero-padded. The system's, not Rust's: asking for that may set up thread-locals. The
    /// system names the first thread after the program; it is `main` to everybody else.
    pub(crate) fn thread_name(name: &mut [u8; 32]) {
        if thread_id() == u64::from(std::process::id()) {
            name[..4].copy_from_slice(b"main");
            return;
        }
        #[cfg(target_os = "linux")]
        // SAFETY: PR_GET_NAME writes at most 16 bytes, and the buffer has 32.
        unsafe {
            libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr());
        }
        #[cfg(not(target_os = "linux"))]
        let _ = name;
    }

    /// Makes the file system set blocks aside, so that writing to the mapping cannot fail for want of them.
    pub(crate) fn reserve_blocks(file: &File, start: u64, len: u64) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
        {
            let (Ok(start), Ok(len)) = (libc::off_t::try_from(start), libc::off_t::try_from(len)) else {
                return Err(io::ErrorKind::FileTooLarge.into());
            };
            // SAFETY: the descriptor is open for as long as `file` is borrowed.
            match unsafe { libc::posix_fallocate(file.as_raw_fd(), start, len) } {
                0 => Ok(()),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }
        #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
        {
            let _ = (file, start, len);
            Ok(())
        }
    }

    /// Key of the per-thread value whose destructor runs at a thread's end, plus 1; 0 while there is none.
    static THREAD_KEY: AtomicU64 = AtomicU64::new(0);

    /// Has `hook` run at the end of every thread that called [`at_this_threads_end`].
    ///
    /// A pthread key, not a `thread_local!` with a destructor: it runs after those (which may call annotated functions), and
    /// setting it needs neither a lock nor, for the first 32 keys of a process, memory.
    pub(crate) fn on_thread_end(hook: extern "C" fn(*mut libc::c_void)) {
        let mut key: libc::pthread_key_t = 0;
        // SAFETY: the pointer is to a live key, and `hook` is a function for the whole life of the program.
        if unsafe { libc::pthread_key_create(&raw mut key, Some(hook)) } == 0 {
            THREAD_KEY.store(u64::from(key) + 1, Ordering::Release);
        }
    }

    /// Asks for the hook at the end of the calling thread.
    pub(crate) fn at_this_threads_end() {
        if let Some(key) = THREAD_KEY.load(Ordering::Acquire).checked_sub(1) {
            // SAFETY: the key was created and not deleted; the value is not null, so that its destructor runs, and is never
            // read.
            unsafe { libc::pthread_setspecific(key as libc::pthread_key_t, std::ptr::dangling::<u8>().cast()) };
        }
    }

    /// No thread's end runs the hook any more: its code may be unloaded.
    pub(crate) fn forget_thread_ends() {
        if let Some(key) = THREAD_KEY.swap(0, Ordering::AcqRel).checked_sub(1) {
            // SAFETY: the key was created and is deleted once, thanks to the swap.
            unsafe { libc::pthread_key_delete(key as libc::pthread_key_t) };
        }
    }

    /// Has `hook` run when the process exits (or the library that this code is in is unloaded).
    pub(crate) fn on_exit(hook: extern "C" fn()) {
        // SAFETY: `hook` is a function for as long as this code is loaded, and catches its panics.
        unsafe { libc::atexit(hook) };
    }

    /// Has `hook` run in every child process that is forked without exec.
    pub(crate) fn on_fork_in_child(hook: unsafe extern "C" fn()) {
        // SAFETY: `hook` is a function for the whole life of the program, and does only what a forked child may.
        unsafe { libc::pthread_atfork(None, None, Some(hook)) };
    }

    /// What the process used so far, all threads together.
    #[cfg(feature = "monitor")]
    pub(crate) fn usage() -> Option<Usage> {
        // SAFETY: a zeroed rusage is a valid one to be overwritten, and the pointer is to it.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            (libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) == 0).then_some(usage)
        }?;
        let us = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
        Some(Usage {
            user_us: us(usage.ru_utime),
            system_us: us(usage.ru_stime),
            minor_faults: usage.ru_minflt as u64,
            major_faults: usage.ru_majflt as u64,
            switches: usage.ru_nvcsw as u64,
            preemptions: usage.ru_nivcsw as u64,
        })
    }

    /// Has the C library's allocator give free memory back to the system. Says whether it can.
    #[cfg(feature = "monitor")]
    pub(crate) fn trim_heap() -> bool {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        // SAFETY: malloc_trim takes a number and may be called at any time.
        unsafe {
            libc::malloc_trim(0);
        }
        cfg!(all(target_os = "linux", target_env = "gnu"))
    }

    /// Runs `spawn` so that a thread it makes takes none of the program's signals: a mask is inherited.
    pub(crate) fn without_signals<T>(spawn: impl FnOnce() -> T) -> T {
        // SAFETY: both sets are live; the mask is the calling thread's own and is restored.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            let result = spawn();
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
            result
        }
    }

    /// Runs `write` so that a closed pipe is an error and not the end of the process, also in programs that have
    /// `SIGPIPE` at its default.
    pub(crate) fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
        // SAFETY: all pointers are to live signal sets; a zeroed one is a valid argument for sigemptyset. The mask is the
        // calling thread's own and is restored.
        unsafe {
            let mut pipe: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            let mut pending: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut pipe);
            libc::sigaddset(&raw mut pipe, libc::SIGPIPE);
            libc::sigpending(&raw mut pending);
            let was_pending = libc::sigismember(&raw const pending, libc::SIGPIPE) == 1;
            if libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, &raw mut before) != 0 {
                return write();
            }
            let result = write();
            libc::sigpending(&raw mut pending);
            if !was_pending && libc::sigismember(&raw const pending, libc::SIGPIPE) == 1 {
                let mut signal = 0;
                libc::sigwait(&raw const pipe, &raw mut signal);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
            result
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use super::*;
    use std::sync::OnceLock;
    use std::time::Instant;

    pub(crate) fn monotonic_ns() -> u64 {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_nanos() as u64
    }

    pub(crate) fn process_age_ns() -> u64 {
        0
    }

    pub(crate) fn kernel_distrusts_tsc() -> bool {
        false
    }

    pub(crate) fn thread_id() -> u64 {
        0
    }

    pub(crate) fn thread_name(_name: &mut [u8; 32]) {}

    pub(crate) fn reserve_blocks(_file: &File, _start: u64, _len: u64) -> io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "monitor")]
    pub(crate) fn usage() -> Option<Usage> {
        None
    }

    #[cfg(feature = "monitor")]
    pub(crate) fn trim_heap() -> bool {
        false
    }

    #[cfg(feature = "monitor")]
    pub(crate) fn without_signals<T>(spawn: impl FnOnce() -> T) -> T {
        spawn()
    }

    pub(crate) fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
        write()
    }
}

pub(crate) use imp::*;
