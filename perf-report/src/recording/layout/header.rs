//! Words of the header, which starts the recording.

/// [`super::MAGIC`].
pub const MAGIC: usize = 0;
/// [`super::VERSION`].
pub const VERSION: usize = 1;
/// [`super::CHECKSUM`].
pub const CHECKSUM: usize = 2;
/// [`STATE_RUNNING`] or [`STATE_CLOSED`].
pub const STATE: usize = 3;
/// Process id of the writer.
pub const PID: usize = 4;
/// Nanoseconds since the Unix epoch at [`START_TICK`].
pub const START_UNIX_NS: usize = 5;
/// The raw clock when recording began.
pub const START_TICK: usize = 6;
/// The system's monotonic clock at [`START_TICK`], in ns.
pub const START_MONOTONIC_NS: usize = 7;
/// The raw clock at the last snapshot, or at the close.
pub const LAST_TICK: usize = 8;
/// The system's monotonic clock at [`LAST_TICK`], in ns.
pub const LAST_MONOTONIC_NS: usize = 9;
/// One of the `CLOCK_` numbers.
pub const CLOCK_SOURCE: usize = 10;
/// Nanoseconds per tick times 2^64, as calibrated at the start.
///
/// A tick is shorter than 1 ns. The buckets were chosen with this scale.
pub const BUCKET_SCALE: usize = 11;
/// Time in ns that the program had run before [`START_TICK`].
///
/// Counted from when it was loaded.
pub const UNRECORDED_NS: usize = 12;
/// Words reserved for the whole recording.
pub const CAPACITY: usize = 13;
/// Words in use: everything at or above this offset is zero.
pub const USED: usize = 14;
/// Sites registered; their ids are 1 to this number.
pub const SITES: usize = 15;
/// Absolute offset of the newest shard; each points at the next older one.
pub const SHARDS: usize = 16;
/// Threads that were given a shard, those that have ended included.
pub const THREADS: usize = 17;
/// Calls that were not recorded at all.
pub const LOST_CALLS: usize = 18;
/// Calls that found no room for a slot.
pub const OVERFLOW_CALLS: usize = 19;
/// The costs of measuring, as found at the start.
///
/// [`COSTS_LEN`] figures in ns times 1000.
pub const COSTS_AT_START: usize = 34;
/// The same at the end; 0 before.
pub const COSTS_AT_END: usize = COSTS_AT_START + COSTS_LEN;
/// Number of the `COST_` figures.
pub const COSTS_LEN: usize = 7;
/// 1 if the writer was compiled without optimisation.
pub const UNOPTIMISED: usize = COSTS_AT_END + COSTS_LEN;
/// Absolute offset of the program's name, and its length in bytes.
pub const PROGRAM: usize = 24;
/// Length of the program's name in bytes.
pub const PROGRAM_BYTES: usize = 25;
/// Absolute offset of the newest resource record.
///
/// Each record points at the next older one.
pub const RESOURCES: usize = 26;
/// Absolute offset of the [`monitor`](super::monitor)'s block.
pub const MONITOR: usize = 27;
/// Live bytes by the counting allocator, at the last snapshot or sample.
///
/// All five `HEAP_` words are 0 without that allocator.
pub const HEAP_LIVE: usize = 28;
/// Most live bytes.
pub const HEAP_PEAK: usize = 29;
/// Allocations.
pub const HEAP_ALLOCATIONS: usize = 30;
/// Bytes allocated.
pub const HEAP_ALLOCATED: usize = 31;
/// Deallocations.
pub const HEAP_FREES: usize = 32;
/// When somebody cut the recording file, in ns since the Unix epoch.
///
/// It is 0 if nobody did. The calls that the process had recorded to the file are lost; this recording began then, in memory.
pub const CUT_UNIX_NS: usize = 33;
/// Absolute offset of the block of the sampled [`stacks`](super::stacks).
pub const STACKS: usize = 56;
/// Absolute offset of the block of the [`trace`](super::trace) windows.
pub const TRACE: usize = 57;
/// The last [request](super::trace::request) for a trace window.
///
/// A reader writes it, not the process.
pub const TRACE_REQUEST: usize = 58;
/// The last request that the process has seen, whether a window came of it or not.
pub const TRACE_ANSWER: usize = 59;
/// 1 if the process looks for requests.
pub const TRACE_LISTENS: usize = 60;
/// Absolute offset of the [facts](crate::Metadata) about build and machine.
///
/// It is 0 if there are none. A text of names and values, each ended by a zero byte. Recordings that were made before this word have a zero here, and readers that
/// do not know it pass it over.
pub const FACTS: usize = 61;
/// Length of the facts in bytes.
pub const FACTS_BYTES: usize = 62;
/// 1 if threads note which [locks](super::locks) they hold.
///
/// As with [`FACTS`], it is 0 in recordings that were made before this word.
pub const LOCKS_NOTED: usize = 63;
/// The site directory: absolute offsets of the site chunks.
pub const SITE_DIRECTORY: usize = 64;
/// Length of the header.
pub const LEN: usize = SITE_DIRECTORY + super::site::CHUNKS;

/// [`STATE`]: still recording, or ended without a close.
pub const STATE_RUNNING: u64 = 1;
/// [`STATE`]: the process ended in order.
pub const STATE_CLOSED: u64 = 2;

/// [`CLOCK_SOURCE`]: the x86 time stamp counter.
pub const CLOCK_TSC: u64 = 1;
/// [`CLOCK_SOURCE`]: the ARM virtual counter.
///
/// It is shifted up so that a tick is shorter than 1 ns.
pub const CLOCK_CNTVCT: u64 = 2;
/// [`CLOCK_SOURCE`]: the system's monotonic clock, two ticks per ns.
pub const CLOCK_MONOTONIC: u64 = 3;

/// Of the costs: a timed call.
pub const COST_TIMED: usize = 0;
/// The part of it that is inside the call's own duration.
pub const COST_TIMED_INSIDE: usize = 1;
/// A timed call where timing is adaptive.
pub const COST_ADAPTIVE: usize = 2;
/// The part of it that is inside the call's own duration.
pub const COST_ADAPTIVE_INSIDE: usize = 3;
/// A poll of a future.
pub const COST_POLL: usize = 4;
/// The part of it that is inside the poll's own duration.
pub const COST_POLL_INSIDE: usize = 5;
/// A call that is only counted.
pub const COST_COUNTED: usize = 6;
