//! Where everything lies in a recording.
//!
//! A recording is an array of 64-bit words in the byte order of the machine that wrote it. Everything in it is found by
//! word offsets: *absolute* ones count from the start of the recording, *relative* ones from the block they stand in, and
//! 0 always means "not there". Blocks are allocated one after the other, never moved and never freed, so an offset once
//! published stays good; a relative offset points forwards, because what a block refers to is allocated after it.
//!
//! ```text
//! header ─ site directory ─→ site chunks ─→ site records (strings)
//!    ├──── resource list ─→ resource records
//!    ├──── monitor ─→ timeline, alerts ─→ their last events
//!    └──── shard list ─→ shard (one per live thread, reused)
//!                          ├─ frame stack
//!                          ├─ slot table ─→ slot (one per site the thread ran) ─→ bucket pages
//!                          └─ edge table (caller, callee) → calls, time
//! ```
//!
//! Ticks are readings or differences of the raw clock. Offsets, lengths and counts are words unless a name says bytes.
//! The writer is `perf-runtime`; it reads these constants from here, so there is one truth.

/// First word of every recording: `PERFREC` and a zero byte, as a little-endian number.
pub const MAGIC: u64 = u64::from_le_bytes(*b"PERFREC\0");

/// Version of this layout. Any change to it raises the number; readers refuse versions they do not know.
pub const VERSION: u64 = 1;

/// Bytes in a word.
pub const WORD_BYTES: usize = 8;

/// Blocks start at multiples of this many words (a cache line).
pub const ALIGN: usize = 8;

/// Words of the header, which starts the recording.
pub mod header {
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
    /// Nanoseconds per tick times 2^64, as calibrated at the start; a tick is shorter than 1 ns. The buckets were chosen
    /// with it.
    pub const BUCKET_SCALE: usize = 11;
    /// How long the process had run before [`START_TICK`], in ns.
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
    /// Ticks of those calls.
    pub const OVERFLOW_TICKS: usize = 20;
    /// Cost of a timed call in ns times 1000.
    pub const COST_TIMED_PS: usize = 21;
    /// Cost of a counted call in ns times 1000.
    pub const COST_COUNTED_PS: usize = 22;
    /// Part of a timed call's cost inside its own duration, in ns times 1000.
    pub const COST_INSIDE_PS: usize = 23;
    /// Absolute offset of the program's name, and its length in bytes.
    pub const PROGRAM: usize = 24;
    /// Length of the program's name in bytes.
    pub const PROGRAM_BYTES: usize = 25;
    /// Absolute offset of the newest resource record; each points at the next older one.
    pub const RESOURCES: usize = 26;
    /// Absolute offset of the [`monitor`](super::monitor)'s block.
    pub const MONITOR: usize = 27;
    /// The counting allocator at the last snapshot or sample: live bytes. All five are 0 if there is none.
    pub const HEAP_LIVE: usize = 28;
    /// Most live bytes.
    pub const HEAP_PEAK: usize = 29;
    /// Allocations.
    pub const HEAP_ALLOCATIONS: usize = 30;
    /// Bytes allocated.
    pub const HEAP_ALLOCATED: usize = 31;
    /// Deallocations.
    pub const HEAP_FREES: usize = 32;
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
    /// [`CLOCK_SOURCE`]: the ARM virtual counter, shifted up so that a tick is shorter than 1 ns.
    pub const CLOCK_CNTVCT: u64 = 2;
    /// [`CLOCK_SOURCE`]: the system's monotonic clock, two ticks per ns.
    pub const CLOCK_MONOTONIC: u64 = 3;
}

/// Site records: what the reports call each annotated place.
///
/// Site ids count from 1. Id `i` is entry `i - 1` of the list that the chunks form: chunk `k` holds `64 << k` entries, each the
/// absolute offset of a record.
pub mod site {
    /// Number of chunks in the directory.
    pub const CHUNKS: usize = 20;
    /// Entries of the first chunk.
    pub const FIRST_CHUNK: usize = 64;

