//! For how long annotated functions could run before they were recorded.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::platform::time::monotonic_ns;

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
