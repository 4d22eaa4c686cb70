//! A shard: one thread's part of the recording, and the record path through it.
//!
//! The owning thread is the only writer. A call pushes a frame when it begins and pops it when it ends; between the two it
//! is in flight, which any reader can see. Neither takes a lock, makes a system call, or allocates once the
//! (thread, site) pair is known.
//!
//! [`Shard::end_call_fast`] is the fast path, for what a call commonly is: a few dozen instructions, since even those that do
//! not wait for the clock take their turn behind it. Recursive calls, polls and those that stand for others end in place
//! ([`super::in_place`]). Everything else that a call may be (above the frame stack, from a new caller, with a leaked guard above it, in a
//! new histogram page, through a panic, in a trace window) takes the slow path, [`Shard::end_call`], which would do the others as well, to the
//! same effect.
//!
//! Pointers from one word to another are read from twins, which nobody else can write (see [`super::memory`]); what is read from the
//! recording itself is a figure, and whatever stands there the worst that follows is a wrong figure.

use std::hint::cold_path;
use std::sync::atomic::{Ordering, compiler_fence};

use perf_report::recording::layout::{bucket_index, edge, frame, shard, slot, slot_table};

use super::Recording;
use super::counted::{Counted, Others, Ticks};
use super::edges::EdgeIncrement;
use super::frames::{ENTERED_WHILE_UNWINDING, HEIGHT};
use super::memory::Words;
use super::slot::{Slot, WeightedTicks};
use crate::platform::clock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard(pub(crate) Words);

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
    /// It ended `lifetime` ticks after the first poll.
    Ready { lifetime: u64, unwound: bool },
}

/// The facts about a call that begins by the slow path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallBegin {
    /// Where timing is adaptive: calls before it that were counted and not timed.
    pub(crate) counted: Option<Counted>,
    /// Whether its thread unwinds already, so that this is no call that the panic leaves.
    pub(crate) unwinding: bool,
}

impl Shard {
    /// Something took some time that no thread spent in it, and stands for so many times.
    #[cfg(any(feature = "channel", feature = "sync", feature = "tasks"))]
    pub(crate) fn record_beside_calls(self, recording: &Recording, slot: Slot, ticks: u64, weight: u64) {
        slot.add_sample(recording, self, ticks.wrapping_mul(weight), WeightedTicks { ticks, weight });
        slot.0.add(slot::TIMED, 1);
        slot.count(self, weight - 1);
    }

    /// A lock was held for some time, which stands for so many holds. That is no time of the thread's own.
    #[cfg(feature = "sync")]
    pub(crate) fn record_hold(self, recording: &Recording, slot: Slot, ticks: u64, weight: u64) {
        self.record_beside_calls(recording, slot, ticks, weight);
        let (caller, ticks) = (self.frame(self.top()).get(frame::SITE), ticks.wrapping_mul(weight));
        self.record_edge(recording, slot, EdgeIncrement { caller, calls: weight, ticks, unseen: 0, active: 0 });
    }

    /// Whether calls of all sites may be only counted.
    #[inline]
    pub(crate) fn is_adaptive(self) -> bool {
        self.0.twins().get(shard::FAST_HEIGHT) == 0
    }

    /// The slot of a site, if the shard has one.
    #[inline(always)]
    pub(crate) fn slot(self, site: usize) -> Option<Slot> {
        if site < shard::SLOT_COUNT {
            self.0.twins().block(shard::SLOTS + site).map(Slot)
        } else {
            cold_path();
            self.further_slot(site)
        }
    }

    /// The slot of a site that the shard itself has no entry for.
    #[inline(always)]
    fn further_slot(self, site: usize) -> Option<Slot> {
        let table = self.0.twins().block(shard::SLOT_TABLE)?.twins();
        let index = site - shard::SLOT_COUNT;
        if index as u64 >= table.get(slot_table::LEN) {
            None
        } else {
            table.block(slot_table::ENTRIES + index).map(Slot)
        }
    }

    /// Begins a call by the fast path, if there is room on the frame stack. The start is then to be set in the frame returned.
    #[inline(always)]
    pub(crate) fn begin_call_fast(self, site: usize, slot: Slot) -> Option<Words> {
        self.push_frame(site, slot, self.0.twins().get(shard::FAST_HEIGHT))
    }

