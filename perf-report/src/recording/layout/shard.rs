//! A shard: one thread's part.
//!
//! Words that say so are the writer's alone: it keeps them in memory of its own, and in a file they are 0.

// What every call touches comes first: one cache line of each of the two memories.

/// Absolute offset of the next older shard.
pub const NEXT: usize = 0;
/// 0 free, 1 in use by a thread.
pub const IN_USE: usize = 1;
/// System id of the thread that has or last had it.
pub const TID: usize = 2;
/// The raw clock at the last call's end.
pub const LAST_TICK: usize = 3;
/// The writer's alone: how far above the base frame the frame of the innermost call in flight lies; 0 when there is none. Readers
/// know a call in flight by its [`frame::START`](super::frame::START).
pub const TOP: usize = 4;
/// The writer's alone: scale of ticks for buckets, a copy of the header's.
pub const BUCKET_SCALE: usize = 5;
/// The writer's alone: calls in flight above the frame stack.
pub const ABOVE: usize = 6;
/// The writer's alone: state of the random numbers for sampling.
pub const RANDOM: usize = 7;
/// Relative offset of the table of the slots that [`SLOTS`] has no entry for. When it becomes too small, a larger copy
/// takes its place.
pub const SLOT_TABLE: usize = 8;
/// Relative offset of the edge table. When it becomes too full, a larger copy takes its place.
pub const EDGE_TABLE: usize = 9;
/// Relative offset of the [`allocation_stack`](super::allocation_stack), if allocations are counted.
pub const ALLOCATION_STACK: usize = 10;
/// Deepest nesting seen above the frame stack. Below, a frame that was ever used keeps its site.
pub const DEEPEST: usize = 11;
/// Calls that ran above the frame stack.
pub const DEEP_CALLS: usize = 12;
/// Times the clock went backwards.
pub const CLOCK_ANOMALIES: usize = 13;
/// Calls that found no room in the edge table.
pub const UNATTRIBUTED_CALLS: usize = 14;
/// The writer's alone: the free part of the shard's arena of blocks that lead to others.
pub const ARENA: usize = 15;
/// The writer's alone: the free part of the shard's arena of bucket pages.
pub const PAGE_ARENA: usize = 17;
/// Name of the thread, zero-padded UTF-8.
pub const THREAD_NAME: usize = 19;
/// Words of [`THREAD_NAME`].
pub const THREAD_NAME_LEN: usize = 4;
/// The slots of the first sites: entry `id` is the slot's offset relative to the shard, entry 0 is always 0.
pub const SLOTS: usize = 24;
/// Entries of [`SLOTS`].
pub const SLOT_COUNT: usize = 1016;
/// The base frame: the code below all annotated calls, as if it were a call of site 0.
pub const BASE: usize = SLOTS + SLOT_COUNT;
/// The frame stack.
pub const FRAMES: usize = BASE + super::frame::LEN;
/// Height of the frame stack.
pub const FRAME_COUNT: usize = 1024;
/// Length of a shard.
pub const LEN: usize = FRAMES + FRAME_COUNT * super::frame::LEN;
