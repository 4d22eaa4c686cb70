//! The counting allocator: passes everything on to another one, and counts.
#![allow(unsafe_code, reason = "this file's subject is a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};

use super::attribution::attribute;
use super::heap::look_at_peak;
use super::thread_counts::{self, ThreadCounts};

/// A global allocator that counts the allocations of another allocator.
///
/// It counts the bytes in use and their peak, allocations and deallocations; and for each annotated function the allocations
/// that its calls made, exactly, in every thread.
///
/// ```
/// use std::alloc::System;
/// use perf_runtime::allocations::CountingAllocator;
/// use perf_runtime::profile;
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
/// It adds some nanoseconds to an allocation and its deallocation, and nothing to an annotated call that allocates nothing. A
/// reallocation counts as an allocation of the new size and a deallocation of the old one.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator<A = System> {
    inner: A,
}

impl<A> CountingAllocator<A> {
    /// Creates an allocator that counts the allocations of `inner`.
    #[must_use]
    pub const fn new(inner: A) -> Self {
        CountingAllocator { inner }
    }
}

impl<A: GlobalAlloc> CountingAllocator<A> {
    /// Counts, unless there are no counts of the thread; then they are made, or nothing is counted.
    #[inline(always)]
    fn allocated(&self, bytes: usize) {
        match thread_counts::own_counts() {
            Some(counts) if counts.allocated(bytes as u64) => look_at_peak(),
            Some(_) => {}
            None => self.first(bytes, 0),
        }
        attribute(bytes);
    }

    #[inline(always)]
    fn freed(&self, bytes: usize) {
        match thread_counts::own_counts() {
            Some(counts) => counts.freed(bytes as u64),
            None => self.first(0, bytes),
        }
    }

    /// The thread's first allocation or deallocation.
    #[cold]
    #[inline(never)]
    fn first(&self, allocated: usize, freed: usize) {
        // SAFETY: the layout is that of the counts, which is not of size 0.
        let memory = || unsafe { self.inner.alloc_zeroed(Layout::new::<ThreadCounts>()) };
        let Some(counts) = thread_counts::adopt_counts(memory) else { return };
        if allocated > 0 && counts.allocated(allocated as u64) {
            look_at_peak();
        }
        if freed > 0 {
            counts.freed(freed as u64);
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
