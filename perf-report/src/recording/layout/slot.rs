//! A slot: what one shard knows of one site.
//!
//! Where every call is timed, the calls that ended are the counts of all buckets, plus [`PENDING_WEIGHT`] and
//! [`WAITING_WEIGHT`], plus [`UNBUCKETED`]. Where timing is adaptive they are [`TIMED`] plus [`counted`], exactly; the
//! buckets hold weighted samples, and add up to about as much.

// The words that every call touches come first: a cache line of words that readers know, and one of the writer's alone.

/// Duration of the last call, in ticks, not in the buckets yet.
///
/// It is without what measuring below the call took.
pub const PENDING: usize = 0;
/// Where the next call counts the one before the last: see [`waiting_place`].
pub const WAITING: usize = 1;
/// Ticks of all calls (weighted).
pub const SUM: usize = 2;
/// Ticks less those of callees (weighted).
pub const SELF: usize = 3;
/// Shortest call in ticks, as [`PENDING`]; `u64::MAX` when there was none.
pub const MIN: usize = 4;
/// Longest call in ticks, as [`PENDING`].
pub const MAX: usize = 5;
/// Calls in flight in this thread.
///
/// Only the writer uses it.
pub const ACTIVE: usize = 6;
/// Adaptive timing: calls that were or will be counted and not timed.
///
/// Their number is in the lowest [`PLANNED_BITS`]; above, as a signed number, is how many of them are still to come. It is one word, so
/// that the count is exact whenever it is read: see [`counted`]. Sites with a low id have theirs among the shard's
/// [`COUNTERS`](super::shard::COUNTERS).
pub const COUNTER: usize = 70;
/// Ticks that measuring the calls below took (weighted).
///
/// It is by the mean cost of a call. Calls may have been cheaper, so that it may be more than [`SUM`].
pub const MEASURING: usize = 7;
/// The caller of the last call.
///
/// Only the writer uses it.
pub const CALLER: usize = 8;
/// Where the edge from [`CALLER`] lies.
///
/// Only the writer uses it.
pub const EDGE: usize = 9;
/// Absolute offsets of the bucket pages.
///
/// Entry `p` holds the HDR counts `p * PAGE_LEN ..`. The writer has [`PAGE_ENTRY_COUNT`] entries, in memory of its own, of which the
/// last are always 0.
pub const PAGES: usize = 10;
/// Number of bucket pages.
pub const PAGE_COUNT: usize = 38;
/// Number of pages that a [`WAITING`] word can ask for.
pub const PAGE_ENTRY_COUNT: usize = 64;
/// Counts per page.
pub const PAGE_LEN: usize = 128;
/// Absolute offset of the [slowest calls](super::slowest), if they are kept.
///
/// The writer has its own at [`SLOWEST_OWN`], because this one's twin is a page entry.
pub const SLOWEST: usize = PAGES + PAGE_COUNT;
/// The block of the slowest calls.
///
/// Only the writer uses it.
pub const SLOWEST_OWN: usize = 75;
/// Bytes that the calls moved, of files, streams and requests.
///
/// These words have no twins of their own: theirs are page entries.
pub const BYTES: usize = 49;
/// Calls that returned an error, of files, streams and requests.
pub const FAILED: usize = 50;
/// Requests answered by a status from 300 to 399.
pub const REDIRECTIONS: usize = 51;
/// Requests answered by a status from 400 to 499.
pub const CLIENT_ERRORS: usize = 52;
/// Requests answered by a status from 500 to 599.
pub const SERVER_ERRORS: usize = 53;
/// Sizes that were told of.
///
/// They are results of a statement, or messages for which a channel's depth was read. These words have no twins of their own either.
pub const SIZES: usize = 54;
/// Sum of the sizes: rows, or messages that wait.
pub const SIZE_SUM: usize = 55;
/// The largest size.
pub const LARGEST: usize = 56;
/// Of channels: one more than they have room for; 0 if they have no limit.
pub const CAPACITY: usize = 57;
/// Of channels: the depth that was read last.
pub const LATEST: usize = 58;
/// Of channels: the clock when [`LATEST`] was read.
pub const LATEST_AT: usize = 59;
/// Of locks, which have no sizes: holds that were timed and planned, up to some.
///
/// Only the writer uses it.
pub const HOLDS_TIMED: usize = CAPACITY;
/// Of locks: holds that are not to be timed before the next one.
///
/// Only the writer uses it.
pub const HOLD_PERIOD: usize = LATEST;
/// Of locks: the clock when that was planned.
///
/// Only the writer uses it.
pub const HOLD_PLANNED_AT: usize = LATEST_AT;
/// Adaptive timing: the clock when the last call that was timed began.
///
/// Only the writer uses it.
pub const TIMED_AT: usize = LATEST_AT;
/// Adaptive timing: ticks for which there was no time yet.
///
/// Earlier timed calls stood for them. Like the next two it is a word that means something else only where [`SIZES`] is not 0, which is of channels and
/// statements. Only the writer uses it.
pub const OWED: usize = LATEST;
/// Adaptive timing: as [`OWED`], without those of callees.
///
/// Only the writer uses it.
pub const OWED_OWN: usize = CAPACITY;
/// Adaptive timing: as [`OWED`], of measuring below the calls.
///
/// Only the writer uses it.
pub const OWED_MEASURING: usize = LARGEST;
/// Number of calls [`PENDING`] stands for; 0 when there is none.
pub const PENDING_WEIGHT: usize = 68;
/// Number of calls [`WAITING`] stands for; 0 when there is none.
pub const WAITING_WEIGHT: usize = 69;
/// Ticks of recursive calls within an outer one (weighted).
///
/// Of futures, the times of those that ended in a poll of an outer one. They are without what measuring below them took: a signed number.
pub const NESTED: usize = 83;
/// Calls that a panic left which had begun in them.
pub const UNWOUND: usize = 71;
/// Calls that will never be seen to end, as far as this shard knows.
///
/// Those that ended in another thread than they began in, or after they had been given up, are taken off: the sum over all shards
/// is the number.
pub const ABANDONED: usize = 72;
/// Calls missing in the buckets.
pub const UNBUCKETED: usize = 73;
/// Adaptive timing: calls counted since the last timed one.
///
/// The next timed call stands for them. Only the writer uses it.
pub const PERIOD: usize = 74;
/// Adaptive timing: calls that were timed.
pub const TIMED: usize = 75;
/// Of futures, which are never timed adaptively: bytes of one.
///
/// Memory that it keeps elsewhere is not counted.
pub const FUTURE_BYTES: usize = PERIOD;
/// Of futures, which are no requests: those that were dropped without a poll.
pub const NEVER_POLLED: usize = REDIRECTIONS;
/// Of futures: ticks of the longest poll, as [`BUSY`].
pub const LONGEST_POLL: usize = MEAN_SQUARE;
/// Adaptive timing: moving mean of the squares of durations, in sixteenths.
///
/// Only the writer uses it.
pub const MEAN_SQUARE: usize = 76;
/// Futures that were first polled in this thread.
pub const STARTED: usize = 77;
/// Polls.
pub const POLLS: usize = 78;
/// Ticks in polls, without what measuring below them took: a signed number.
pub const BUSY: usize = 79;
/// Futures dropped before completion.
pub const CANCELLED: usize = 80;
/// Calls whose duration was above [`super::HIGHEST_NS`].
pub const OVER_RANGE: usize = 81;
/// Site id.
pub const SITE: usize = 82;
/// Another caller, that of the last call which was not by [`CALLER`].
///
/// Only the writer uses it, in memory of its own.
pub const OTHER_CALLER: usize = 84;
/// Where the edge from [`OTHER_CALLER`] lies.
///
/// Only the writer uses it, in memory of its own.
pub const OTHER_EDGE: usize = 85;
/// Allocations during the outermost calls.
pub const ALLOCATIONS: usize = 84;
/// Bytes of those.
pub const ALLOCATED: usize = 85;
/// Allocations less those of callees.
pub const SELF_ALLOCATIONS: usize = 86;
/// Bytes of those.
pub const SELF_ALLOCATED: usize = 87;
/// Length of a slot.
pub const LEN: usize = 88;

