//! The calling thread's `errno`, kept over what runs in a signal handler.
#![allow(unsafe_code, reason = "this file's subject is a variable of the C library")]

use std::io;

/// Runs `work` and leaves `errno` as it was: whoever was interrupted may be about to look at it.
pub(crate) fn keeping_errno<T>(work: impl FnOnce() -> T) -> T {
    let before = io::Error::last_os_error().raw_os_error();
    let result = work();
    if let Some(before) = before {
        set_errno(before);
    }
    result
}

fn set_errno(value: i32) {
    #[cfg(any(target_os = "solaris", target_os = "illumos"))]
    use libc::___errno as location;
    #[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
    use libc::__errno as location;
    #[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "dragonfly", target_os = "fuchsia"))]
    use libc::__errno_location as location;
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    use libc::__error as location;
    #[cfg(any(
        target_os = "linux",
        target_os = "emscripten",
        target_os = "dragonfly",
        target_os = "fuchsia",
        target_os = "android",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "solaris",
        target_os = "illumos"
    ))]
    // SAFETY: the location is the calling thread's own variable.
    unsafe {
        *location() = value;
    }
    // Elsewhere it is not known where the variable lies.
    let _ = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errno_is_what_it_was() {
        set_errno(77);
        keeping_errno(|| set_errno(5));
        assert_eq!(io::Error::last_os_error().raw_os_error(), Some(77));
    }
}
