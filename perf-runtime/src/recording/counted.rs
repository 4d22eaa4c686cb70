//! Calls that are counted and not timed: how they begin and end, and for what the next one that is timed stands.
//!
//! They do not keep a signal handler out that interrupts them. So one instruction takes a call off those still to come and says whether
//! there was one, and whatever else changes a counter adds to it, since a handler's own call of that site may come between.

use std::hint::cold_path;

use perf_report::recording::layout::{frame, shard, slot};

use super::frames::HEIGHT;
use super::memory::Words;
use super::shard::Shard;
use super::slot::Slot;

/// Calls that were counted, and for which the next one that is timed also stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) calls: u64,
    /// The clock when the call began that was timed before them: they came later.
    pub(crate) since: u64,
}

impl Counted {
    const CALL_BITS: u32 = 20;
    /// Of [`since`](Self::since), by which times of up to 40 minutes can be told.
    const CLOCK: u64 = u64::MAX >> (Self::CALL_BITS + 1);

    pub(super) fn to_word(self) -> u64 {
        self.calls.min((1 << Self::CALL_BITS) - 1) | (self.since & Self::CLOCK) << Self::CALL_BITS
    }

    pub(super) fn of_word(word: u64) -> Counted {
        let calls = word & ((1 << Self::CALL_BITS) - 1);
        Counted { calls, since: word >> Self::CALL_BITS & Self::CLOCK }
    }

    /// The ticks that they had before a call that began at `start`: all of them together can't have taken more.
    pub(crate) fn within(self, start: u64) -> u64 {
        start.wrapping_sub(self.since) & Self::CLOCK
    }
}

/// The ticks of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticks {
    pub(super) all: u64,
    /// Without those of callees.
    pub(super) own: u64,
    /// Those that measuring below them took.
    pub(super) measuring: u64,
}

impl Ticks {
    const NONE: Ticks = Ticks { all: 0, own: 0, measuring: 0 };
}

/// `a * b / c`; 0 if `c` is.
#[inline(always)]
fn multiply_divide(a: u64, b: u64, c: u64) -> u64 {
    match a.checked_mul(b) {
        Some(product) => product.checked_div(c).unwrap_or(0),
        None => (u128::from(a) * u128::from(b)).checked_div(u128::from(c)).unwrap_or(0) as u64,
    }
}

/// The calls that were counted before one that was timed and also stands for them.
///
/// They are taken to have lasted as long as that one. Of a function of which a few calls are long, that is too long where a long one is timed,
/// and too short elsewhere, and right on the whole. But they can't have had more time than passed, so whatever is beyond that is owed to
/// later ones, which have too little. Calls of a recursion may have more together than passed, but for themselves they have not, so
/// self time has a balance of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others {
    pub(super) calls: u64,
    /// Of all of them together.
    pub(super) ticks: Ticks,
    /// For later ones.
    owed: Ticks,
    /// Whether the timed one was so long that it was interrupted perhaps. Then nothing is owed for it.
    pub(super) is_odd: bool,
}

impl Others {
    pub(super) const NONE: Others = Others { calls: 0, ticks: Ticks::NONE, owed: Ticks::NONE, is_odd: false };

    /// Those of a call of `slot` that began at `start` and took such ticks.
    #[inline(always)]
    pub(super) fn of(shard: Shard, Slot(slot): Slot, counted: Counted, start: u64, ticks: Ticks) -> Others {
        let (calls, within) = (counted.calls, counted.within(start));
        let [all, own, measuring] = [slot::OWED, slot::OWED_OWN, slot::OWED_MEASURING].map(|word| slot.get(word));
        let owed = Ticks { all, own, measuring };
        if calls == 0 || ticks.all == 0 {
            return Others { calls, ticks: Ticks::NONE, owed, is_odd: false };
        }
        let is_odd = ticks.all > shard.longest_ticks();
        let before = if is_odd { Ticks::NONE } else { owed };
        let cost = shard.adaptive_cost();
        let (all, owed_all) = paid(ticks.all, calls, before.all, within, cost);
        let (own, owed_own) = paid(ticks.own, calls, before.own, within, cost);
        // What measuring took is a part of all.
        let wanted = ticks.all.saturating_mul(calls).saturating_add(before.all);
        let measuring = ticks.measuring.saturating_mul(calls).saturating_add(before.measuring);
        let share = |all: u64| if all == wanted { measuring } else { multiply_divide(measuring, all, wanted) };
        let given = Ticks { all, own, measuring: share(all) };
        let left = Ticks { all: owed_all, own: owed_own, measuring: share(owed_all) };
        Others { calls, ticks: given, owed: if is_odd { owed } else { left }, is_odd }
    }

