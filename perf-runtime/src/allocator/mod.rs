//! The counting allocator: what the program has allocated, as a whole and per annotated function.
//!
//! Each thread counts in a [`block`] of its own, which it alone writes, so that counting takes no locked instruction;
//! whoever wants to know sums over the blocks. That makes the sums exact and the peak nearly so: it is looked at whenever a
//! thread holds [`GRAIN`] bytes more than when it was last.
//!
//! Once a block exists, the allocator is known to be installed, and annotated calls go the long way through the recorder
//! ([`crate::local`]), which reads the calling thread's counts when a call begins and ends. Programs that do not install it
//! pay nothing: their calls do not ask.
#![allow(unsafe_code, reason = "this file's subject is a global allocator")]

mod block;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use perf_report::recording::layout::header;

use crate::recording::Recording;
use block::Block;
pub(crate) use block::{Counted, counted, is_installed};

/// Bytes that a thread may come to hold, or give up, before the peak is looked at.
const GRAIN: i64 = 64 << 10;

/// Most bytes seen in use.
static PEAK: AtomicU64 = AtomicU64::new(0);

/// A global allocator that counts what another one does: how many bytes are in use, how many were at most, how often memory
/// was allocated and freed; and for every annotated function how many allocations its calls made, exactly, in whatever thread.
///
/// ```
/// use std::alloc::System;
/// use perf_runtime::{CountingAllocator, profile};
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);
///
/// #[profile]
/// fn build() -> Vec<u64> {
///     Vec::with_capacity(1000)
/// }
///
/// let session = perf_runtime::session().start();
/// drop(build());
/// let snapshot = session.snapshot().unwrap();
/// let build = snapshot.functions.iter().find(|function| function.name.ends_with("build")).unwrap();
/// let allocations = build.allocations.unwrap();
/// assert_eq!((allocations.count, allocations.bytes), (1, 8000));
/// # drop(session);
/// ```
///
/// It costs about 2 ns per allocation. Annotated calls become slower (by some 30 ns): they go the way through the recorder that
/// looks at everything, and those that are timed adaptively are all timed. A reallocation counts as an allocation of the new
/// size and a deallocation of the old one.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator<A = System> {
    inner: A,
}

impl<A> CountingAllocator<A> {
    /// Counts what `inner` allocates.
    #[must_use]
    pub const fn new(inner: A) -> Self {
        CountingAllocator { inner }
    }
}

impl<A: GlobalAlloc> CountingAllocator<A> {
    /// Counts, unless there is no block for the thread; then it is made, or nothing is counted.
    #[inline(always)]
    fn allocated(&self, bytes: usize) {
        let over = match block::own() {
            Some(block) => block.allocated(bytes as u64),
            None => return self.first(bytes, 0),
        };
        if over {
            look_at_peak();
        }
    }

    #[inline(always)]
    fn freed(&self, bytes: usize) {
        match block::own() {
            Some(block) => block.freed(bytes as u64),
            None => self.first(0, bytes),
        }
    }

    /// The thread's first allocation or deallocation.
    #[cold]
    #[inline(never)]
    fn first(&self, allocated: usize, freed: usize) {
        // SAFETY: the layout is that of a block, which is not of size 0.
        let memory = || unsafe { self.inner.alloc_zeroed(Layout::new::<Block>()) };
        let Some(block) = block::adopt(memory) else { return };
        if allocated > 0 && block.allocated(allocated as u64) {
            look_at_peak();
        }
        if freed > 0 {
            block.freed(freed as u64);
        }
    }
}

// SAFETY: every method passes its arguments on to the inner allocator, and returns what that returns; the counting beside it
// touches memory of its own only, and neither panics nor allocates from here.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the inner allocator asks for.
        let memory = unsafe { self.inner.alloc(layout) };
        if !memory.is_null() {
            self.allocated(layout.size());
        }
        memory
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let memory = unsafe { self.inner.alloc_zeroed(layout) };
        if !memory.is_null() {
            self.allocated(layout.size());
        }
        memory
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { self.inner.dealloc(memory, layout) };
        self.freed(layout.size());
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above.
        let memory = unsafe { self.inner.realloc(memory, layout, new_size) };
        if !memory.is_null() {
            self.freed(layout.size());
            self.allocated(new_size);
        }
        memory
    }
}

/// What all threads have allocated and freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    allocations: u64,
    allocated: u64,
    frees: u64,
    freed: u64,
}

impl Totals {
    fn now() -> Totals {
        let mut totals = Totals::default();
        for block in block::all() {
            // What was freed is read first: the other way round more might seem to be free than was allocated.
            totals.freed = totals.freed.wrapping_add(block.freed.load(Ordering::Acquire));
            totals.frees += block.frees.load(Ordering::Relaxed);
        }
        for block in block::all() {
            totals.allocated = totals.allocated.wrapping_add(block.allocated.load(Ordering::Relaxed));
            totals.allocations += block.allocations.load(Ordering::Relaxed);
        }
        totals
    }

    fn live(self) -> u64 {
        self.allocated.saturating_sub(self.freed)
    }
}

#[cold]
#[inline(never)]
fn look_at_peak() {
    PEAK.fetch_max(Totals::now().live(), Ordering::Relaxed);
}

/// Bytes in use, if the allocator is installed.
pub(crate) fn live_bytes() -> Option<u64> {
    is_installed().then(|| {
        let live = Totals::now().live();
        PEAK.fetch_max(live, Ordering::Relaxed);
        live
    })
}

/// Puts the allocator's figures into the recording, if it is installed.
pub(crate) fn note(recording: &Recording) {
    let Some(live) = live_bytes() else { return };
    let totals = Totals::now();
    for (word, value) in [
        (header::HEAP_LIVE, live),
        (header::HEAP_PEAK, PEAK.load(Ordering::Relaxed)),
        (header::HEAP_ALLOCATIONS, totals.allocations),
        (header::HEAP_ALLOCATED, totals.allocated),
        (header::HEAP_FREES, totals.frees),
    ] {
        recording.header().set(word, value);
    }
}