    /// [`KIND_FUNCTION`], [`KIND_FUTURE`] or [`KIND_BLOCK`].
    pub const KIND: usize = 0;
    /// 0 exact, 1 adaptive.
    pub const TIMING: usize = 1;
    /// Line of the item's name.
    pub const LINE: usize = 2;
    /// Length of the name in bytes. The strings follow the record, each starting at a word.
    pub const NAME_BYTES: usize = 3;
    /// Length of the module path in bytes.
    pub const MODULE_BYTES: usize = 4;
    /// Length of the file name in bytes.
    pub const FILE_BYTES: usize = 5;
    /// Length of the budgets in bytes: `figure=limit` joined by `;`.
    pub const BUDGET_BYTES: usize = 6;
    /// Start of the strings: name, module, file, budgets.
    pub const STRINGS: usize = 8;

    /// [`KIND`]: a function.
    pub const KIND_FUNCTION: u64 = 1;
    /// [`KIND`]: a future.
    pub const KIND_FUTURE: u64 = 2;
    /// [`KIND`]: a block.
    pub const KIND_BLOCK: u64 = 3;

    /// The chunk and the entry in it where site `id` (from 1) is found.
    #[must_use]
    pub const fn locate(id: usize) -> (usize, usize) {
        let position = id - 1 + FIRST_CHUNK;
        let chunk = (position / FIRST_CHUNK).ilog2() as usize;
        (chunk, position - (FIRST_CHUNK << chunk))
    }
}

/// A resource record: the life of one `#[lazy_resource]`.
///
/// Times are readings of the system's monotonic clock in ns, 0 for never.
pub mod resource {
    /// Absolute offset of the next older record.
    pub const NEXT: usize = 0;
    /// Site of its initialiser, whose name is the resource's.
    pub const SITE: usize = 1;
    /// Sum of [`EVICTABLE`] and [`ASYNC`], as they hold.
    pub const FLAGS: usize = 2;
    /// One of the `STATE_` numbers.
    pub const STATE: usize = 3;
    /// Initialisations that gave a value.
    pub const INITIALISATIONS: usize = 4;
    /// Attempts that failed, panicked or took too long.
    pub const FAILURES: usize = 5;
    /// Accesses that waited for an initialisation.
    pub const WAITED: usize = 6;
    /// When it was first asked for.
    pub const FIRST_USE: usize = 7;
    /// How long the first initialisation that gave a value took in ns.
    pub const FIRST_INIT_NS: usize = 8;
    /// How long the last initialisation that gave a value took in ns.
    pub const LAST_INIT_NS: usize = 9;
    /// Leases given, if it is evictable.
    pub const ACCESSES: usize = 10;
    /// Leases out.
    pub const LEASES: usize = 11;
    /// Bytes that its value holds, by the `weight` option.
    pub const WEIGHT: usize = 12;
    /// When it was last seen to be used.
    pub const LAST_USE: usize = 13;
    /// Values given up.
    pub const EVICTIONS: usize = 14;
    /// Bytes that those held.
    pub const FREED: usize = 15;
    /// How long its teardown took in ns.
    pub const TEARDOWN_NS: usize = 16;
    /// One of the `TEARDOWN_` numbers.
    pub const TEARDOWN: usize = 17;
    /// Position of its last initialisation in the order of all, from 1.
    pub const ORDER: usize = 18;
    /// [`HEALTH_UNKNOWN`], [`HEALTHY`] or [`UNHEALTHY`].
    pub const HEALTH: usize = 19;
    /// Dependencies that had no room in the list.
    pub const MORE_DEPENDENCIES: usize = 20;
    /// The dependencies: site of the other resource, plus [`DECLARED`] and [`LEARNT`]; 0 for none.
    pub const DEPENDENCIES: usize = 24;
    /// Room for dependencies.
    pub const DEPENDENCY_COUNT: usize = 24;
    /// Length of a record.
    pub const LEN: usize = DEPENDENCIES + DEPENDENCY_COUNT;