/// The [`WAITING`] word of a bucket index.
#[must_use]
#[inline(always)]
pub const fn waiting(bucket: usize) -> u64 {
    (bucket as u64).rotate_right(PAGE_LEN.ilog2())
}

/// The page and the entry in it that a [`WAITING`] word asks for.
///
/// Whatever the word, they are below [`PAGE_ENTRY_COUNT`] and
/// [`PAGE_LEN`].
#[must_use]
#[inline(always)]
pub const fn waiting_place(waiting: u64) -> (usize, usize) {
    (waiting as usize % PAGE_ENTRY_COUNT, (waiting >> (u64::BITS - PAGE_LEN.ilog2())) as usize)
}

/// Bits of a [`COUNTER`] that hold how many calls were or will be counted.
pub const PLANNED_BITS: u32 = 53;

/// One call still to come, in a [`COUNTER`].
///
/// Who begins a call takes one off. If the word is below 0 then, the call is to be timed, and the one is put back.
pub const ONE_TO_COME: u64 = 1 << PLANNED_BITS;

/// No more calls than that are ever to come.
pub const MOST_TO_COME: u64 = 768;

/// Calls that are to be counted before the next one is timed, by the [`COUNTER`].
#[must_use]
#[inline(always)]
pub const fn to_come(counter: u64) -> u64 {
    let to_come = counter.cast_signed() >> PLANNED_BITS;
    if to_come > 0 { to_come.cast_unsigned() } else { 0 }
}

/// Calls that were counted or are still to come, by the [`COUNTER`].
#[must_use]
pub const fn planned(counter: u64) -> u64 {
    counter % ONE_TO_COME
}

/// Calls that were counted and not timed, by the [`COUNTER`].
#[must_use]
pub const fn counted(counter: u64) -> u64 {
    planned(counter).saturating_sub(to_come(counter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_has_counted_each_step_down_to_0() {
        const PLANNED: u64 = 5_000;
        let mut counter = PLANNED + 3 * ONE_TO_COME;
        for left in (0..=3).rev() {
            assert_eq!((counted(counter), to_come(counter)), (PLANNED - left, left));
            counter = counter.wrapping_sub(ONE_TO_COME);
        }
        assert!(counter.cast_signed() < 0, "the next call is to be timed");
        assert_eq!((counted(counter), to_come(counter)), (PLANNED, 0), "and was not counted");
        let most = MOST_TO_COME + MOST_TO_COME * ONE_TO_COME;
        assert_eq!((to_come(most), counted(most)), (MOST_TO_COME, 0));
    }
}
