//! A slot: what one shard knows of one site. See [`layout::slot`](perf_report::recording::layout::slot).

use perf_report::recording::layout::{bucket_index, shard, slot};

use super::Recording;
use super::blocks::Arena;
#[cfg(feature = "sync")]
use super::counted::skip_hold;
use super::counted::{Counted, takes_one_to_come};
use super::memory::Words;
use super::shard::Shard;
use crate::platform::clock;

/// One duration, and how many calls it stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightedTicks {
    pub(crate) ticks: u64,
    pub(crate) weight: u64,
}

#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Slot(pub(crate) Words);

impl Slot {
    /// Its site; 0 if it is of a recording that was lost.
    #[inline]
    pub(super) fn site(self) -> usize {
        self.0.twins().get(slot::SITE) as usize
    }

    /// Keeps a duration: sum and extremes at once, its bucket later. To the sum `raw` is added, measuring and all that it stands for included.
    ///
    /// The clock waits for all that was begun before it is read, so work takes longer than it seems if it is one long
    /// chain, as the way from a duration to its bucket is (load, multiply, find the octave, shift, load the page, add: 5 ns).
    /// So it is done in three steps by three calls, all at once: this call's duration becomes the pending one, the pending
    /// one's bucket index is worked out and waits, the one that waited is counted. Readers add the two on their way.
    pub(crate) fn add_sample(self, recording: &Recording, shard: Shard, raw: u64, sample: WeightedTicks) {
        let Slot(words) = self;
        self.add_estimate(recording, shard, raw, sample);
        words.set(slot::MIN, words.get(slot::MIN).min(sample.ticks));
        words.set(slot::MAX, words.get(slot::MAX).max(sample.ticks));
    }

    /// As [`add_sample`](Self::add_sample), of calls that were not timed and took `raw` ticks together.
    pub(super) fn add_estimate(self, recording: &Recording, shard: Shard, raw: u64, sample: WeightedTicks) {
        let Slot(words) = self;
        self.count_in_bucket(recording, shard, words.get(slot::WAITING), words.get(slot::WAITING_WEIGHT));
        let pending_ns = clock::to_ns(words.get(slot::PENDING), shard.0.twins().get(shard::BUCKET_SCALE));
        words.set(slot::WAITING, slot::waiting(bucket_index(pending_ns)));
        words.set(slot::WAITING_WEIGHT, words.get(slot::PENDING_WEIGHT));
        words.set(slot::PENDING, sample.ticks);
        words.set(slot::PENDING_WEIGHT, sample.weight);
        words.add(slot::SUM, raw);
    }

    /// Counts calls in a bucket, whose page is made if need be.
    fn count_in_bucket(self, recording: &Recording, shard: Shard, waiting: u64, weight: u64) {
        const HIGHEST: (usize, usize) = (slot::PAGE_COUNT - 1, slot::PAGE_LEN - 1);
        if weight == 0 {
            return;
        }
        let (mut page, mut bucket) = slot::waiting_place(waiting);
        if page > HIGHEST.0 {
            self.0.add(slot::OVER_RANGE, weight);
            (page, bucket) = HIGHEST;
        }
        let known = self.0.twins().block(slot::PAGES + page);
        let counts = known.or_else(|| {
            let new = shard.allocate(recording, Arena::Figures, slot::PAGE_LEN)?;
            recording.link(self.0, slot::PAGES + page, new, recording.header());
            Some(new)
        });
        match counts {
            Some(counts) => counts.add(bucket, weight),
            None => self.0.add(slot::UNBUCKETED, weight),
        }
    }

    /// A poll took so many ticks.
    #[inline(always)]
    pub(super) fn note_poll(self, ticks: u64) {
        if ticks > self.0.get(slot::LONGEST_POLL) {
            self.0.set(slot::LONGEST_POLL, ticks);
        }
    }

    /// A future was dropped without a poll.
    pub(crate) fn count_never_polled(self) {
        self.0.add(slot::NEVER_POLLED, 1);
    }

    /// Adaptive timing: takes the calls counted since the last timed one, for which the one that begins now stands too.
    pub(crate) fn take_counted(self, shard: Shard) -> Counted {
        let Slot(words) = self;
        let to_come = slot::to_come(self.counter(shard).upper_half(0));
        let calls = words.get(slot::PERIOD).saturating_sub(to_come);
        words.set(slot::PERIOD, to_come);
        Counted { calls, since: words.get(slot::TIMED_AT) }
    }

    /// Adaptive timing: counts a call without a frame, if it need not be timed.
    pub(crate) fn only_count(self, shard: Shard) -> bool {
        takes_one_to_come::<0>(self.counter(shard), 0)
    }

    /// Counts calls that took no time.
    #[cfg(feature = "waits")]
    pub(crate) fn count(self, shard: Shard, calls: u64) {
        self.counter(shard).add_at_once(0, calls);
    }

    /// A lock was poisoned.
    #[cfg(feature = "sync")]
    pub(crate) fn count_unwound(self) {
        self.0.add(slot::UNWOUND, 1);
    }

    /// As [`skip_hold_near`](Shard::skip_hold_near), for any slot.
    #[cfg(feature = "sync")]
    pub(crate) fn skip_hold(self, shard: Shard) -> bool {
        skip_hold(self.counter(shard))
    }

