//! Before `main`: the environment decides whether this process records.
//!
//! `inventory` runs code before `main` too, to link the sites together. Deciding here rather than at the first call keeps
//! memory mappings, threads and hooks out of that call, wherever it happens (a signal handler, an allocator), and reports a
//! program that never calls an annotated function.
#![cfg(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple"),
    not(perf_portable)
))]
#![allow(unsafe_code, reason = "this file's subject is the platform's list of initialisers")]

use super::lifecycle;
use crate::platform::hooks::FORGETS_FORK_HOOKS;
use crate::process::age;

// SAFETY: the section is the platform's list of functions to call before `main`, and the entry is one; it runs when libc
// and the parts of the standard library that it uses (environment, files, threads) work.
#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static BEFORE_MAIN: extern "C" fn() = before_main;

extern "C" fn before_main() {
    age::begin();
    // A panic must not leave a C function; there is nobody to tell.
    let _ = std::panic::catch_unwind(|| {
        if FORGETS_FORK_HOOKS {
            lifecycle::watch_forks();
        }
        lifecycle::decide();
    });
}