    /// Pushes the frame of a call that is timed, if the stack is not as high as `height` yet.
    #[inline(always)]
    fn push_frame(self, site: usize, Slot(slot): Slot, height: u64) -> Option<Words> {
        let top = self.0.twins().get(shard::TOP);
        // Not equality: nothing may be stored above the stack, whatever happened to it.
        if top >= height {
            return None;
        }
        // The frame is taken first and filled then: a signal handler in between uses the next one.
        self.0.twins().set(shard::TOP, top + frame::LEN as u64);
        let frame = self.0.at(shard::FRAMES).at(top as usize);
        frame.set(frame::SITE, site as u64);
        // Not an addition: what is read here was written by the call before, and the clock would wait for the sum.
        if slot.get(slot::ACTIVE) == 0 {
            slot.set(slot::ACTIVE, 1);
        } else {
            cold_path();
            slot.add(slot::ACTIVE, 1);
            // Keeps the two stores apart: made one, they take two instructions more.
            compiler_fence(Ordering::AcqRel);
        }
        Some(frame)
    }

    /// Sets the start of a call in its frame: the last thing done before it runs.
    ///
    /// A signal handler that ran on top of the frame since it was taken left its ticks in it. They may be more than the call
    /// takes, which then has no self time. To empty the frame only here costs every call a nanosecond.
    #[inline(always)]
    pub(crate) fn set_start(frame: Words, start: u64) {
        frame.set(frame::START, start);
    }

    /// The clock at the end of the latest call that ended.
    #[cfg(any(feature = "sql", feature = "sync"))]
    pub(crate) fn last_tick(self) -> u64 {
        self.0.get(shard::LAST_TICK)
    }

    /// The site of the innermost call in flight; 0 if there is none.
    #[cfg(feature = "sql-sqlx")]
    pub(crate) fn innermost_site(self) -> u64 {
        self.frame(self.top()).get(frame::SITE)
    }

    /// When the innermost call in flight began; near 0 if none is timed.
    #[cfg(feature = "sql")]
    pub(crate) fn innermost_start(self) -> u64 {
        self.frame(self.top()).get(frame::START)
    }

    /// How many ns a tick is, as [`clock::to_ns`](crate::platform::clock::to_ns) takes it.
    #[cfg(feature = "sql")]
    pub(crate) fn bucket_scale(self) -> u64 {
        self.0.twins().get(shard::BUCKET_SCALE)
    }

    /// Begins a call that also stands for those that were counted before it, if there is room on the frame stack and no trace window is open.
    /// The start is then to be set in the frame returned.
    #[inline(always)]
    pub(crate) fn begin_for_others(self, slot: Slot) -> Option<Words> {
        if self.0.twins().get(shard::TOP) >= self.0.twins().get(shard::IN_PLACE_HEIGHT) {
            return None;
        }
        let counted = slot.take_counted(self);
        let frame = self.push_frame(slot.site(), slot, HEIGHT)?;
        frame.set(frame::COUNTED, counted.to_word());
        Some(frame)
    }

