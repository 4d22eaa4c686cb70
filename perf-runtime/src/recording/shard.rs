//! A shard: one thread's part of the recording, and the record path through it.
//!
//! The owning thread is the only writer. [`Shard::begin`] pushes a frame, [`Shard::end`] pops it and keeps the call's
//! figures; between them the call is in flight, which any reader can see. Neither takes a lock, makes a system call, or
//! allocates once the (thread, site) pair is known.
//!
//! A signal handler or allocator that runs inside the recorder and calls an annotated function meets [`Shard::is_busy`] and
//! does not touch the shard; its calls count as lost.

use std::sync::atomic::{Ordering, compiler_fence};

use perf_report::recording::layout::{frame, shard, slot, slot_table};

use super::Recording;
use super::edges::Call;
use super::memory::Words;
use super::slot::{Sample, Slot};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard(pub(crate) Words);

/// Words that a shard takes from the recording at once, to hand out to its own tables and pages.
const ARENA: usize = 1024;

/// What became of a call that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// In the figures of its site.
    Recorded,
    /// Its site has no slot.
    WithoutSlot {
        ticks: u64,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It returned, or unwound.
    Returned {
        /// By a panic.
        unwound: bool,
    },
    /// A poll of a future that is not ready.
    Pending,
    /// The poll that made a future ready, or in which it panicked; `lifetime` ticks after its first poll.
    Ready {
        lifetime: u64,
        unwound: bool,
    },
}

impl Shard {
    /// Whether the owner is in the middle of a change.
    #[inline(always)]
    pub(crate) fn is_busy(self) -> bool {
        self.0.get(shard::BUSY) != 0
    }

    #[inline(always)]
    pub(crate) fn bucket_scale(self) -> u64 {
        self.0.get(shard::BUCKET_SCALE)
    }

    /// The slot of a site, if the shard has one.
    #[inline(always)]
    pub(crate) fn slot(self, site: usize) -> Option<Slot> {
        let table = self.0.at(self.0.get(shard::SLOT_TABLE) as usize);
        if site as u64 > table.get(slot_table::HIGHEST_ID) || site == 0 {
            return None;
        }
        match table.get(site) as usize {
            0 => None,
            offset => Some(Slot(self.0.at(offset))),
        }
    }

    /// Begins a call: pushes a frame, whose start is then to be set by [`started`](Self::started).
    #[inline(always)]
    pub(crate) fn begin(self, site: usize, slot: Option<Slot>, flags: u64) -> Option<Words> {
        let depth = self.0.get(shard::DEPTH) as usize;
        self.0.set(shard::DEPTH, depth as u64 + 1);
        if let Some(Slot(slot)) = slot {
            slot.add(slot::ACTIVE, 1);
        }
        if depth as u64 >= self.0.get(shard::DEEPEST) {
            self.0.set(shard::DEEPEST, depth as u64 + 1);
        }
        if depth < shard::FRAME_COUNT {
            let frame = self.frame(depth);
            frame.set(frame::SITE, site as u64);
            frame.set(frame::CHILD, 0);
            frame.set(frame::FLAGS, flags);
            Some(frame)
        } else {
            self.0.add(shard::DEEP_CALLS, 1);
            None
        }
    }

    #[inline(always)]
    fn frame(self, depth: usize) -> Words {
        self.0.at(shard::FRAMES + depth * frame::LEN)
    }

    /// The depth of the frame that began at `start`, if the call is in flight here.
    ///
    /// Almost always the top one. Frames above it belong to calls whose guards were leaked: they will not end.
    #[inline(always)]
    fn position(self, start: u64) -> Option<usize> {
        let top = (self.0.get(shard::DEPTH) as usize).checked_sub(1)?;
        if top >= shard::FRAME_COUNT || self.frame(top).get(frame::START) == start {
            Some(top)
        } else {
            self.position_below_leaked(top, start)
        }
    }

    #[cold]
    #[inline(never)]
    fn position_below_leaked(self, top: usize, start: u64) -> Option<usize> {
        let depth = (0..top).rev().find(|&depth| self.frame(depth).get(frame::START) == start)?;
        for leaked in depth + 1..=top {
            self.abandon(self.frame(leaked));
        }
        Some(depth)
    }