    /// [`FLAGS`]: its value may be given up and made anew.
    pub const EVICTABLE: u64 = 1;
    /// [`FLAGS`]: its initialiser is async.
    pub const ASYNC: u64 = 2;

    /// [`STATE`]: never asked for.
    pub const STATE_DECLARED: u64 = 0;
    /// [`STATE`]: the initialiser runs.
    pub const STATE_INITIALISING: u64 = 1;
    /// [`STATE`]: the value is there.
    pub const STATE_READY: u64 = 2;
    /// [`STATE`]: the last initialisation failed.
    pub const STATE_FAILED: u64 = 3;
    /// [`STATE`]: the value was given up.
    pub const STATE_EVICTED: u64 = 4;
    /// [`STATE`]: torn down.
    pub const STATE_SHUT_DOWN: u64 = 5;

    /// [`TEARDOWN`]: it has not come to that.
    pub const TEARDOWN_NOT_YET: u64 = 0;
    /// [`TEARDOWN`]: done.
    pub const TEARDOWN_DONE: u64 = 1;
    /// [`TEARDOWN`]: the hook or the drop panicked.
    pub const TEARDOWN_PANICKED: u64 = 2;
    /// [`TEARDOWN`]: it took longer than its limit and was left behind.
    pub const TEARDOWN_GIVEN_UP: u64 = 3;
    /// [`TEARDOWN`]: done, but leases were out, which keep the value.
    pub const TEARDOWN_LEASED: u64 = 4;

    /// [`HEALTH`]: never asked.
    pub const HEALTH_UNKNOWN: u64 = 0;
    /// [`HEALTH`]: the `health` option said yes.
    pub const HEALTHY: u64 = 1;
    /// [`HEALTH`]: the `health` option said no.
    pub const UNHEALTHY: u64 = 2;

    /// [`DEPENDENCIES`]: named by the attribute.
    pub const DECLARED: u64 = 1 << 32;
    /// [`DEPENDENCIES`]: seen when the initialiser ran.
    pub const LEARNT: u64 = 1 << 33;
}

/// The monitor: a timeline of the process, and the alerts.
///
/// Times are ns since the recording began, by the system's monotonic clock.
pub mod monitor {
    /// Time between two samples, in ns.
    pub const INTERVAL_NS: usize = 0;
    /// Samples taken.
    pub const SAMPLES: usize = 1;
    /// Time that taking them took, in ns.
    pub const SAMPLING_NS: usize = 2;
    /// Processors that the process may use.
    pub const CORES: usize = 3;
    /// Memory that the process may use, in bytes.
    pub const MEMORY_BYTES: usize = 4;
    /// Number of metrics of a point: as many as [`Metric::ALL`](crate::monitor::Metric::ALL) had for the writer.
    pub const METRICS: usize = 5;
    /// Points that each of the two areas has room for.
    pub const POINTS: usize = 6;
    /// The area in use (0 or 1) in the upper half of the word, and how many points of it in the lower. When the area is full,
    /// its points are merged by pairs into the other one; so one store changes over.
    pub const ACTIVE: usize = 7;
    /// Relative offsets of the two areas: points, one after the other.
    pub const AREAS: usize = 8;
    /// Absolute offset of the newest [`alert`](super::alert); each points at the next older one.
    pub const ALERTS: usize = 10;
    /// Length of the block.
    pub const LEN: usize = 16;

