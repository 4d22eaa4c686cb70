//! A shard: one thread's part of the recording, and the record path through it.
//!
//! The owning thread is the only writer. A call pushes a frame when it begins and pops it when it ends; between the two it
//! is in flight, which any reader can see. Neither takes a lock, makes a system call, or allocates once the
//! (thread, site) pair is known.
//!
//! [`Shard::end_call_fast`] is the fast path, for what a call commonly is: a few dozen instructions, since even those that do
//! not wait for the clock take their turn behind it. Everything else that a call may be (recursive, above the frame stack, from
//! a new caller, with a leaked guard above it, in a new histogram page, through a panic, sampled, a poll) takes the slow path,
//! [`Shard::end_call`], which would do the common calls as well, to the same effect.

use std::hint::cold_path;

use perf_report::recording::layout::{ALIGN, bucket_index, edge, frame, shard, slot, slot_table};

use super::Recording;
use super::edges::EdgeIncrement;
use super::memory::Words;
use super::slot::{Slot, WeightedTicks};
use crate::platform::clock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard(pub(crate) Words);

/// Words that a shard takes from the recording at once, to hand out to its own tables and pages.
const ARENA: usize = 1024;

/// Offset of the frame at the stack's limit.
const LIMIT: u64 = (shard::BASE + shard::FRAME_COUNT * frame::LEN) as u64;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallOutcome {
    /// It returned, or was unwound through.
    Call { unwound: bool },
    /// As `Call`, and the site is timed adaptively.
    AdaptiveCall { unwound: bool },
    /// A poll of a future that is not ready.
    Pending,
    /// The poll that made a future ready, or in which it panicked.
    ///
    /// It ended `lifetime` ticks after the first poll began.
    Ready { lifetime: u64, unwound: bool },
}

impl Shard {
    /// Adaptive timing: counts a call of a site, if it need not be timed; never if its slot is not near or not there.
    #[inline(always)]
    pub(crate) fn only_count(self, near: usize) -> bool {
        Slot(self.0.at(self.0.get(shard::SLOTS + near) as usize).computed()).only_count()
    }

    /// The slot of a site, if the shard has one.
    #[inline(always)]
    pub(crate) fn slot(self, site: usize) -> Option<Slot> {
        let offset = if site < shard::SLOT_COUNT {
            self.0.get(shard::SLOTS + site)
        } else {
            cold_path();
            self.further_slot(site)
        };
        if offset == 0 { None } else { Some(Slot(self.0.at(offset as usize))) }
    }

    /// The entry of a site that the shard itself has none for.
    #[inline(always)]
    fn further_slot(self, site: usize) -> u64 {
        let index = site - shard::SLOT_COUNT;
        match self.0.get(shard::SLOT_TABLE) as usize {
            0 => 0,
            table if index as u64 >= self.0.at(table).get(slot_table::LEN) => 0,
            table => self.0.at(table).get(slot_table::ENTRIES + index),
        }
    }

    /// Begins a call by the fast path, if there is room on the frame stack. The start is then to be set in the frame returned.
    #[inline(always)]
    pub(crate) fn begin_call_fast(self, site: usize, Slot(slot): Slot) -> Option<Words> {
        let top = self.0.get(shard::TOP);
        if top == LIMIT {
            return None;
        }
        // The frame is taken first and filled then: a signal handler in between uses the next one.
        self.0.set(shard::TOP, top + frame::LEN as u64);
        let frame = self.0.at(top as usize + frame::LEN);
        frame.set(frame::SITE, site as u64);
        frame.set(frame::CHILD, 0);
        // Not an addition: what is read here was written by the call before, and the clock would wait for the sum.
        if slot.get(slot::ACTIVE) == 0 {
            slot.set(slot::ACTIVE, 1);
        } else {
            cold_path();
            slot.add(slot::ACTIVE, 1);
        }
        Some(frame)
    }

    /// Sets the start of a call in its frame: the last thing done before it runs.
    ///
    /// A signal handler that ran on top of the frame since it was taken left its ticks in it. They may be more than the call
    /// takes, which then looks like a clock that went back. To empty the frame only here costs every call a nanosecond.
    #[inline(always)]
    pub(crate) fn set_start(frame: Words, start: u64) {
        frame.set(frame::START, start);
    }

