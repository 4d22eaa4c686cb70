//! Settings, made by a session in code or by the environment.

use crate::process::file_name::FileName;
use crate::process::report::Report;
use crate::process::site::Timing;
use crate::process::stack_sampler::StackRate;
use crate::process::trace_window::WindowPlan;

/// Bytes of address space that a recording reserves by default. Only the part in use takes memory.
const CAPACITY: usize = 256 << 20;

/// Fewest bytes that a recording is given: room for a few threads.
const LEAST_CAPACITY: usize = 1 << 20;

/// Divides a finite limit on the memory of the process: by default, a recording reserves one part of so many.
const SHARES: u64 = 16;

/// The settings of a session.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) reports: Vec<Report>,
    pub(crate) recording: Option<FileName>,
    /// Bytes to reserve, if somebody has set them.
    capacity: Option<usize>,
    pub(crate) signals: bool,
    /// The timing of all sites, whatever their own is.
    pub(crate) timing: Option<Timing>,
    /// Whether threads note which locks they hold.
    pub(crate) deadlocks: bool,
    /// Whether and how often to sample stacks, if somebody has said.
    pub(crate) stacks: Option<StackRate>,
    /// The trace window that the environment wants.
    pub(crate) trace: Option<WindowPlan>,
    #[cfg(feature = "monitor")]
    pub(crate) monitor: Option<crate::monitor::Monitor>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            reports: Vec::new(),
            recording: None,
            capacity: None,
            signals: true,
            timing: None,
            deadlocks: false,
            stacks: None,
            trace: None,
            #[cfg(feature = "monitor")]
            monitor: None,
        }
    }
}

impl Settings {
    pub(crate) fn set_capacity(&mut self, bytes: u64) {
        self.capacity = Some(usize::try_from(bytes).unwrap_or(usize::MAX));
    }

    /// Bytes to reserve. By default, they leave the program its share of a finite limit.
    pub(crate) fn capacity(&self, memory_limit: Option<u64>) -> usize {
        let share = memory_limit.map_or(usize::MAX, |limit| usize::try_from(limit / SHARES).unwrap_or(usize::MAX));
        let bytes = self.capacity.unwrap_or_else(|| CAPACITY.min(share));
        // Whole pages, whatever their size.
        bytes.clamp(LEAST_CAPACITY, usize::MAX / 2).next_multiple_of(1 << 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finite_limit_is_for_the_program() {
        let mut settings = Settings::default();
        assert_eq!(settings.capacity(None), CAPACITY);
        assert_eq!(settings.capacity(Some(1 << 30)), 64 << 20);
        assert_eq!(settings.capacity(Some(1 << 40)), CAPACITY);
        assert_eq!(settings.capacity(Some(0)), LEAST_CAPACITY);
        settings.set_capacity(100 << 20);
        assert_eq!(settings.capacity(Some(1 << 30)), 100 << 20, "whoever names a number means it");
    }
}