    /// Of a point: when its last sample was taken.
    pub const POINT_END: usize = 0;
    /// Of a point: the time since the last sample of the point before, in ns.
    pub const POINT_LENGTH: usize = 1;
    /// Of a point: samples.
    pub const POINT_SAMPLES: usize = 2;
    /// Of a point: its metrics.
    pub const POINT_METRICS: usize = 3;
    /// Of a metric in a point: lowest, mean, highest and last value; [`NONE`] in all if there is no value.
    pub const METRIC_LEN: usize = 4;
    /// No value.
    pub const NONE: u64 = u64::MAX;

    /// Length of a point with so many metrics.
    #[must_use]
    pub const fn point_len(metrics: usize) -> usize {
        POINT_METRICS + metrics * METRIC_LEN
    }
}

/// An alert: its rule, and a ring of the last times that it was raised.
pub mod alert {
    /// Absolute offset of the next older alert.
    pub const NEXT: usize = 0;
    /// Number of its [`Unit`](crate::monitor::Unit).
    pub const UNIT: usize = 1;
    /// How often it was raised. The last time is in the ring's entry `(RAISED - 1) % EVENTS`.
    pub const RAISED: usize = 2;
    /// Messages about it that were left out.
    pub const DROPPED: usize = 3;
    /// Length of the rule in bytes.
    pub const RULE_BYTES: usize = 4;
    /// The ring.
    pub const RING: usize = 8;
    /// Entries of the ring.
    pub const EVENTS: usize = 16;
    /// Start of the rule, after the ring.
    pub const RULE: usize = RING + EVENTS * event::LEN;

    /// An entry of the ring.
    pub mod event {
        /// When it was raised.
        pub const AT: usize = 0;
        /// When it was cleared; 0 if it was not.
        pub const CLEARED: usize = 1;
        /// The value that raised it: the bits of an `f64`.
        pub const VALUE: usize = 2;
        /// The worst value: the bits of an `f64`.
        pub const WORST: usize = 3;
        /// Actions that were begun. The first few have a place.
        pub const ACTIONS: usize = 4;
        /// The actions.
        pub const ACTION: usize = 5;
        /// Places for actions.
        pub const ACTION_COUNT: usize = 4;
        /// Length of an entry.
        pub const LEN: usize = ACTION + ACTION_COUNT * super::action::LEN + 3;
    }

    /// A place for an action.
    pub mod action {
        /// Number of its [`ActionKind`](crate::monitor::ActionKind).
        pub const KIND: usize = 0;
        /// When it began.
        pub const AT: usize = 1;
        /// How long it took, in ns, plus 1; 0 while it runs.
        pub const TOOK: usize = 2;
        /// Whether it was of use.
        pub const DONE: usize = 3;
        /// Resident memory before, in bytes, or [`NONE`](super::super::monitor::NONE).
        pub const BEFORE: usize = 4;
        /// Resident memory after.
        pub const AFTER: usize = 5;
        /// Bytes that it says it gave back.
        pub const FREED: usize = 6;
        /// Length of a place.
        pub const LEN: usize = 7;
    }
}

