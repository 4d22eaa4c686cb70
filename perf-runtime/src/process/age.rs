//! For how long annotated functions could run before they were recorded.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::platform::time::{file_date_ns, monotonic_ns};

/// When this was loaded, by the system's monotonic clock; 0 before.
static LOADED_NS: AtomicU64 = AtomicU64::new(0);

/// As above, by the clock that dates files.
static LOADED_DATE: AtomicU64 = AtomicU64::new(0);

/// Notes that the process begins now.
pub(crate) fn begin() {
    LOADED_DATE.store(file_date_ns(), Ordering::Relaxed);
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

/// Whether a file of this date was written while this process ran. One that was written at the moment when it began counts as
/// older, as programs that run one after the other follow each other quickly.
pub(crate) fn is_later(date_ns: u64) -> bool {
    let loaded = LOADED_DATE.load(Ordering::Relaxed);
    loaded != 0 && date_ns > loaded
}
