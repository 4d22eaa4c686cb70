//! The values of a resource: put into cells, counted by their leases, given up, disposed of.
//!
//! A value is retired under the resource's lock only. So a lease that is taken and given back under that lock is never the last
//! one of a retired value, and nothing is disposed of under the lock.

use std::ptr;
use std::time::Instant;

use perf_report::ResourceState;

use super::ResourceCore;
use super::guarded::{CellEntry, CurrentValue, Guarded};
use super::hooks::Hook;
use crate::resource::fast_path::FastPath;
use crate::resource::graph;
use crate::resource::info::now_ns;
use crate::resource::lease_cell::{Claimed, Disposer, GIVEN_MODULUS, LeaseCell, Vacant};

impl<T: Send + Sync, F: FastPath<T>> ResourceCore<T, F> {
    /// Puts a value in a cell.
    pub(super) fn put_value(
        &'static self,
        guarded: &mut Guarded<T>,
        vacant: Option<Vacant<T>>,
        value: Box<T>,
        weight: u64,
    ) -> &'static LeaseCell<T> {
        let cell = vacant.unwrap_or_else(|| LeaseCell::leak(self)).fill(value);
        let fresh = CellEntry { cell, checks: 0, counted: cell.counts().1, weight, evicted: false, replacement: false };
        match guarded.cells.iter_mut().find(|entry| ptr::eq(entry.cell, cell)) {
            // The leases given of the value before are counted already: the cell was counted when it was emptied.
            Some(entry) => *entry = fresh,
            None => guarded.cells.push(fresh),
        }
        cell
    }

    /// Has the fast path lead to the current value.
    pub(super) fn show_value(&self, guarded: &Guarded<T>) {
        graph::with_fast_path(|open| self.fast_path.set_value(guarded.current(), open));
    }

    /// Takes the value away from those who come later. The hooks and its drop are for the caller, without the lock.
    pub(super) fn take_value(&self, guarded: &mut Guarded<T>, evicted: bool) -> Option<(Option<Claimed<T>>, u64)> {
        let current = guarded.value.take()?;
        self.show_value(guarded);
        self.count_leases(guarded);
        let entry = guarded.cells.iter_mut().find(|entry| ptr::eq(entry.cell, current.cell));
        let weight = entry.map_or(0, |entry| {
            entry.evicted = evicted;
            entry.weight
        });
        Some((current.cell.retire(), weight))
    }

    /// Brings the metrics about leases up to date.
    pub(super) fn count_leases(&self, guarded: &mut Guarded<T>) {
        if !self.info.kind.evictable {
            return;
        }
        let (mut given, mut out) = (0, 0);
        for entry in &mut guarded.cells {
            let (leases, count) = entry.cell.counts();
            given += count.wrapping_sub(entry.counted) % GIVEN_MODULUS;
            entry.counted = count;
            out += leases.saturating_sub(entry.checks);
        }
        if given > 0 || out > 0 {
            guarded.last_use = Some(Instant::now());
        }
        self.info.change(|metrics| {
            metrics.accesses += given;
            metrics.leases = out;
            if given > 0 || out > 0 {
                metrics.last_use = now_ns();
            }
        });
    }

    /// Gives up the value. `None` if there was none or it may not be.
    pub(super) fn evict_if(&'static self, may: impl FnOnce(&Guarded<T>, &CurrentValue<T>) -> bool) -> Option<u64> {
        if !self.info.kind.evictable {
            return None;
        }
        let mut guarded = self.lock();
        self.count_leases(&mut guarded);
        let current = guarded.value.as_ref()?;
        if !guarded.replacements.is_empty() || !may(&guarded, current) {
            return None;
        }
        let (claimed, weight) = self.take_value(&mut guarded, true)?;
        let running = guarded.initialisation.is_some();
        self.info.change(|metrics| {
            metrics.evictions += 1;
            metrics.weight = 0;
            metrics.state = if running { ResourceState::Initialising } else { ResourceState::Evicted };
        });
        drop(guarded);
        if let Some(claimed) = claimed {
            self.dispose(claimed);
        }
        Some(weight)
    }

    pub(crate) fn evict(&'static self) -> Option<u64> {
        self.evict_if(|_, _| true)
    }
}

impl<T: Send + Sync, F: FastPath<T>> Disposer<T> for ResourceCore<T, F> {
    fn dispose(&'static self, claimed: Claimed<T>) {
        let (weight, evicted, replacement) = {
            let guarded = self.lock();
            let entry = guarded.cells.iter().find(|entry| claimed.is_in(entry.cell));
            entry.map_or((0, false, true), |entry| (entry.weight, entry.evicted, entry.replacement))
        };
        if let (Some(hook), false) = (self.declaration.on_evict, replacement) {
            self.ask_hook(Hook::OnEvict, || hook(claimed.value()));
        }
        let vacant = self.ask_hook(Hook::Drop, || claimed.drop_value());
        let mut guarded = self.lock();
        self.count_leases(&mut guarded);
        guarded.vacant.extend(vacant);
        if evicted {
            self.info.change(|metrics| metrics.freed += weight);
        }
    }
}