    /// Ends the call of `site` that began at `start`.
    #[inline(always)]
    pub(crate) fn end(
        self,
        recording: &Recording,
        site: usize,
        (start, end): (u64, u64),
        adaptive: bool,
        outcome: Outcome,
    ) -> Ended {
        self.0.set(shard::BUSY, 1);
        compiler_fence(Ordering::AcqRel);

        let mut ticks = end.wrapping_sub(start);
        if end < start {
            ticks = 0;
            self.0.add(shard::CLOCK_ANOMALIES, 1);
        }
        let slot = self.slot(site);
        // A call that is not in flight in this thread (its stack was moved here from another one) is kept without its place
        // in the stack.
        let position = self.position(start);
        let (mut child, mut flags, mut caller) = (0, 0, 0);
        if let Some(depth) = position {
            if depth < shard::FRAME_COUNT {
                let frame = self.frame(depth);
                child = frame.get(frame::CHILD);
                flags = frame.get(frame::FLAGS);
                frame.set(frame::START, 0);
            } else {
                child = ticks;
            }
            if depth > 0 {
                let parent = self.frame((depth - 1).min(shard::FRAME_COUNT - 1));
                caller = parent.get(frame::SITE) as usize;
                // Above the stack's height the time stays with the function at the limit.
                if depth < shard::FRAME_COUNT {
                    parent.add(frame::CHILD, ticks);
                }
            }
            self.0.set(shard::DEPTH, depth as u64);
        }
        self.0.set(shard::LAST_TICK, end);

        let ended = match slot {
            Some(slot) => {
                let call = Measured { site, caller, ticks, child: child.min(ticks), flags, adaptive, outcome };
                self.keep(recording, slot, position.is_some(), call);
                Ended::Recorded
            }
            None => Ended::WithoutSlot { ticks },
        };

        compiler_fence(Ordering::AcqRel);
        self.0.set(shard::BUSY, 0);
        ended
    }

    #[inline(always)]
    fn keep(self, recording: &Recording, slot: Slot, in_flight_here: bool, call: Measured) {
        let Slot(words) = slot;
        let Measured { ticks, child, .. } = call;
        let weight = (call.flags >> 1) + 1;
        let own = ticks - child;
        let mut outermost = true;
        if in_flight_here {
            let active = words.get(slot::ACTIVE).wrapping_sub(1);
            words.set(slot::ACTIVE, active);
            outermost = active == 0;
        }
        words.add(slot::SELF, own.wrapping_mul(weight));

        let mut calls = 1;
        let mut unwound = false;
        match call.outcome {
            Outcome::Returned { unwound: by_panic } => {
                slot.sample(recording, self, Sample { ticks, weight });
                if !outermost {
                    words.add(slot::NESTED, ticks.wrapping_mul(weight));
                }
                unwound = by_panic;
                if call.adaptive {
                    slot.plan_next_timed(self, ticks);
                }
            }
            Outcome::Pending | Outcome::Ready { .. } => {
                words.add(slot::POLLS, 1);
                if outermost {
                    words.add(slot::BUSY, ticks);
                }
                match call.outcome {
                    Outcome::Ready { lifetime, unwound: by_panic } => {
                        slot.sample(recording, self, Sample { ticks: lifetime, weight: 1 });
                        unwound = by_panic;
                    }
                    _ => calls = 0,
                }
            }
        }
        // A call that began while the thread was unwinding (in a destructor) did not unwind itself.
        if unwound && call.flags & 1 == 0 {
            words.add(slot::UNWOUND, 1);
        }
        self.record_edge(
            recording,
            Call {
                caller: call.caller,
                callee: call.site,
                calls: calls * weight,
                ticks: if outermost { ticks.wrapping_mul(weight) } else { 0 },
                unseen: own.wrapping_mul(weight - 1),
            },
        );
    }

    /// A future's first poll.
    pub(crate) fn future_started(self, Slot(slot): Slot) {
        slot.add(slot::STARTED, 1);
    }

