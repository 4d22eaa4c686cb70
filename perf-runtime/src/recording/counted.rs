//! Calls that are counted and not timed: how they begin and end, and for what the next one that is timed stands.
//!
//! They do not keep a signal handler out that interrupts them. So their counter is stepped by one instruction, and may be below 0 then: see
//! [`slot::overdrawn`].

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

/// The calls that were counted before one that was timed and also stands for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others {
    pub(super) calls: u64,
    /// Ticks of the one that was timed.
    ticks: u64,
    /// Ticks that all of the others can have taken at most.
    within: u64,
    /// Whether they can't all have taken as long as that one, which was interrupted perhaps.
    pub(super) are_bounded: bool,
}

impl Others {
    pub(super) const NONE: Others = Others { calls: 0, ticks: 0, within: 0, are_bounded: false };

    pub(super) fn of(counted: Counted, start: u64, ticks: u64) -> Others {
        let (calls, within) = (counted.calls, counted.within(start));
        Others { calls, ticks, within, are_bounded: ticks.saturating_mul(calls) > within }
    }

    /// The ticks of the others, as far as they went into what took `ticks` of that one.
    pub(super) fn part(self, ticks: u64) -> u64 {
        if self.are_bounded {
            (u128::from(ticks) * u128::from(self.within) / u128::from(self.ticks)) as u64
        } else {
            ticks.wrapping_mul(self.calls)
        }
    }
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
    /// Adaptive timing: counts a call of a near site and pushes its frame, without a start. `None` if it is to be timed, if its slot is
    /// not near or not there, or if there is no room on the frame stack.
    #[inline(always)]
    pub(crate) fn begin_counted(self, near: usize) -> Option<CountedCall> {
        self.begin_counted_at(self.0.at(shard::COUNTERS + near), near)
    }

    /// As [`begin_counted`](Self::begin_counted), for any slot.
    #[inline]
    pub(crate) fn begin_counted_of(self, slot: Slot) -> Option<CountedCall> {
        self.begin_counted_at(slot.counter(self), slot.site())
    }

    #[inline(always)]
    fn begin_counted_at(self, counter: Words, site: usize) -> Option<CountedCall> {
        let count = counter.get(0);
        let top = self.0.twins().get(shard::TOP);
        if !slot::is_next_counted(count) || top >= HEIGHT {
            return None;
        }
        // A signal handler may have counted calls since the look at it.
        counter.add_at_once(0, 1_u64.wrapping_neg());
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
            self.0.at(shard::COUNTERS + near).add_at_once(0, calls << slot::COUNTER_BITS);
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
        let before = counter.get(0);
        counter.set(0, before.wrapping_add(calls << slot::COUNTER_BITS));
        Some(before >> slot::COUNTER_BITS)
    }

    /// Counts an acquisition of a lock whose slot is near, if its hold is not to be timed.
    #[cfg(feature = "sync")]
    #[inline(always)]
    pub(crate) fn count_acquisition_near(self, near: usize) -> bool {
        // Only a slot that is there has calls to come.
        let counter = self.0.at(shard::COUNTERS + near);
        let counts = slot::is_next_counted(counter.get(0));
        if counts {
            counter.add_at_once(0, 1_u64.wrapping_neg());
        }
        counts
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
    pub(crate) fn end_counted(self, CountedCall(below): CountedCall) -> bool {
        if self.0.twins().get(shard::TOP) != below.wrapping_add(frame::LEN as u64) {
            return false;
        }
        let frame = self.0.at(shard::FRAMES).at(below as usize);
        if frame.get(frame::MEASURING) | frame.get(frame::CHILD) != 0 {
            return self.end_counted_handing_up(below);
        }
        // The very number that was found: the next call need not wait for a sum.
        self.0.twins().set(shard::TOP, below);
        frame.set(frame::START, 0);
        true
    }

    /// As [`end_counted`](Self::end_counted). Hands what callees that were timed took up to the caller of a call that was not: their time is not
    /// that of whoever called it. Only then the frame is free, for signal handlers too.
    #[inline(never)]
    fn end_counted_handing_up(self, below: u64) -> bool {
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

/// One hold fewer is to come before the next one is timed, if any is, by the counter of a lock. None of the acquisitions is counted thereby.
#[cfg(feature = "sync")]
#[inline(always)]
pub(super) fn skip_hold(counter: Words) -> bool {
    let count = counter.get(0);
    let skips = slot::is_next_counted(count);
    if skips {
        // Planned, and now neither to come nor counted.
        counter.set(0, count.wrapping_sub((1 << slot::COUNTER_BITS) + 1));
    }
    skips
}
