//! The environment: what a child gets of the caller's, and how a test's own process is rid of wishes to perf.
#![allow(unsafe_code, reason = "code that runs before `main` stands in the platform's list of initialisers")]

use std::ffi::OsStr;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a child keeps: where programs and libraries are found, and what tools that watch the child want to tell it.
const KEPT: [&str; 5] = ["PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "ASAN_OPTIONS", "UBSAN_OPTIONS"];

/// What every child is given.
pub(crate) const GIVEN: [(&str, &str); 3] = [("LC_ALL", "C.UTF-8"), ("TERM", "dumb"), ("TZ", "UTC")];

/// What a tool of the build does not get: flags that would have it build something else, and the caller's job server, whose
/// descriptors it does not get either.
const NOT_FOR_TOOLS: [&str; 11] = [
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_DIR",
    "COLUMNS",
    "LS_COLORS",
    "MAKEFLAGS",
    "MFLAGS",
    "NO_COLOR",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

pub(crate) fn is_kept(variable: &OsStr) -> bool {
    KEPT.iter().any(|kept| variable == *kept)
}

pub(crate) fn is_for_tools(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    let of_this_package =
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_BIN_") || name == "CARGO_MANIFEST_DIR";
    !(is_wish(&name) || of_this_package || NOT_FOR_TOOLS.contains(&&*name))
}

/// Whether a variable asks perf for something.
fn is_wish(name: &str) -> bool {
    name.starts_with("PERF_")
}

static CLEARED: AtomicBool = AtomicBool::new(false);

/// Asserts that this process was rid of the caller's `PERF_` variables before perf could read them, which is before `main`.
///
/// A test that records in its own process calls this; the call also links the code that does it.
///
/// # Panics
/// If that was not done.
pub fn is_cleared() {
    if cfg!(target_os = "linux") {
        assert!(CLEARED.load(Ordering::Relaxed), "the environment was not cleared before `main`");
    }
    let wish = std::env::vars_os().map(|(name, _)| name).find(|name| is_wish(&name.to_string_lossy()));
    assert_eq!(wish, None, "this asks perf for something, so the test would see something else");
}

// SAFETY: the section is the platform's list of functions to call before `main`, and the entry is one. The number has it called
// before those without a number, which perf's are. The standard library's access to the environment works by then.
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array.00101")]
static BEFORE_ALL_OTHERS: extern "C" fn() = clear;

#[cfg(target_os = "linux")]
extern "C" fn clear() {
    let wishes: Vec<_> =
        std::env::vars_os().map(|(name, _)| name).filter(|name| is_wish(&name.to_string_lossy())).collect();
    for wish in wishes {
        // SAFETY: before `main` there is one thread.
        unsafe { std::env::remove_var(wish) };
    }
    CLEARED.store(true, Ordering::Relaxed);
}
