//! The heap as a whole: sums over the counts of all threads.

use std::sync::atomic::{AtomicU64, Ordering};

use super::thread_counts::{all_counts, is_installed};

/// Most bytes seen in use.
static PEAK: AtomicU64 = AtomicU64::new(0);

/// Figures of the heap, from [`heap`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heap {
    /// Bytes in use, and most bytes seen in use.
    pub(crate) live: u64,
    pub(crate) peak: u64,
    pub(crate) allocations: u64,
    /// Bytes allocated.
    pub(crate) allocated: u64,
    pub(crate) frees: u64,
}

/// Sums over all threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct HeapTotals {
    allocations: u64,
    allocated: u64,
    frees: u64,
    freed: u64,
}

impl HeapTotals {
    fn now() -> HeapTotals {
        let mut totals = HeapTotals::default();
        for counts in all_counts() {
            // The freed bytes are read first: the other way round, more bytes might seem to be freed than allocated.
            totals.freed = totals.freed.wrapping_add(counts.freed.load(Ordering::Acquire));
            totals.frees += counts.frees.load(Ordering::Relaxed);
        }
        for counts in all_counts() {
            totals.allocated = totals.allocated.wrapping_add(counts.allocated.load(Ordering::Relaxed));
            totals.allocations += counts.allocations.load(Ordering::Relaxed);
        }
        totals
    }

    fn live(self) -> u64 {
        self.allocated.saturating_sub(self.freed)
    }
}

#[cold]
#[inline(never)]
pub(super) fn look_at_peak() {
    PEAK.fetch_max(HeapTotals::now().live(), Ordering::Relaxed);
}

/// Bytes in use, if the allocator is installed.
pub(crate) fn live_bytes() -> Option<u64> {
    is_installed().then(|| {
        let live = HeapTotals::now().live();
        PEAK.fetch_max(live, Ordering::Relaxed);
        live
    })
}

/// The heap's figures, if the allocator is installed.
pub(crate) fn heap() -> Option<Heap> {
    let live = live_bytes()?;
    let HeapTotals { allocations, allocated, frees, .. } = HeapTotals::now();
    Some(Heap { live, peak: PEAK.load(Ordering::Relaxed), allocations, allocated, frees })
}