    /// Begins a call wherever the stack stands. `counted` calls before it were counted and not timed.
    pub(crate) fn begin_call(self, slot: Slot, counted: u64, now: impl FnOnce() -> u64) -> u64 {
        match self.begin_call_fast(slot.0.get(slot::SITE) as usize, slot) {
            Some(frame) => {
                frame.set(frame::COUNTED, counted);
                #[cfg(feature = "allocations")]
                self.begin_allocations(self.0.get(shard::TOP) as usize);
                let start = now();
                Shard::set_start(frame, start);
                start
            }
            None => {
                let above = self.0.get(shard::ABOVE) + 1;
                self.0.set(shard::ABOVE, above);
                self.0.add(shard::DEEP_CALLS, 1);
                self.0.set(shard::DEEPEST, self.0.get(shard::DEEPEST).max(shard::FRAME_COUNT as u64 + above));
                slot.0.add(slot::ACTIVE, 1);
                now()
            }
        }
    }

    /// Ends a call from `start` to `end`, if the fast path can; otherwise does nothing and says so.
    #[inline(always)]
    pub(crate) fn end_call_fast(self, Slot(slot): Slot, start: u64, end: u64) -> bool {
        let top = self.0.get(shard::TOP) as usize;
        let frame = self.0.at(top);
        if frame.get(frame::START) != start || end < start {
            return false;
        }
        let ticks = end - start;
        // A frame of this shard, so the slot is this shard's too, and the base frame is below.
        let caller = self.0.at(top - frame::LEN);
        if slot.get(slot::ACTIVE) != 1 || caller.get(frame::SITE) != slot.get(slot::CALLER) {
            return false;
        }
        // Less than its callees took: the clock went back meanwhile.
        if ticks < frame.get(frame::CHILD) {
            return false;
        }
        // Of the calls before this one: see `Slot::add_sample`.
        let waiting = slot.get(slot::WAITING) as usize;
        let page = slot.get(slot::PAGES + waiting / slot::PAGE_LEN) as usize;
        if page == 0 {
            return false;
        }
        // The order is one in which what is at hand fits into the registers that need not be saved.
        self.0.set(shard::LAST_TICK, end);
        let pending_ns = clock::to_ns(slot.get(slot::PENDING), self.0.get(shard::BUCKET_SCALE));
        slot.set(slot::PENDING, ticks);
        slot.at(page).add(waiting % slot::PAGE_LEN, 1);
        slot.set(slot::WAITING, bucket_index(pending_ns) as u64);
        self.0.set(shard::TOP, (top - frame::LEN) as u64);
        frame.set(frame::START, 0);
        slot.set(slot::ACTIVE, 0);
        caller.add(frame::CHILD, ticks);
        slot.add(slot::SUM, ticks);
        slot.add(slot::SELF, ticks - frame.get(frame::CHILD));
        let edge = self.0.at(slot.get(slot::EDGE) as usize);
        edge.add(edge::CALLS, 1);
        edge.add(edge::TICKS, ticks);
        // Branches, as they are hardly ever taken.
        if ticks < slot.get(slot::MIN) {
            slot.set(slot::MIN, ticks);
        }
        if ticks > slot.get(slot::MAX) {
            slot.set(slot::MAX, ticks);
        }
        true
    }

