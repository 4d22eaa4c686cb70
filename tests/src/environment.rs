//! A test's own process, rid of the environment's wishes to perf.
#![allow(unsafe_code, reason = "code that runs before `main` stands in the platform's list of initialisers")]

use std::sync::atomic::{AtomicBool, Ordering};

use perf_test_support::environment::is_wish;

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
