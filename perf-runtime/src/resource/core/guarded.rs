//! The part of a resource that its lock guards: the value, its cells, and the course of its initialisations.

use std::sync::Weak;
use std::time::Instant;

use super::run::Run;
use crate::resource::error::ResourceError;
use crate::resource::graph::InitId;
use crate::resource::lease_cell::{Lease, LeaseCell, Vacant};

/// The state of a resource that its lock guards.
pub(super) struct Guarded<T: Send + Sync + 'static> {
    /// The one that is running.
    pub(super) initialisation: Option<InitId>,
    /// Its run, if it is async.
    pub(super) run: Weak<Run>,
    /// Attempts that failed in runs that were given up by all who waited, and when the next one may begin.
    pub(super) attempts: u32,
    pub(super) next_attempt: Option<Instant>,
    /// Number of the last initialisation that began.
    pub(super) generation: u64,
    /// The last one that failed, and with what.
    pub(super) failed: Option<(u64, ResourceError)>,
    /// How often in a row, and until when accesses get that error at once.
    pub(super) failures_in_a_row: u32,
    pub(super) rests_until: Option<Instant>,
    pub(super) value: Option<CurrentValue<T>>,
    /// Values of `replace`, the newest last, which stand before `value`.
    pub(super) replacements: Vec<(u64, &'static LeaseCell<T>)>,
    pub(super) last_replacement: u64,
    pub(super) cells: Vec<CellEntry<T>>,
    pub(super) vacant: Vec<Vacant<T>>,
    pub(super) last_use: Option<Instant>,
    pub(super) torn_down: bool,
}

/// The value.
pub(super) struct CurrentValue<T: Send + Sync + 'static> {
    pub(super) cell: &'static LeaseCell<T>,
    pub(super) since: Instant,
    /// Scope of the thread that made it.
    pub(super) scope: u64,
    /// Made by a process that this one was forked from.
    pub(super) inherited: bool,
}

/// A cell of the resource, and what is known of the value in it.
pub(super) struct CellEntry<T: Send + Sync + 'static> {
    pub(super) cell: &'static LeaseCell<T>,
    /// Leases that health checks have. They are no use of the value.
    pub(super) checks: u64,
    /// Leases given that are in the metrics.
    pub(super) counted: u64,
    pub(super) weight: u64,
    /// Whether what its value cell counts as freed when it goes.
    pub(super) evicted: bool,
    /// Whether the hooks are not for its value.
    pub(super) replacement: bool,
}

impl<T: Send + Sync> Guarded<T> {
    /// Of a resource that was never asked for.
    pub(super) const fn new() -> Self {
        Guarded {
            initialisation: None,
            run: Weak::new(),
            attempts: 0,
            next_attempt: None,
            generation: 0,
            failed: None,
            failures_in_a_row: 0,
            rests_until: None,
            value: None,
            replacements: Vec::new(),
            last_replacement: 0,
            cells: Vec::new(),
            vacant: Vec::new(),
            last_use: None,
            torn_down: false,
        }
    }

    pub(super) fn forget_attempts(&mut self) {
        self.attempts = 0;
        self.next_attempt = None;
    }

    pub(super) fn current(&self) -> Option<&'static LeaseCell<T>> {
        let replaced = self.replacements.last().map(|replacement| replacement.1);
        replaced.or_else(|| self.value.as_ref().map(|current| current.cell))
    }

    pub(super) fn lease(&self) -> Option<Lease<T>> {
        self.current().and_then(LeaseCell::lease)
    }

    pub(super) fn is_running(&self, generation: u64) -> bool {
        self.initialisation.is_some() && self.generation == generation
    }

    /// The outcome of an initialisation that the caller waited for. A caller that wants a new value looks again, whatever the outcome.
    pub(super) fn outcome(&self, generation: u64, anew: bool) -> Result<(), ResourceError> {
        match &self.failed {
            Some((failed, error)) if *failed == generation && !anew => Err(error.clone()),
            _ => Ok(()),
        }
    }
}
