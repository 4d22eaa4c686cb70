//! The calling thread's `errno`, which a signal handler must leave as it found it.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

/// Runs a signal handler's work so that `errno` is what it was before.
pub(crate) fn kept<T>(work: impl FnOnce() -> T) -> T {
    let place = place();
    // SAFETY: the place is the calling thread's own `errno`, which lives as long as the thread.
    let before = unsafe { *place };
    let result = work();
    // SAFETY: as above.
    unsafe { *place = before };
    result
}

fn place() -> *mut libc::c_int {
    // SAFETY: the functions take nothing and cannot fail.
    unsafe {
        #[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "hurd", target_os = "dragonfly"))]
        return libc::__errno_location();
        #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
        return libc::__error();
        #[cfg(any(target_os = "android", target_os = "openbsd", target_os = "netbsd", target_os = "cygwin"))]
        return libc::__errno();
        #[cfg(any(target_os = "illumos", target_os = "solaris"))]
        return libc::___errno();
    }
}
