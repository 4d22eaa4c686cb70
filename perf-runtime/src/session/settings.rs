//! Settings: the wishes of a session in code, and of the environment.

use std::path::PathBuf;
use std::time::Duration;

use crate::process::report::Report;

/// Bytes of address space that a recording reserves unless told otherwise. Memory is used only as far as it is filled.
const CAPACITY: usize = 256 << 20;

/// Fewest bytes that a recording is given: room for a few threads.
const LEAST_CAPACITY: usize = 1 << 20;

/// How long the reports may take unless told otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What a session is to do.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) reports: Vec<Report>,
    pub(crate) recording: Option<PathBuf>,
    pub(crate) capacity: usize,
    pub(crate) signals: bool,
    /// How long the reports may take.
    pub(crate) time_limit: Duration,
    #[cfg(feature = "monitor")]
    pub(crate) monitor: Option<crate::monitor::Monitor>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            reports: Vec::new(),
            recording: None,
            capacity: CAPACITY,
            signals: true,
            time_limit: TIME_LIMIT,
            #[cfg(feature = "monitor")]
            monitor: None,
        }
    }
}

impl Settings {
    pub(crate) fn set_capacity(&mut self, bytes: u64) {
        // Whole pages, whatever their size.
        self.capacity = usize::try_from(bytes)
            .unwrap_or(usize::MAX)
            .clamp(LEAST_CAPACITY, usize::MAX / 2)
            .next_multiple_of(1 << 16);
    }
}