    /// Keeps for later ones what is owed to them.
    #[inline(always)]
    pub(super) fn settle(self, Slot(slot): Slot) {
        slot.set(slot::OWED, self.owed.all);
        slot.set(slot::OWED_OWN, self.owed.own);
        slot.set(slot::OWED_MEASURING, self.owed.measuring);
    }
}

/// The ticks for so many calls of `each` and for what is owed to them, and what is still owed then. Not more than `within` have passed.
#[inline(always)]
fn paid(each: u64, calls: u64, owed: u64, within: u64, cost: u64) -> (u64, u64) {
    /// In ticks, some 20 ms at 3 GHz.
    const MOST_OWED: u64 = 1 << 26;
    let alike = each.saturating_mul(calls);
    let wanted = alike.saturating_add(owed);
    if wanted <= within {
        return (wanted, 0);
    }
    let owed = if alike <= within {
        wanted - within
    } else {
        // Without the cost of timing it, which others do not have: of the smallest functions all seem to take longer than there was time.
        let net = each.saturating_sub(cost).saturating_mul(calls);
        owed.saturating_add(net.saturating_sub(within))
    };
    (within, owed.min(MOST_OWED))
}

/// A call in flight that is only counted: where the frame below its own lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountedCall(u64);

impl CountedCall {
    /// Where the frame below its own lies.
    #[inline(always)]
    pub(crate) fn place(self) -> u64 {
        self.0
    }

    /// The call at a [`place`](Self::place).
    #[inline(always)]
    pub(crate) fn at(place: u64) -> CountedCall {
        CountedCall(place)
    }
}

impl Shard {
    /// What it costs to time a call of a site that is timed adaptively, in ticks: at least some, as what was found may have been disturbed.
    #[inline(always)]
    pub(super) fn adaptive_cost(self) -> u64 {
        const LEAST: u64 = 40;
        const MOST: u64 = 1 << 18;
        self.0.twins().get(shard::ADAPTIVE_COST).clamp(LEAST, MOST)
    }

    /// From how many ticks on calls are always timed: then timing takes at most a 64th of the time.
    #[inline(always)]
    pub(super) fn long_ticks(self) -> u64 {
        64 * self.adaptive_cost()
    }

    /// Calls that took longer were interrupted perhaps, in ticks.
    #[inline(always)]
    pub(super) fn longest_ticks(self) -> u64 {
        16 * self.long_ticks()
    }

    /// Adaptive timing: counts a call of a near site and pushes its frame, without a start. `None` if it is to be timed, if its slot is
    /// not near or not there, or if there is no room on the frame stack.
    #[inline(always)]
    pub(crate) fn begin_counted(self, near: usize) -> Option<CountedCall> {
        self.begin_counted_at::<{ shard::COUNTERS }>(self.0, near, near)
    }

    /// As [`begin_counted`](Self::begin_counted), for any slot.
    #[inline]
    pub(crate) fn begin_counted_of(self, slot: Slot) -> Option<CountedCall> {
        self.begin_counted_at::<0>(slot.counter(self), 0, slot.site())
    }

    #[inline(always)]
    fn begin_counted_at<const SKIPPED: usize>(
        self,
        counters: Words,
        counter: usize,
        site: usize,
    ) -> Option<CountedCall> {
        let top = self.0.twins().get(shard::TOP);
        if top >= HEIGHT {
            cold_path();
            return None;
        }
        if !takes_one_to_come::<SKIPPED>(counters, counter) {
            return None;
        }
        self.0.twins().set(shard::TOP, top + frame::LEN as u64);
        let frame = self.0.at(shard::FRAMES).at(top as usize);
        frame.set(frame::SITE, site as u64);
        frame.set(frame::START, frame::NOT_TIMED);
        Some(CountedCall(top))
    }

    /// Counts calls that took no time, of a site whose slot is near and there.
    #[cfg(feature = "waits")]
    #[inline(always)]
    pub(crate) fn count_near(self, near: usize, calls: u64) -> bool {
        // No shard has a slot for 0.
        let is_there = near < shard::SLOT_COUNT && self.0.twins().block(shard::SLOTS + near).is_some();
        if is_there {
            self.0.at(shard::COUNTERS + near).add_at_once(0, calls);
        }
        is_there
    }

