//! What only the operating system knows or does: clocks, threads, files' blocks, and the hooks at the end of threads and of
//! the process.
//!
//! Complete on Linux; other Unix systems lack what is marked so.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since the Unix epoch.
pub(crate) fn unix_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// The system's monotonic clock in ns; the same clock in all processes.
pub(crate) fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec.
    if unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) } != 0 {
        return 0;
    }
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
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
    // Miri knows no prctl.
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: PR_GET_NAME writes at most 16 bytes, and the buffer has 32.
    unsafe {
        libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr());
    }
    #[cfg(not(all(target_os = "linux", not(miri))))]
    let _ = name;
}

/// Makes the file system set blocks aside, so that writing to the mapping cannot fail for want of them.
///
/// Page by page, because `tmpfs` undoes a call that fails half-way for all of its pages that nobody has written to yet, also
/// for those that another thread has set aside.
pub(crate) fn reserve_blocks(file: &File, start: u64, len: u64) -> io::Result<()> {
    const PAGE: u64 = 4096;
    let (mut start, end) = (start, start + len);
    while start < end {
        let next = (start + 1).next_multiple_of(PAGE).min(end);
        fallocate(file, start, next - start)?;
        start = next;
    }
    Ok(())
}

fn fallocate(file: &File, start: u64, len: u64) -> io::Result<()> {
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

/// If this code is in a library that a program has loaded, it stays loaded to the end of the process, also when the
/// program closes it.
///
/// Threads, hooks and handlers of ours would go on in code that is gone. And nothing could be reported while it goes: the
/// loader holds its lock then, for which a new thread would wait.
pub(crate) fn stay_loaded() {
    let here = stay_loaded as *const ();
    #[cfg(target_os = "linux")]
    // SAFETY: getauxval takes a number and reads no memory of ours.
    let program = std::ptr::with_exposed_provenance(unsafe { libc::getauxval(libc::AT_PHDR) } as usize);
    #[cfg(not(target_os = "linux"))]
    let program = std::ptr::null();
    let Some((base, name)) = module_of(here) else { return };
    if module_of(program).is_none_or(|(programs_base, _)| programs_base != base) {
        // SAFETY: the name is a string of the loader's, of a library that is loaded: this one.
        unsafe { libc::dlopen(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) };
    }
}

/// Where the program or library that an address is in begins, and its name.
fn module_of(address: *const ()) -> Option<(*mut libc::c_void, *const libc::c_char)> {
    // SAFETY: dladdr only compares the address, and fills a value for which zeros are valid.
    let info = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        (libc::dladdr(address.cast(), &raw mut info) != 0).then_some(info)
    }?;
    (!info.dli_fname.is_null()).then_some((info.dli_fbase, info.dli_fname))
}

/// Has `hook` run when the process exits.
pub(crate) fn on_exit(hook: extern "C" fn()) {
    // SAFETY: `hook` is a function for as long as this code is loaded, and catches its panics.
    unsafe { libc::atexit(hook) };
}

/// Has `hook` run in every child process that is forked without exec.
pub(crate) fn on_fork_in_child(hook: unsafe extern "C" fn()) {
    // SAFETY: `hook` is a function for the whole life of the program, and does only what a forked child may.
    unsafe { libc::pthread_atfork(None, None, Some(hook)) };
}

/// Has `before` run before every fork without exec, and then `parent` and `child` in the one and the other, all in the thread
/// that forks.
#[cfg(feature = "resources")]
pub(crate) fn on_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the three are functions for the whole life of the program.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}

/// Runs `write` so that a closed pipe and a file beyond the limit on its size are errors and not the end of the
/// process, also in programs that have `SIGPIPE` and `SIGXFSZ` at their defaults.
pub(crate) fn with_write_errors<T>(write: impl FnOnce() -> T) -> T {
    // SAFETY: all pointers are to live signal sets; a zeroed one is a valid argument for sigemptyset. The mask is the
    // calling thread's own and is restored.
    unsafe {
        let mut raised: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        let mut pending: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut raised);
        libc::sigpending(&raw mut pending);
        // What was pending before is not for us to take.
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            if libc::sigismember(&raw const pending, signal) == 0 {
                libc::sigaddset(&raw mut raised, signal);
            }
        }
        if libc::pthread_sigmask(libc::SIG_BLOCK, &raw const raised, &raw mut before) != 0 {
            return write();
        }
        let result = write();
        libc::sigpending(&raw mut pending);
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            let ours = libc::sigismember(&raw const raised, signal) == 1;
            if ours && libc::sigismember(&raw const pending, signal) == 1 {
                let mut one: libc::sigset_t = std::mem::zeroed();
                let mut taken = 0;
                libc::sigemptyset(&raw mut one);
                libc::sigaddset(&raw mut one, signal);
                libc::sigwait(&raw const one, &raw mut taken);
            }
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        result
    }
}

/// Whether a file is the one at a path.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let ours = file.metadata().map(identity);
    let there = std::fs::symlink_metadata(path).map(identity);
    matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
}

/// Closes a file in a forked child: its lock is the parent's, and lasts as long as any process has the file open.
pub(crate) fn close_after_fork(file: &File) {
    // SAFETY: the descriptor is this file's, which is leaked in the child and never used there again.
    unsafe { libc::close(file.as_raw_fd()) };
}