/// A shard: one thread's part.
pub mod shard {
    /// Absolute offset of the next older shard.
    pub const NEXT: usize = 0;
    /// 0 free, 1 in use by a thread.
    pub const IN_USE: usize = 1;
    /// System id of the thread that has or last had it.
    pub const TID: usize = 2;
    /// Relative offset of the frame of the innermost call in flight; of the base frame when there is none.
    pub const TOP: usize = 3;
    /// Calls in flight above the frame stack.
    pub const ABOVE: usize = 4;
    /// Relative offset of the table of the slots that [`SLOTS`] has no entry for. When it becomes too small, a larger copy
    /// takes its place.
    pub const SLOT_TABLE: usize = 5;
    /// Relative offset of the edge table. When it becomes too full, a larger copy takes its place.
    pub const EDGE_TABLE: usize = 6;
    /// The raw clock at the last call's end.
    pub const LAST_TICK: usize = 7;
    /// Deepest nesting seen above the frame stack. Below, a frame that was ever used keeps its site.
    pub const DEEPEST: usize = 8;
    /// Calls that ran above the frame stack.
    pub const DEEP_CALLS: usize = 12;
    /// Times the clock went backwards.
    pub const CLOCK_ANOMALIES: usize = 10;
    /// Calls that found no room in the edge table.
    pub const UNATTRIBUTED_CALLS: usize = 11;
    /// Always 0. Where a site has no entry in [`SLOTS`], its slot seems to be the shard itself, and this its
    /// [`slot::COUNTER`](super::slot::COUNTER), which says that nothing is only to be counted.
    pub const NO_COUNTER: usize = super::slot::COUNTER;
    /// Scale of ticks for buckets, a copy of the header's.
    pub const BUCKET_SCALE: usize = 13;
    /// Free part of the shard's own arena: absolute offset.
    pub const ARENA_NEXT: usize = 14;
    /// End of the shard's own arena: absolute offset.
    pub const ARENA_END: usize = 15;
    /// State of the random numbers for sampling.
    pub const RANDOM: usize = 16;
    /// Name of the thread, zero-padded UTF-8.
    pub const THREAD_NAME: usize = 17;
    /// Words of [`THREAD_NAME`].
    pub const THREAD_NAME_LEN: usize = 4;
    /// Relative offset of the [`allocation_stack`](super::allocation_stack), if allocations are counted.
    pub const ALLOCATION_STACK: usize = 21;
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
}

/// A table of further slots of a shard: those of the sites from [`shard::SLOT_COUNT`] on.
pub mod slot_table {
    /// Number of entries.
    pub const LEN: usize = 0;
    /// Start of the entries: the slots' offsets relative to the shard.
    pub const ENTRIES: usize = 8;
}

/// An edge table: a hash table with open addressing.
pub mod edge_table {
    /// Number of entries less one; the number is a power of two.
    pub const MASK: usize = 0;
    /// Occupied entries.
    pub const COUNT: usize = 1;
    /// Start of the entries.
    pub const ENTRIES: usize = 8;
}

/// A frame: one call in flight.
pub mod frame {
    /// Site id.
    pub const SITE: usize = 0;
    /// The raw clock at the call's begin; 0 while the frame is being filled.
    pub const START: usize = 1;
    /// Ticks of the calls it made.
    pub const CHILD: usize = 2;
    /// Adaptive timing: calls that were counted and not timed before this one, for which its duration stands too.
    pub const COUNTED: usize = 3;
    /// Length of a frame.
    pub const LEN: usize = 4;
}

/// Where allocations are counted, beside the frame stack: what the thread had allocated when each call began. Its writer's
/// alone; entry 0 is the base frame's.
pub mod allocation_stack {
    /// Allocations of the thread when the call began.
    pub const COUNT: usize = 0;
    /// Bytes of those.
    pub const BYTES: usize = 1;
    /// Allocations by the calls that this one made.
    pub const CHILD_COUNT: usize = 2;
    /// Bytes of those.
    pub const CHILD_BYTES: usize = 3;
    /// Length of an entry.
    pub const ENTRY: usize = 4;
    /// Length of the stack.
    pub const LEN: usize = (1 + super::shard::FRAME_COUNT) * ENTRY;
}

/// A slot: what one shard knows of one site.
///
/// Where every call is timed, the calls that ended are the counts of all buckets, plus [`slot::PENDING_WEIGHT`] and
/// [`slot::WAITING_WEIGHT`], plus [`slot::UNBUCKETED`]. Where timing is adaptive they are [`slot::TIMED`] plus [`slot::counted`], exactly; the buckets hold
/// weighted samples, and add up to about as much.
pub mod slot {
    // What every call touches comes first: two cache lines, unless it takes long.

