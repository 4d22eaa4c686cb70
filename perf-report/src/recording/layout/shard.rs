//! A shard: one thread's part.

/// Absolute offset of the next older shard.
pub const NEXT: usize = 0;
/// 0 free, 1 in use by a thread.
pub const IN_USE: usize = 1;
/// System id of the thread that has or last had it.
pub const TID: usize = 2;
/// Relative offset of the frame of the innermost call in flight.
///
/// Without a call in flight it is the base frame's.
pub const TOP: usize = 3;
/// Calls in flight above the frame stack.
///
/// Only the writer uses it.
pub const ABOVE: usize = 4;
/// Relative offset of the table of the slots for which [`SLOTS`] has no entry.
///
/// When it becomes too small, a larger copy replaces it.
pub const SLOT_TABLE: usize = 5;
/// Relative offset of the edge table.
///
/// When it becomes too full, a larger copy replaces it.
pub const EDGE_TABLE: usize = 6;
/// The raw clock at the last call's end.
pub const LAST_TICK: usize = 7;
/// The deepest nesting above the frame stack.
///
/// Below, a frame that was ever used keeps its site.
pub const DEEPEST: usize = 8;
/// Calls that ran above the frame stack.
pub const DEEP_CALLS: usize = 12;
/// Times the clock went backwards.
pub const CLOCK_ANOMALIES: usize = 10;
/// Calls that found no room in the edge table.
pub const UNATTRIBUTED_CALLS: usize = 11;
/// Always 0: stands in for [`slot::COUNTER`](super::slot::COUNTER) where a site has no slot.
///
/// Then the slot seems to be the shard itself, and this word says that no call is only to be counted.
pub const NO_COUNTER: usize = super::slot::COUNTER;
/// Scale of ticks for buckets, a copy of the header's.
///
/// Only the writer uses it.
pub const BUCKET_SCALE: usize = 13;
/// Free part of the shard's own arena: absolute offset.
///
/// Only the writer uses it.
pub const ARENA_NEXT: usize = 14;
/// End of the shard's own arena: absolute offset.
///
/// Only the writer uses it.
pub const ARENA_END: usize = 15;
/// State of the random numbers for sampling.
///
/// Only the writer uses it.
pub const RANDOM: usize = 16;
/// Name of the thread, zero-padded UTF-8.
pub const THREAD_NAME: usize = 17;
/// Words of [`THREAD_NAME`].
pub const THREAD_NAME_LEN: usize = 4;
/// Relative offset of the [`allocation_stack`](super::allocation_stack), if allocations are counted.
///
/// Only the writer uses it.
pub const ALLOCATION_STACK: usize = 21;
/// The slots of the first sites, as offsets relative to the shard.
///
/// Entry `id` is that of the site; entry 0 is always 0.
pub const SLOTS: usize = 24;
/// Entries of [`SLOTS`].
pub const SLOT_COUNT: usize = 1016;
/// The base frame: the code below all annotated calls.
///
/// It is laid out as a call of site 0.
pub const BASE: usize = SLOTS + SLOT_COUNT;
/// The frame stack.
pub const FRAMES: usize = BASE + super::frame::LEN;
/// Height of the frame stack.
pub const FRAME_COUNT: usize = 1024;
/// Length of a shard.
pub const LEN: usize = FRAMES + FRAME_COUNT * super::frame::LEN;
