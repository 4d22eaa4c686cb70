//! Threads: the calling one's identity, and a hook at the end of each.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::sync::atomic::{AtomicU64, Ordering};

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
