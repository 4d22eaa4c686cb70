//! A slot: what one shard knows of one site.
//!
//! Where every call is timed, the calls that ended are the counts of all buckets, plus [`PENDING_WEIGHT`] and
//! [`WAITING_WEIGHT`], plus [`UNBUCKETED`]. Where timing is adaptive they are [`TIMED`] plus [`counted`], exactly; the
//! buckets hold weighted samples, and add up to about as much.

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
///
/// Only the writer uses it.
pub const ACTIVE: usize = 6;
/// The caller of the last call, and the relative offset of their edge.
///
/// Only the writer uses it; the offset counts from the shard.
pub const CALLER: usize = 7;
/// See [`CALLER`]. Only the writer uses it.
pub const EDGE: usize = 8;
/// Adaptive timing: calls that were or will be counted and not timed.
///
/// Their number is from bit [`COUNTER_BITS`] up; below is how many of them are still to come. It is one word, so
/// that the count is exact whenever it is read: see [`counted`].
pub const COUNTER: usize = 9;
/// Relative offsets of the bucket pages.
///
/// Entry `p` holds the HDR counts `p * PAGE_LEN ..`.
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
/// Adaptive timing: calls counted since the last timed one.
///
/// The next timed call stands for them. Only the writer uses it.
pub const PERIOD: usize = 75;
/// Adaptive timing: calls that were timed.
pub const TIMED: usize = 76;
/// Adaptive timing: moving average of the durations, in ticks times 16.
///
/// Only the writer uses it.
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

/// Number of bucket pages.
///
/// As many more entries as a 64-bit duration could need follow, always 0.
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