    /// Ends the call or poll of `slot` from `start` to `end`.
    #[cold]
    #[inline(never)]
    pub(crate) fn end_call(self, recording: &Recording, slot: Slot, start: u64, end: u64, outcome: CallOutcome) {
        let ticks = end.saturating_sub(start);
        self.0.set(shard::LAST_TICK, end);
        let place = self.pop_frame(start, ticks);
        if end < start || ticks < place.child {
            self.0.add(shard::CLOCK_ANOMALIES, 1);
        }
        let Slot(words) = slot;
        let active = words.get(slot::ACTIVE).saturating_sub(u64::from(place.in_flight_here));
        words.set(slot::ACTIVE, active);
        let outermost = active == 0 || !place.in_flight_here;
        #[cfg(feature = "allocations")]
        if let Some(frame) = place.frame {
            self.end_allocations(frame, slot, outermost);
        }

        let weight = place.counted + 1;
        let own = ticks.saturating_sub(place.child);
        words.add(slot::SELF, own.wrapping_mul(weight));
        let (calls, unwound) = match outcome {
            CallOutcome::Call { unwound } | CallOutcome::AdaptiveCall { unwound } => {
                slot.add_sample(recording, self, WeightedTicks { ticks, weight });
                if !outermost {
                    words.add(slot::NESTED, ticks.wrapping_mul(weight));
                }
                if matches!(outcome, CallOutcome::AdaptiveCall { .. }) {
                    slot.plan_next_timed(self, ticks);
                }
                (weight, unwound)
            }
            CallOutcome::Pending | CallOutcome::Ready { .. } => {
                words.add(slot::POLLS, 1);
                if outermost {
                    words.add(slot::BUSY, ticks);
                }
                match outcome {
                    CallOutcome::Ready { lifetime, unwound } => {
                        slot.add_sample(recording, self, WeightedTicks { ticks: lifetime, weight: 1 });
                        (1, unwound)
                    }
                    _ => (0, false),
                }
            }
        };
        words.add(slot::UNWOUND, u64::from(unwound));
        let ticks = if outermost { ticks.wrapping_mul(weight) } else { 0 };
        let unseen = own.wrapping_mul(place.counted);
        self.record_edge(recording, slot, EdgeIncrement { caller: place.caller, calls, ticks, unseen });
    }

    /// Pops the frame that began at `start`, adding `ticks` to its caller's children.
    fn pop_frame(self, start: u64, ticks: u64) -> PoppedFrame {
        let top = self.0.get(shard::TOP) as usize;
        let above = self.0.get(shard::ABOVE);
        if above > 0 && self.0.at(top).get(frame::START) == start {
            // The call at the limit ends, so what is left above it are leaked guards.
            self.0.set(shard::ABOVE, 0);
        } else if above > 0 {
            // Above the stack's height the time stays with the function at the limit, which counts as the caller.
            self.0.set(shard::ABOVE, above - 1);
            let caller = self.0.at(top).get(frame::SITE);
            return PoppedFrame { caller, child: ticks, counted: 0, in_flight_here: true, frame: None };
        }
        let Some(mine) = self.frames_from(top).find(|&at| self.0.at(at).get(frame::START) == start) else {
            // Not in flight here: its stack was moved to this thread from another one.
            let caller = self.0.at(top).get(frame::SITE);
            return PoppedFrame { caller, child: 0, counted: 0, in_flight_here: false, frame: None };
        };
        // What lies above belongs to calls whose guards were leaked: they will not end.
        self.frames_from(top).take_while(|&at| at != mine).for_each(|at| self.abandon_frame(at));
        let frame = self.0.at(mine);
        frame.set(frame::START, 0);
        let counted = frame.get(frame::COUNTED);
        frame.set(frame::COUNTED, 0);
        let caller = self.0.at(mine - frame::LEN);
        caller.add(frame::CHILD, ticks);
        self.0.set(shard::TOP, (mine - frame::LEN) as u64);
        PoppedFrame {
            caller: caller.get(frame::SITE),
            child: frame.get(frame::CHILD),
            counted,
            in_flight_here: true,
            frame: Some(mine),
        }
    }

    /// Offsets of the frames from one down to the lowest, without the base.
    fn frames_from(self, top: usize) -> impl Iterator<Item = usize> {
        (shard::FRAMES..top + 1).step_by(frame::LEN).rev()
    }

    /// Empties the frame stack of a thread that ends: what is still in flight, above the stack too, will not end.
    pub(crate) fn abandon_frames(self, recording: &Recording) {
        let top = self.0.get(shard::TOP) as usize;
        if top == shard::BASE {
            return;
        }
        self.frames_from(top).for_each(|at| self.abandon_frame(at));
        if self.0.get(shard::ABOVE) > 0 {
            for Slot(slot) in self.slots(recording) {
                slot.add(slot::ABANDONED, slot.get(slot::ACTIVE));
                slot.set(slot::ACTIVE, 0);
            }
        }
        self.0.set(shard::TOP, shard::BASE as u64);
        self.0.set(shard::ABOVE, 0);
    }

