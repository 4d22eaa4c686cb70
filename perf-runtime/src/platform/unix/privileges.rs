//! Whether this process has rights that the user who started it has not.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

/// Whether the program runs with more rights than its user: set-user-ID, set-group-ID, or with capabilities of its file.
///
/// The environment of such a process comes from somebody who may not do what the process may. So nothing of it may be obeyed.
pub(crate) fn is_privileged() -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: getauxval takes a number and reads no memory of ours.
        unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
    }
    #[cfg(any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly"
    ))]
    {
        // SAFETY: issetugid takes nothing and cannot fail.
        unsafe { libc::issetugid() != 0 }
    }
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly"
    )))]
    {
        // SAFETY: these take nothing and cannot fail.
        unsafe { libc::geteuid() != libc::getuid() || libc::getegid() != libc::getgid() }
    }
}