    /// Plans how many holds of a lock not to time after this one, whose acquisition is `counted` here unless it waited. Returns for how many
    /// holds this one stands.
    ///
    /// The aim is that timing takes at most about a `SHARE`th of the time that passes. So all holds of a lock are timed that is acquired
    /// some thousands of times a second, and few of one that is acquired all the time; and the first ones of each, as few say little about the
    /// others. The period is drawn as in [`plan_next_timed`](Self::plan_next_timed).
    #[cfg(feature = "sync")]
    pub(crate) fn plan_next_hold(self, shard: Shard, now: u64, counted: bool) -> u32 {
        const SHARE: u64 = 64;
        /// Of timing a hold, about.
        const COST_TICKS: u64 = 600;
        /// Not so long that what comes after many quick holds goes unseen.
        const LONGEST_MEAN: u64 = 128;
        /// Holds that are timed before any is not.
        const FIRST: u64 = 32;
        let Slot(words) = self;
        let timed = words.get(slot::HOLDS_TIMED);
        // The last plan was used up: so many holds, and this one.
        let weight = words.get(slot::HOLD_PERIOD).saturating_add(1);
        let between = now.saturating_sub(words.get(slot::HOLD_PLANNED_AT)).max(1) / weight;
        let mean = if timed < FIRST { 0 } else { (SHARE * COST_TICKS / between.max(1)).min(LONGEST_MEAN) };
        let period = if mean < 2 { mean.saturating_sub(1) } else { mean / 2 + shard.random_below(mean + 1) };
        words.set(slot::HOLDS_TIMED, timed.saturating_add(1).min(FIRST));
        words.set(slot::HOLD_PERIOD, period);
        words.set(slot::HOLD_PLANNED_AT, now);
        self.plan(shard, period);
        self.counter(shard).add_at_once(0, u64::from(counted));
        weight as u32
    }

    /// Adaptive timing: where its calls are counted.
    pub(crate) fn counter(self, shard: Shard) -> Words {
        match self.site() {
            near @ 1..shard::SLOT_COUNT => shard.0.at(shard::COUNTERS + near),
            _ => self.0.at(slot::COUNTER),
        }
    }

    /// A call that was given up has ended after all.
    #[cfg(feature = "sql")]
    pub(crate) fn was_not_abandoned(self) {
        self.0.add(slot::ABANDONED, 1_u64.wrapping_neg());
    }

    /// Adaptive timing, after a timed call that began at `start`: how many calls to count before the next timed one.
    ///
    /// The aim is that timing takes at most about a 64th of the function's time. Functions that take longer than that
    /// many times the cost are always timed, and so are the first calls of each, since few say little about the others. How long they take is
    /// their root mean square and not their mean: of a function whose calls differ, few make up most of its time, and must be met. (If
    /// calls are picked at random and all cost the same, picking in proportion to the root of the second moment has the least variance: the
    /// allocation of J. Neyman, "On the two different aspects of the representative method", 1934.) The period is drawn from half to one and a half times its mean, so that
    /// it does not fall in step with a pattern in the calls.
    pub(crate) fn plan_next_timed(self, shard: Shard, start: u64, ticks: u64) {
        /// Calls that are timed before any is only counted.
        const FIRST: u64 = 32;
        /// Timed calls over which the mean moves.
        const WINDOW: u64 = 64;
        /// The longest period is half as long again.
        const LONGEST_MEAN: u64 = slot::MOST_TO_COME / 3 * 2 - 1;
        /// The mean is kept in such parts of a square.
        const PARTS: i64 = 16;
        let Slot(words) = self;
        // About half of the cost lies within the duration. A call that was interrupted is forgotten after some hundreds.
        let ticks = ticks.saturating_sub(shard.adaptive_cost() / 2).min(shard.longest_ticks());
        // Others may write to the recording: none of these sums may be one that panics.
        let timed = words.get(slot::TIMED).wrapping_add(1);
        words.set(slot::TIMED, timed);
        let before = words.get(slot::TIMED_AT);
        // Not back to the beginning of an outer call of a recursion, after inner ones had the time since: but where the clock was set back.
        if start > before || before - start > 1 << 32 {
            words.set(slot::TIMED_AT, start);
        }
        let before = words.get(slot::MEAN_SQUARE).cast_signed();
        let change = (ticks * ticks).cast_signed().wrapping_mul(PARTS).wrapping_sub(before);
        // By a constant once there are enough, as a division takes as long as all the rest.
        let change = if timed < WINDOW { change / timed.max(1).cast_signed() } else { change / WINDOW.cast_signed() };
        let mean_square = before.wrapping_add(change);
        words.set(slot::MEAN_SQUARE, mean_square.cast_unsigned());
        let length = (mean_square.max(PARTS) as f32 / PARTS as f32).sqrt();
        let mean = if timed < FIRST { 0 } else { ((shard.long_ticks() as f32 / length) as u64).min(LONGEST_MEAN) };
        let period = if mean < 2 { mean.saturating_sub(1) } else { mean / 2 + shard.random_below(mean + 1) };
        let left = self.plan(shard, period);
        words.set(slot::PERIOD, words.get(slot::PERIOD).saturating_sub(left).saturating_add(period));
    }

    /// From now on, so many calls are to be counted before the next one is timed. Returns how many there were of an earlier plan: of a
    /// recursive function's timed calls the inner ones plan first.
    fn plan(self, shard: Shard, period: u64) -> u64 {
        let counter = self.counter(shard);
        let left = slot::to_come(counter.get(0));
        counter.add_at_once(0, period.wrapping_sub(left).wrapping_mul(slot::ONE_TO_COME + 1));
        left
    }
}