    /// Duration of the last call, in ticks, not in the buckets yet.
    pub const PENDING: usize = 0;
    /// Bucket index of the call before that, to be counted by the next one.
    pub const WAITING: usize = 1;
    /// Ticks of all calls (weighted).
    pub const SUM: usize = 2;
    /// Ticks less those of callees (weighted).
    pub const SELF: usize = 3;
    /// Shortest call in ticks; `u64::MAX` when there was none.
    pub const MIN: usize = 4;
    /// Longest call in ticks.
    pub const MAX: usize = 5;
    /// Calls in flight in this thread.
    pub const ACTIVE: usize = 6;
    /// For the writer alone: the caller of the last call, and the relative offset (from the shard) of their edge.
    pub const CALLER: usize = 7;
    /// For the writer alone: see [`CALLER`].
    pub const EDGE: usize = 8;
    /// Adaptive timing: from bit [`COUNTER_BITS`] up, calls that were or will be counted and not timed; below, how many of
    /// them are still to come. One word, so that the count is exact whenever it is read: see [`counted`].
    pub const COUNTER: usize = 9;
    /// Relative offsets of the bucket pages; entry `p` holds the HDR counts `p * PAGE_LEN ..`.
    pub const PAGES: usize = 10;
    /// Site id.
    pub const SITE: usize = 68;
    /// Number of calls [`PENDING`] stands for; 0 when there is none.
    pub const PENDING_WEIGHT: usize = 69;
    /// Number of calls [`WAITING`] stands for; 0 when there is none.
    pub const WAITING_WEIGHT: usize = 70;
    /// The part of [`SUM`] that recursive calls within an outer one contributed.
    pub const NESTED: usize = 71;
    /// Calls that ended while their thread was unwinding.
    pub const UNWOUND: usize = 72;
    /// Calls that will never be seen to end.
    pub const ABANDONED: usize = 73;
    /// Calls missing in the buckets.
    pub const UNBUCKETED: usize = 74;
    /// Adaptive timing: calls counted since the last timed one, for which the next timed one will stand.
    pub const PERIOD: usize = 75;
    /// Adaptive timing: calls that were timed.
    pub const TIMED: usize = 76;
    /// Adaptive timing: moving average of the durations, in ticks times 16.
    pub const AVERAGE: usize = 77;
    /// Futures that were first polled in this thread.
    pub const STARTED: usize = 78;
    /// Polls.
    pub const POLLS: usize = 79;
    /// Ticks in polls.
    pub const BUSY: usize = 80;
    /// Futures dropped before completion.
    pub const CANCELLED: usize = 81;
    /// Calls whose duration was above [`super::HIGHEST_NS`].
    pub const OVER_RANGE: usize = 82;

    /// Number of bucket pages. As many more entries as a 64-bit duration could ask for follow, always 0.
    pub const PAGE_COUNT: usize = 38;
    /// Allocations during the outermost calls.
    pub const ALLOCATIONS: usize = 84;
    /// Bytes of those.
    pub const ALLOCATED: usize = 85;
    /// Allocations less those of callees.
    pub const SELF_ALLOCATIONS: usize = 86;
    /// Bytes of those.
    pub const SELF_ALLOCATED: usize = 87;
    /// Counts per page.
    pub const PAGE_LEN: usize = 128;
    /// Length of a slot.
    pub const LEN: usize = 88;

    /// Bits of [`COUNTER`] that hold the calls still to come.
    pub const COUNTER_BITS: u32 = 10;

    /// Calls that were counted and not timed, by the [`COUNTER`].
    #[must_use]
    pub const fn counted(counter: u64) -> u64 {
        (counter >> COUNTER_BITS).saturating_sub(counter & ((1 << COUNTER_BITS) - 1))
    }
}

/// An edge: calls of one callee by one caller.
pub mod edge {
    /// `caller id << 32 | callee id`, caller 0 for code that is not annotated; 0 when the entry is free.
    pub const KEY: usize = 0;
    /// Calls.
    pub const CALLS: usize = 1;
    /// Ticks of the outermost calls.
    pub const TICKS: usize = 2;
    /// Ticks of self time that sampled calls of the callee stand for beyond those measured: the caller's self time holds
    /// them too much.
    pub const UNSEEN: usize = 3;
    /// Length of an edge.
    pub const LEN: usize = 4;
}