    /// A future was dropped before it was ready, `lifetime` ticks after its first poll.
    pub(crate) fn future_cancelled(self, recording: &Recording, site: usize, slot: Slot, lifetime: u64) {
        self.0.set(shard::BUSY, 1);
        compiler_fence(Ordering::AcqRel);
        slot.sample(recording, self, Sample { ticks: lifetime, weight: 1 });
        slot.0.add(slot::CANCELLED, 1);
        let depth = (self.0.get(shard::DEPTH) as usize).min(shard::FRAME_COUNT);
        let caller = if depth == 0 { 0 } else { self.frame(depth - 1).get(frame::SITE) as usize };
        self.record_edge(recording, Call { caller, callee: site, calls: 1, ticks: 0, unseen: 0 });
        compiler_fence(Ordering::AcqRel);
        self.0.set(shard::BUSY, 0);
    }

    /// Adaptive timing: counts a call, if it need not be timed.
    #[inline(always)]
    pub(crate) fn only_count(self, Slot(slot): Slot) -> bool {
        let counter = slot.get(slot::COUNTER);
        let counts = counter & ((1 << slot::COUNTER_BITS) - 1) != 0;
        if counts {
            slot.set(slot::COUNTER, counter - 1);
        }
        counts
    }

    /// Adaptive timing: takes the calls counted since the last timed one, for which the one that begins now stands too.
    #[inline(always)]
    pub(crate) fn take_counted(self, Slot(slot): Slot) -> u64 {
        let counted = slot.get(slot::PERIOD);
        slot.set(slot::PERIOD, 0);
        counted
    }

    /// Makes a slot for a site. `None` when the recording is full.
    pub(crate) fn new_slot(self, recording: &Recording, site: usize) -> Option<Slot> {
        let table = self.slot_table_for(recording, site)?;
        let slot = self.allocate(recording, slot::LEN)?;
        slot.set(slot::SITE, site as u64);
        table.publish(site, recording.distance(self.0, slot) as u64);
        Some(Slot(slot))
    }

    /// The slot table, replaced by a larger copy if it has no entry for the site.
    fn slot_table_for(self, recording: &Recording, site: usize) -> Option<Words> {
        let old = self.0.at(self.0.get(shard::SLOT_TABLE) as usize);
        let highest = old.get(slot_table::HIGHEST_ID) as usize;
        if site <= highest {
            return Some(old);
        }
        let new_highest = recording.sites().max(site).max(highest * 2) | 63;
        let new = self.allocate(recording, new_highest + 1)?;
        new.set(slot_table::HIGHEST_ID, new_highest as u64);
        for id in 1..=highest {
            new.set(id, old.get(id));
        }
        self.0.publish(shard::SLOT_TABLE, recording.distance(self.0, new) as u64);
        Some(new)
    }

    /// Zeroed words for this shard's use.
    #[cold]
    pub(crate) fn allocate(self, recording: &Recording, len: usize) -> Option<Words> {
        let len = len.next_multiple_of(perf_report::recording::layout::ALIGN);
        let mut next = self.0.get(shard::ARENA_NEXT) as usize;
        if next + len > self.0.get(shard::ARENA_END) as usize {
            let (fresh, size) = [len.max(ARENA), len]
                .into_iter()
                .find_map(|size| Some((recording.allocate(size)?, size)))?;
            next = recording.offset(fresh);
            self.0.set(shard::ARENA_END, (next + size) as u64);
        }
        self.0.set(shard::ARENA_NEXT, (next + len) as u64);
        Some(recording.words(next))
    }

    /// Empties the frame stack of a thread that ends: what is still in it will not end.
    pub(crate) fn abandon_frames(self) {
        let depth = (self.0.get(shard::DEPTH) as usize).min(shard::FRAME_COUNT);
        for depth in (0..depth).rev() {
            self.abandon(self.frame(depth));
        }
        self.0.set(shard::DEPTH, 0);
    }

    fn abandon(self, frame: Words) {
        if let Some(Slot(slot)) = self.slot(frame.get(frame::SITE) as usize) {
            slot.set(slot::ACTIVE, slot.get(slot::ACTIVE).saturating_sub(1));
            slot.add(slot::ABANDONED, 1);
        }
        frame.set(frame::START, 0);
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

/// A call that ended, as the stack knew it.
#[derive(Clone, Copy, Debug)]
struct Measured {
    site: usize,
    caller: usize,
    ticks: u64,
    child: u64,
    flags: u64,
    adaptive: bool,
    outcome: Outcome,
}