    /// Counts calls of a site whose slot is near, and returns how many had been counted before.
    #[cfg(feature = "depths")]
    #[inline(always)]
    pub(crate) fn count_near_from(self, near: usize, calls: u64) -> Option<u64> {
        if near >= shard::SLOT_COUNT {
            return None;
        }
        self.0.twins().block(shard::SLOTS + near)?;
        let counter = self.0.at(shard::COUNTERS + near);
        let before = slot::planned(counter.get(0));
        counter.add_at_once(0, calls);
        Some(before)
    }

    /// Counts an acquisition of a lock whose slot is near, if its hold is not to be timed.
    #[cfg(feature = "sync")]
    #[inline(always)]
    pub(crate) fn count_acquisition_near(self, near: usize) -> bool {
        // Only a slot that is there has calls to come.
        takes_one_to_come::<{ shard::COUNTERS }>(self.0, near)
    }

    /// Leaves the hold of an acquisition that waited untimed, if it need not be timed, of a lock whose slot is near. The acquisition is a call
    /// that was timed, and is not counted here.
    #[cfg(feature = "sync")]
    #[inline(always)]
    pub(crate) fn skip_hold_near(self, near: usize) -> bool {
        skip_hold(self.0.at(shard::COUNTERS + near))
    }

    /// The innermost call, if it is one of `slot` that is only counted.
    pub(crate) fn innermost_counted(self, slot: Slot) -> Option<CountedCall> {
        let frame = self.frame(self.top());
        let is_its = frame.get(frame::SITE) == slot.site() as u64 && frame.get(frame::START) == frame::NOT_TIMED;
        is_its.then(|| CountedCall((self.top() - frame::LEN) as u64))
    }

    /// Ends a call that [`begin_counted`](Self::begin_counted) began; does nothing and returns `false` if it is not the innermost one.
    #[inline(always)]
    pub(crate) fn end_counted(self, call: CountedCall) -> bool {
        self.end_counted_alone(call) || self.end_counted_handing_up(call)
    }

    /// As [`end_counted`](Self::end_counted), of a call below which none was timed. Does nothing and returns `false` if one was.
    #[inline(always)]
    pub(crate) fn end_counted_alone(self, CountedCall(below): CountedCall) -> bool {
        let frame = self.0.at(shard::FRAMES).at(below as usize);
        let is_innermost = self.0.twins().get(shard::TOP) == below.wrapping_add(frame::LEN as u64);
        if !is_innermost || frame.get(frame::MEASURING) != 0 {
            return false;
        }
        // The very number that was found: the next call need not wait for a sum.
        self.0.twins().set(shard::TOP, below);
        frame.set(frame::START, 0);
        true
    }

    /// As [`end_counted`](Self::end_counted). Hands what callees that were timed took up to the caller of a call that was not: their time is not
    /// that of whoever called it. Only then the frame is free, for signal handlers too.
    #[inline(never)]
    fn end_counted_handing_up(self, CountedCall(below): CountedCall) -> bool {
        if self.0.twins().get(shard::TOP) != below.wrapping_add(frame::LEN as u64) {
            return false;
        }
        let (caller, frame) = (self.frame(below as usize), self.frame(below as usize + frame::LEN));
        for word in [frame::MEASURING, frame::CHILD] {
            caller.add(word, frame.get(word));
            frame.set(word, 0);
        }
        #[cfg(feature = "allocations")]
        self.end_counted_allocations(below as usize + frame::LEN);
        self.0.twins().set(shard::TOP, below);
        frame.set(frame::START, 0);
        true
    }
}

/// Takes one off the calls still to come by a counter, if there is one.
#[inline(always)]
pub(super) fn takes_one_to_come<const SKIPPED: usize>(counters: Words, counter: usize) -> bool {
    const ONE_FEWER: u64 = slot::ONE_TO_COME.wrapping_neg();
    let there_was_none = counters.falls_below_0::<SKIPPED, ONE_FEWER>(counter);
    if there_was_none {
        cold_path();
        let _ = counters.falls_below_0::<SKIPPED, { slot::ONE_TO_COME }>(counter);
    }
    !there_was_none
}

/// One hold fewer is to come before the next one is timed, if any is, by the counter of a lock. None of the acquisitions is counted thereby.
#[cfg(feature = "sync")]
#[inline(always)]
pub(super) fn skip_hold(counter: Words) -> bool {
    let skips = slot::to_come(counter.get(0)) > 0;
    if skips {
        // Planned, and now neither to come nor counted.
        counter.add_at_once(0, (slot::ONE_TO_COME + 1).wrapping_neg());
    }
    skips
}