/// The longest duration in ns that the buckets tell apart: 4.8 hours.
pub const HIGHEST_NS: u64 = (1 << 44) - 1;

/// The index in the HDR counts (two significant digits, from 1 ns) that a duration in ns belongs to. Beyond
/// [`HIGHEST_NS`] it lies beyond the counts.
#[must_use]
#[inline(always)]
pub const fn bucket_index(ns: u64) -> usize {
    let octave = (u64::BITS - 8 - (ns | 0xff).leading_zeros()) as usize;
    (octave << 7) + (ns >> octave) as usize
}

/// The lowest duration in ns of the bucket with an index.
#[must_use]
pub const fn bucket_floor(index: usize) -> u64 {
    let octave = (index >> 7).saturating_sub(1);
    ((index - (octave << 7)) as u64) << octave
}

/// The highest duration in ns of the bucket with an index.
#[must_use]
pub const fn bucket_ceiling(index: usize) -> u64 {
    bucket_floor(index + 1) - 1
}

/// Ties a recording to the constants above: any two layouts that differ have, in all likelihood, different checksums.
pub const CHECKSUM: u64 = {
    let parts = [
        header::LEN,
        header::SITE_DIRECTORY,
        header::PROGRAM_BYTES,
        site::CHUNKS,
        site::FIRST_CHUNK,
        site::STRINGS,
        shard::BASE,
        shard::FRAMES,
        shard::FRAME_COUNT,
        shard::LEN,
        shard::SLOTS,
        shard::THREAD_NAME,
        shard::NO_COUNTER,
        frame::LEN,
        frame::COUNTED,
        slot::PAGES,
        slot::PAGE_COUNT,
        slot::PAGE_LEN,
        slot::LEN,
        slot::EDGE,
        slot::SITE,
        slot_table::ENTRIES,
        edge_table::ENTRIES,
        edge::LEN,
        edge::UNSEEN,
        header::RESOURCES,
        resource::DEPENDENCIES,
        resource::LEN,
        header::HEAP_FREES,
        shard::ALLOCATION_STACK,
        allocation_stack::LEN,
        slot::SELF_ALLOCATED,
        monitor::LEN,
        monitor::point_len(1),
        alert::RULE,
        alert::event::LEN,
        alert::action::LEN,
    ];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < parts.len() {
        hash = (hash ^ parts[i] as u64).wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    hash
};

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    #[test]
    fn sites_are_located_without_gaps() {
        let mut expected = (0, 0);
        for id in 1..100_000 {
            assert_eq!(site::locate(id), expected, "site {id}");
            expected.1 += 1;
            if expected.1 == site::FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }

    #[test]
    fn buckets_are_those_of_hdrhistogram() {
        let histogram = Histogram::<u64>::new_with_bounds(1, HIGHEST_NS, 2).unwrap();
        assert_eq!(histogram.distinct_values(), slot::PAGE_COUNT * slot::PAGE_LEN);
        let mut ns = 0_u64;
        while ns <= HIGHEST_NS {
            for value in [ns.saturating_sub(1), ns, ns + 1] {
                let floor = bucket_floor(bucket_index(value));
                assert_eq!(floor, histogram.lowest_equivalent(value), "{value} ns");
            }
            ns = ns + ns / 50 + 1;
        }
        assert_eq!(bucket_index(HIGHEST_NS) + 1, slot::PAGE_COUNT * slot::PAGE_LEN);
        assert!(slot::PAGES + bucket_index(u64::MAX) / slot::PAGE_LEN < slot::ALLOCATIONS);
        const { assert!(slot::SELF_ALLOCATED < slot::LEN) };
    }
}