    /// Begins a call wherever the stack stands.
    pub(crate) fn begin_call(self, slot: Slot, begin: CallBegin, now: impl FnOnce() -> u64) -> u64 {
        match self.push_frame(slot.site(), slot, HEIGHT) {
            Some(frame) => {
                let unwinding = if begin.unwinding { ENTERED_WHILE_UNWINDING } else { 0 };
                frame.set(frame::COUNTED, begin.counted.map_or(0, Counted::to_word) | unwinding);
                let start = now();
                Shard::set_start(frame, start);
                start
            }
            None => {
                let above = self.0.twins().get(shard::ABOVE) + 1;
                self.0.twins().set(shard::ABOVE, above);
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
        let top = self.0.twins().get(shard::TOP) as usize;
        let frame = self.0.at(shard::BASE).at(top);
        // Of a stack that was moved here from another thread it is another call's start, unless both began in the same tick. Then a figure may
        // be lost; to compare the sites as well would cost every call.
        if frame.get(frame::START) != start || end < start {
            return false;
        }
        let ticks = end - start;
        // A frame of this shard, so the slot is this shard's too, and the base frame is below.
        let caller = self.0.at(shard::BASE - frame::LEN).at(top);
        if slot.get(slot::ACTIVE) != 1 || caller.get(frame::SITE) != slot.twins().get(slot::CALLER) {
            return false;
        }
        let child = frame.get(frame::CHILD);
        // Less than its callees took: the clock went back meanwhile.
        if ticks < child {
            return false;
        }
        // The cost is a mean, and the calls below may have been cheaper: then sums get a negative summand.
        let measuring = frame.get(frame::MEASURING);
        let net = ticks.wrapping_sub(measuring);
        let shown = ticks.saturating_sub(measuring);
        // Of the calls before this one: see `Slot::add_sample`.
        let (page, bucket) = slot::waiting_place(slot.get(slot::WAITING));
        let Some(page) = slot.twins().block(slot::PAGES + page) else { return false };
        // The order is one in which what is at hand fits into the registers that need not be saved.
        self.0.set(shard::LAST_TICK, end);
        let pending_ns = clock::to_ns(slot.get(slot::PENDING), self.0.twins().get(shard::BUCKET_SCALE));
        slot.set(slot::PENDING, shown);
        page.add(bucket, 1);
        slot.set(slot::WAITING, slot::waiting(bucket_index(pending_ns)));
        self.0.twins().set(shard::TOP, top.wrapping_sub(frame::LEN) as u64);
        // A frame is left empty for the next call.
        frame.set(frame::START, 0);
        frame.set(frame::CHILD, 0);
        frame.set(frame::MEASURING, 0);
        slot.set(slot::ACTIVE, 0);
        caller.add(frame::CHILD, ticks);
        caller.add(frame::MEASURING, measuring.wrapping_add(self.0.twins().get(shard::TIMED_COST)));
        slot.add(slot::SUM, ticks);
        slot.add(slot::MEASURING, measuring);
        slot.add(slot::SELF, ticks - child);
        let edge = self.0.at(slot.twins().get(slot::EDGE) as usize);
        edge.add(edge::CALLS, 1);
        edge.add(edge::TICKS, net);
        // Branches, as they are hardly ever taken.
        if shown < slot.get(slot::MIN) {
            slot.set(slot::MIN, shown);
        }
        if shown > slot.get(slot::MAX) {
            slot.set(slot::MAX, shown);
        }
        true
    }

    /// Ends the call or poll of `slot` from `start` to `end`.
    #[cold]
    #[inline(never)]
    pub(crate) fn end_call(self, recording: &Recording, slot: Slot, start: u64, end: u64, outcome: CallOutcome) {
        let ticks = end.saturating_sub(start);
        self.0.set(shard::LAST_TICK, end);
        let cost = self.0.twins().get(match outcome {
            CallOutcome::Call { .. } => shard::TIMED_COST,
            CallOutcome::AdaptiveCall { .. } => shard::ADAPTIVE_COST,
            CallOutcome::Pending | CallOutcome::Ready { .. } => shard::POLL_COST,
        });
        let popped = self.pop_frame(slot, start, ticks, cost);
        // Less than its callees took is no such: it may be a signal handler's calls, see `set_start`.
        if end < start {
            self.0.add(shard::CLOCK_ANOMALIES, 1);
        }
        let Slot(words) = slot;
        let active = words.get(slot::ACTIVE).saturating_sub(u64::from(popped.in_flight_here));
        words.set(slot::ACTIVE, active);
        if !popped.in_flight_here {
            // It was given up here before, or will be where it began.
            words.add(slot::ABANDONED, 1_u64.wrapping_neg());
        }
        let outermost = active == 0 || !popped.in_flight_here;
        #[cfg(feature = "allocations")]
        if let Some(frame) = popped.frame {
            self.end_allocations(frame, slot);
        }

        // A frame may hold what an adaptive call left that another one popped, begun in the same tick on another stack.
        let is_adaptive = matches!(outcome, CallOutcome::AdaptiveCall { .. });
        let own = ticks.saturating_sub(popped.child);
        let each = Ticks { all: ticks, own, measuring: popped.measuring };
        let others = if is_adaptive { Others::of(self, slot, popped.counted, start, each) } else { Others::NONE };
        words.add(slot::SELF, own.wrapping_add(others.ticks.own));
        let measuring = popped.measuring.wrapping_add(others.ticks.measuring);
        words.add(slot::MEASURING, measuring);
        let net = ticks.wrapping_add(others.ticks.all).wrapping_sub(measuring);
        let (calls, unwound) = match outcome {
            CallOutcome::Call { unwound } | CallOutcome::AdaptiveCall { unwound } => {
                let shown = ticks.saturating_sub(popped.measuring);
                let weight = others.calls.wrapping_add(1);
                if others.is_odd {
                    let Ticks { all, measuring, .. } = others.ticks;
                    let each = all.saturating_sub(measuring) / others.calls;
                    slot.add_estimate(recording, self, all, WeightedTicks { ticks: each, weight: others.calls });
                    slot.add_sample(recording, self, ticks, WeightedTicks { ticks: shown, weight: 1 });
                } else {
                    let raw = ticks.wrapping_add(others.ticks.all);
                    slot.add_sample(recording, self, raw, WeightedTicks { ticks: shown, weight });
                }
                if !outermost {
                    words.add(slot::NESTED, net);
                }
                if is_adaptive {
                    others.settle(slot);
                    slot.plan_next_timed(self, start, shown);
                }
                (weight, unwound && !popped.entered_while_unwinding)
            }
            CallOutcome::Pending | CallOutcome::Ready { .. } => {
                words.add(slot::POLLS, 1);
                slot.note_poll(ticks.saturating_sub(popped.measuring));
                if outermost {
                    words.add(slot::BUSY, net);
                }
                match outcome {
                    CallOutcome::Ready { lifetime, unwound } => {
                        let shown = lifetime.saturating_sub(popped.measuring);
                        slot.add_sample(recording, self, lifetime, WeightedTicks { ticks: shown, weight: 1 });
                        if !outermost {
                            words.add(slot::NESTED, lifetime);
                        }
                        (1, unwound)
                    }
                    _ => (0, false),
                }
            }
        };
        words.add(slot::UNWOUND, u64::from(unwound));
        let (ticks, unseen) = (if outermost { net } else { 0 }, others.ticks.own);
        self.record_edge(recording, slot, EdgeIncrement { caller: popped.caller, calls, ticks, unseen, active });
    }

    /// The first poll of a future of so many bytes, or of none if they are not to be told.
    pub(crate) fn future_started(self, Slot(slot): Slot, bytes: usize) {
        slot.add(slot::STARTED, 1);
        if bytes != 0 {
            slot.set(slot::FUTURE_BYTES, bytes as u64);
        }
    }

    /// A future was dropped before it was ready, `lifetime` ticks after its first poll.
    pub(crate) fn future_cancelled(self, recording: &Recording, slot: Slot, lifetime: u64) {
        slot.add_sample(recording, self, lifetime, WeightedTicks { ticks: lifetime, weight: 1 });
        slot.0.add(slot::CANCELLED, 1);
        if slot.0.get(slot::ACTIVE) > 0 {
            // In a poll of another one, which waited for it.
            slot.0.add(slot::NESTED, lifetime);
        }
        let (caller, active) = (self.frame(self.top()).get(frame::SITE), slot.0.get(slot::ACTIVE));
        self.record_edge(recording, slot, EdgeIncrement { caller, calls: 1, ticks: 0, unseen: 0, active });
    }

    /// A span was closed, `lifetime` ticks after it was entered first, which the call of site `caller` did. Or a future has ended that was not
    /// seen before.
    #[cfg(any(feature = "sql-sqlx", feature = "tracing-layer"))]
    pub(crate) fn span_closed(self, recording: &Recording, slot: Slot, lifetime: u64, caller: u64, unwound: bool) {
        slot.add_sample(recording, self, lifetime, WeightedTicks { ticks: lifetime, weight: 1 });
        slot.0.add(slot::UNWOUND, u64::from(unwound));
        let active = slot.0.get(slot::ACTIVE);
        if active > 0 {
            // In another span of its kind, which waited for it.
            slot.0.add(slot::NESTED, lifetime);
        }
        self.record_edge(recording, slot, EdgeIncrement { caller, calls: 1, ticks: 0, unseen: 0, active });
    }

    /// A number below `end`, which is at most 2^11, that no pattern in the calls falls in step with.
    pub(crate) fn random_below(self, end: u64) -> u64 {
        // Without a division: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019.
        self.random().wrapping_mul(end) >> 53
    }

    /// As [`random_below`](Self::random_below) 2^53.
    fn random(self) -> u64 {
        // Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
        let mut state = self.0.twins().get(shard::RANDOM) | 1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.twins().set(shard::RANDOM, state);
        state >> 11
    }
}
