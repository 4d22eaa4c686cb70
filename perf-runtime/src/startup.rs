//! Before `main`: the environment decides whether this process records.
//!
//! `inventory` runs code before `main` too, to link the sites together. Deciding here rather than at the first call keeps
//! memory mappings, threads and hooks out of that call, wherever it happens (a signal handler, an allocator), and reports a
//! program that never calls an annotated function.
#![allow(unsafe_code, reason = "this file's subject is the platform's list of initialisers")]

use std::sync::atomic::{AtomicU64, Ordering};

use crate::platform::monotonic_ns;

/// When this was loaded, by the system's monotonic clock; 0 before.
static LOADED_NS: AtomicU64 = AtomicU64::new(0);

/// Notes that the process begins now.
pub(crate) fn begin() {
    LOADED_NS.store(monotonic_ns(), Ordering::Relaxed);
}

/// How long annotated functions have been able to run, in ns; 0 where nothing runs before `main`.
///
/// Not the age of the process, which may have been another program before: `cargo run` compiles, and then becomes what it
/// compiled.
pub(crate) fn age_ns() -> u64 {
    match LOADED_NS.load(Ordering::Relaxed) {
        0 => 0,
        loaded => monotonic_ns().saturating_sub(loaded),
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple"))]
// SAFETY: the section is the platform's list of functions to call before `main`, and the entry is one; it runs when libc
// and the parts of the standard library that it uses (environment, files, threads) work.
#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static BEFORE_MAIN: extern "C" fn() = before_main;

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple"))]
extern "C" fn before_main() {
    begin();
    // A panic must not leave a C function; there is nobody to tell.
    let _ = std::panic::catch_unwind(crate::control::decide);
}