    fn abandon_frame(self, at: usize) {
        let frame = self.0.at(at);
        if let Some(Slot(slot)) = self.slot(frame.get(frame::SITE) as usize) {
            slot.set(slot::ACTIVE, slot.get(slot::ACTIVE).saturating_sub(1));
            slot.add(slot::ABANDONED, 1);
        }
        frame.set(frame::START, 0);
        frame.set(frame::COUNTED, 0);
    }

    /// A future's first poll.
    pub(crate) fn future_started(self, Slot(slot): Slot) {
        slot.add(slot::STARTED, 1);
    }

    /// A future was dropped before it was ready, `lifetime` ticks after its first poll.
    pub(crate) fn future_cancelled(self, recording: &Recording, slot: Slot, lifetime: u64) {
        slot.add_sample(recording, self, WeightedTicks { ticks: lifetime, weight: 1 });
        slot.0.add(slot::CANCELLED, 1);
        let caller = self.0.at(self.0.get(shard::TOP) as usize).get(frame::SITE);
        self.record_edge(recording, slot, EdgeIncrement { caller, calls: 1, ticks: 0, unseen: 0 });
    }

    /// Makes a slot for a site. `None` when the recording is full.
    pub(crate) fn new_slot(self, recording: &Recording, site: usize) -> Option<Slot> {
        let entry = match site.checked_sub(shard::SLOT_COUNT) {
            None => self.0.at(shard::SLOTS + site),
            Some(index) => self.slot_table_for(recording, index)?.at(slot_table::ENTRIES + index),
        };
        let slot = self.allocate(recording, slot::LEN)?;
        slot.set(slot::SITE, site as u64);
        slot.set(slot::MIN, u64::MAX);
        slot.set(slot::WAITING, bucket_index(u64::MAX) as u64);
        slot.set(slot::CALLER, u64::MAX);
        entry.publish(0, recording.distance(self.0, slot) as u64);
        Some(Slot(slot))
    }

    /// The table of further slots, replaced by a larger copy if it has no entry `index`.
    fn slot_table_for(self, recording: &Recording, index: usize) -> Option<Words> {
        let old =
            Some(self.0.get(shard::SLOT_TABLE) as usize).filter(|&table| table != 0).map(|table| self.0.at(table));
        let len = old.map_or(0, |old| old.get(slot_table::LEN) as usize);
        if let Some(old) = old.filter(|_| index < len) {
            return Some(old);
        }
        let new_len = recording.sites().max(index + 1).max(len * 2).next_multiple_of(64);
        let new = self.allocate(recording, slot_table::ENTRIES + new_len)?;
        new.set(slot_table::LEN, new_len as u64);
        if let Some(old) = old {
            for entry in slot_table::ENTRIES..slot_table::ENTRIES + len {
                new.set(entry, old.get(entry));
            }
        }
        self.0.publish(shard::SLOT_TABLE, recording.distance(self.0, new) as u64);
        Some(new)
    }

    /// All slots of this shard.
    pub(crate) fn slots(self, recording: &Recording) -> impl Iterator<Item = Slot> {
        (1..=recording.sites()).filter_map(move |site| self.slot(site))
    }

    /// Zeroed words for this shard's use.
    #[cold]
    pub(crate) fn allocate(self, recording: &Recording, len: usize) -> Option<Words> {
        let len = len.next_multiple_of(ALIGN);
        let mut next = self.0.get(shard::ARENA_NEXT) as usize;
        if next + len > self.0.get(shard::ARENA_END) as usize {
            let take = |size: usize| Some((recording.allocate(size)?, size));
            let (fresh, size) = take(len.max(ARENA)).or_else(|| take(len))?;
            next = recording.offset(fresh);
            self.0.set(shard::ARENA_END, (next + size) as u64);
        }
        self.0.set(shard::ARENA_NEXT, (next + len) as u64);
        Some(recording.words(next))
    }

    pub(crate) fn random(self) -> u64 {
        // Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
        let mut state = self.0.get(shard::RANDOM) | 1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(shard::RANDOM, state);
        state >> 11
    }
}

/// Where a call that ended stood in the stack.
#[derive(Clone, Copy, Debug)]
struct PoppedFrame {
    caller: u64,
    child: u64,
    counted: u64,
    in_flight_here: bool,
    /// Where its frame was, unless it had none here.
    #[cfg_attr(not(feature = "allocations"), expect(dead_code, reason = "allocations are counted by it"))]
    frame: Option<usize>,
}
