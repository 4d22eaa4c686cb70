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
// Once a thread has counted, the allocator is known to be installed. From the start of a recording on it tells the recorder of each
// allocation (`attribution`), which adds it to the innermost annotated call of the thread. Calls that allocate nothing cost what
// they cost without it.
//
// The following must never happen: an allocation, a lock or a panic of our own within an allocation of the program's.

mod attribution;
mod counting_allocator;
mod heap;
mod thread_counts;

pub(crate) use attribution::attribute_with;
pub use counting_allocator::CountingAllocator;
pub(crate) use heap::heap;
#[cfg(feature = "monitor")]
pub(crate) use heap::live_bytes;
pub(crate) use thread_counts::is_installed;
