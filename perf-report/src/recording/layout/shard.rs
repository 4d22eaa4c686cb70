//! A shard: one thread's part.
//!
//! Words that only the writer uses are in memory of its own, beside the recording; in the recording they are 0.

// The words that every call touches come first: one cache line of each of the two memories.

/// Absolute offset of the next older shard.
pub const NEXT: usize = 0;
/// 0 free, 1 in use by a thread.
pub const IN_USE: usize = 1;
/// System id of the thread that has or last had it.
pub const TID: usize = 2;
/// The raw clock at the last call's end.
pub const LAST_TICK: usize = 3;
/// How far above the base frame the innermost call's frame lies.
///
/// Only the writer uses it. Readers know a call in flight by its [`frame::START`](super::frame::START).
pub const TOP: usize = 4;
/// Scale of ticks for buckets, a copy of the header's.
///
/// Only the writer uses it.
pub const BUCKET_SCALE: usize = 5;
/// Ticks that a timed call takes of its caller's time for measuring.
///
/// Only the writer uses it.
pub const TIMED_COST: usize = 6;
/// How high the frame stack is for the fast path of calls that are timed.
///
/// It is 0 where they may be only counted, and while a trace window is open.
/// Only the writer uses it.
pub const FAST_HEIGHT: usize = 7;
/// How high the frame stack is for calls that adaptive timing times in place.
///
/// It is 0 while a trace window is open. Only the writer uses it, in a word of its own where readers have [`THREAD_NAME`].
pub const IN_PLACE_HEIGHT: usize = THREAD_NAME;
/// Relative offset of the table of the slots for which [`SLOTS`] has no entry.
///
/// When it becomes too small, a larger copy replaces it.
pub const SLOT_TABLE: usize = 8;
/// Relative offset of the edge table.
///
/// When it becomes too full, a larger copy replaces it.
pub const EDGE_TABLE: usize = 9;
/// Relative offset of the [`allocation_stack`](super::allocation_stack), if allocations are counted.
///
/// Only the writer uses it.
pub const ALLOCATION_STACK: usize = 10;
/// The deepest nesting above the frame stack.
///
/// Below, a frame that was ever used keeps its site.
pub const DEEPEST: usize = 11;
/// Calls that ran above the frame stack.
pub const DEEP_CALLS: usize = 12;
/// Times the clock went backwards.
pub const CLOCK_ANOMALIES: usize = 13;
/// Calls that found no room in the edge table.
pub const UNATTRIBUTED_CALLS: usize = 14;
/// The free part of the shard's arena of blocks that lead to others.
///
/// Only the writer uses it: where the part begins, and in the next word its length.
pub const ARENA: usize = 15;
/// The free part of the shard's arena of bucket pages.
///
/// Only the writer uses it, as [`ARENA`].
pub const PAGE_ARENA: usize = 17;
/// Calls in flight above the frame stack.
///
/// Only the writer uses it.
pub const ABOVE: usize = 19;
/// State of the random numbers for sampling.
///
/// Only the writer uses it.
pub const RANDOM: usize = 20;
/// As [`TIMED_COST`], of a site whose timing is adaptive.
///
/// Only the writer uses it.
pub const ADAPTIVE_COST: usize = 21;
/// As [`TIMED_COST`], of a poll.
///
/// Only the writer uses it.
pub const POLL_COST: usize = 22;
/// Name of the thread, zero-padded UTF-8.
pub const THREAD_NAME: usize = 23;
/// Words of [`THREAD_NAME`].
pub const THREAD_NAME_LEN: usize = 4;
/// The trace window that the thread takes part in, 0 for none.
///
/// Only the writer uses it.
pub const TRACE_WINDOW: usize = 27;
/// The chunk of the trace that the thread writes to.
///
/// Only the writer uses it.
pub const TRACE_CHUNK: usize = 28;
/// Chunks that the thread has in this window.
///
/// Only the writer uses it.
pub const TRACE_CHUNKS: usize = 29;
/// Number of the thread among those of the window.
///
/// Only the writer uses it.
pub const TRACE_THREAD: usize = 30;
/// Relative offset of the thread's [`locks`](super::locks), if it has acquired one.
pub const LOCKS: usize = 31;
/// The slots of the first sites, as offsets relative to the shard.
///
/// Entry `id` is that of the site; entry 0 is always 0.
pub const SLOTS: usize = 32;
/// Entries of [`SLOTS`].
pub const SLOT_COUNT: usize = 1008;
/// Adaptive timing: the [counters](super::slot::COUNTER) of the sites that [`SLOTS`] has entries for.
///
/// They lie close together, because most calls of such a site touch nothing else of it.
pub const COUNTERS: usize = SLOTS + SLOT_COUNT;
/// The base frame: the code below all annotated calls.
///
/// It is as if it were a call of site 0. The thread's time that measuring took is handed up to it.
pub const BASE: usize = COUNTERS + SLOT_COUNT;
/// The frame stack.
pub const FRAMES: usize = BASE + super::frame::LEN;
/// Height of the frame stack.
pub const FRAME_COUNT: usize = 1024;
/// Length of a shard.
pub const LEN: usize = FRAMES + FRAME_COUNT * super::frame::LEN;
