//! Counts of allocations: of the whole heap, and of each annotated function.
//!
//! A program installs the [`CountingAllocator`] around its global allocator. The reports then show the heap and its peak, and for
//! each annotated function the allocations and bytes of its calls. With the feature `monitor` too, alerts can watch the metric
//! `heap`.

// The counting allocator: what the program has allocated, as a whole and per annotated function.
//
// The `counting_allocator` has each thread count in `thread_counts` of its own, which it alone writes, so that counting takes
// no locked instruction; whoever wants to know about the `heap` sums over them. That makes the sums exact and the peak nearly
// so: it is looked at whenever a thread holds 64 KiB more than when it was last.
//
// Once a thread has counted, the allocator is known to be installed, and annotated calls take the slow path through the
// recorder, which reads the calling thread's counts when a call begins and ends. Programs that do not install it pay nothing:
// their calls do not ask.
//
// The following must never happen: an allocation, a lock or a panic of our own within an allocation of the program's.

mod counting_allocator;
mod heap;
mod thread_counts;

pub use counting_allocator::CountingAllocator;
pub(crate) use heap::heap;
#[cfg(feature = "monitor")]
pub(crate) use heap::live_bytes;
pub(crate) use thread_counts::{Counted, counted, is_installed};
