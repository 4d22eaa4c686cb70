//! Hooks of the process: at its exit.
#![allow(unsafe_code, reason = "this file's subject is the C library's interface")]

/// Has `hook` run when the process exits by the C library: on return from `main`, and on `process::exit` where the standard library goes
/// that way (not on Windows).
pub(crate) fn on_exit(hook: extern "C" fn()) {
    #[cfg(any(unix, windows, target_os = "wasi"))]
    {
        unsafe extern "C" {
            fn atexit(hook: extern "C" fn()) -> std::ffi::c_int;
        }
        // SAFETY: it is the function of ISO C, in the C library that the standard library links; `hook` is a function for as long
        // as this code is loaded, and catches its panics.
        unsafe { atexit(hook) };
    }
    // Elsewhere there is no C library: sessions report when they are dropped.
    #[cfg(not(any(unix, windows, target_os = "wasi")))]
    let _ = hook;
}

/// There are no forks to tell of.
pub(crate) fn on_fork_in_child(_hook: unsafe extern "C" fn()) {}

/// There are no forks to tell of.
#[cfg(feature = "resources")]
pub(crate) fn on_fork(_before: extern "C" fn(), _parent: extern "C" fn(), _child: extern "C" fn()) {}
