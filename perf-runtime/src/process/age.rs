//! For how long annotated functions could run before they were recorded.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::platform::time::{monotonic_ns, unix_ns};

/// When this was loaded, by the system's monotonic clock; 0 before.
static LOADED_NS: AtomicU64 = AtomicU64::new(0);

/// As above, in ns since the Unix epoch.
static LOADED_DATE: AtomicU64 = AtomicU64::new(0);

/// Notes that the process begins now.
pub(crate) fn begin() {
    LOADED_DATE.store(unix_ns(), Ordering::Relaxed);
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

/// Whether a file of this date was written while this process ran.
///
/// Dates may lag some milliseconds behind the clock, but are never ahead of it: a file that was written just after the process
/// began may be taken for an older one, and never the other way round.
pub(crate) fn is_later(date_ns: u64) -> bool {
    let loaded = LOADED_DATE.load(Ordering::Relaxed);
    loaded != 0 && date_ns > loaded
}
