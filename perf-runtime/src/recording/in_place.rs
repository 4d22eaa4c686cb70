//! Ends of calls for which all memory is there: the slot, its edge and its bucket page.
//!
//! Such a call needs nothing of the slow path but its arithmetic, so that it needs no look at the process's recording either. The fast
//! path leaves to it: recursive calls, calls by another caller than the last one, polls of futures, calls that allocated memory, and those that
//! adaptive timing times.

use perf_report::recording::layout::{bucket_index, edge, frame, shard, slot};

use super::counted::{Counted, Others, Ticks};
use super::frames::ENTERED_WHILE_UNWINDING;
use super::memory::Words;
use super::shard::{CallOutcome, Shard};
use super::slot::Slot;
use crate::platform::clock;

/// Calls of an edge after which its function takes it for the usual one. Two callers that take turns would otherwise displace each other
/// at every call, so that none of them ever took the fast path.
const CALLS_TO_BE_USUAL: u64 = 8;

impl Shard {
    /// Ends the innermost call or poll of `slot`, which did not begin while its thread unwound. Does nothing and returns `false` if it is
    /// not the innermost one, if memory has to be made for its end, or if it stands for others and was interrupted perhaps.
    #[inline(always)]
    pub(crate) fn end_in_place(self, slot: Slot, start: u64, end: u64, outcome: CallOutcome) -> bool {
        let (twins, Slot(words)) = (self.0.twins(), slot);
        let top = self.top();
        let frame = self.frame(top);
        if frame.get(frame::START) != start || frame.get(frame::SITE) != slot.site() as u64 || top == 0 {
            return false;
        }
        let (child, active) = (frame.get(frame::CHILD), words.get(slot::ACTIVE));
        let is_adaptive = matches!(outcome, CallOutcome::AdaptiveCall { .. });
        let counted = frame.get(frame::COUNTED);
        let in_the_way = if is_adaptive { counted & ENTERED_WHILE_UNWINDING } else { counted };
        if active == 0 || in_the_way | twins.get(shard::ABOVE) != 0 || end < start || end - start < child {
            return false;
        }
        let measuring = frame.get(frame::MEASURING);
        let (ticks, active) = (end - start, active - 1);
        let (cost, sample) = match outcome {
            CallOutcome::Call { unwound: false } => (twins.get(shard::TIMED_COST), Some(ticks)),
            CallOutcome::AdaptiveCall { unwound: false } => (twins.get(shard::ADAPTIVE_COST), Some(ticks)),
            CallOutcome::Pending => (twins.get(shard::POLL_COST), None),
            CallOutcome::Ready { lifetime, unwound: false } => (twins.get(shard::POLL_COST), Some(lifetime)),
            _ => return false,
        };
        let others = match is_adaptive {
            true => {
                let ticks = Ticks { all: ticks, own: ticks - child, measuring };
                Others::of(self, slot, Counted::of_word(counted), start, ticks)
            }
            false => Others::NONE,
        };
        if others.is_odd {
            return false;
        }
        let below = top - frame::LEN;
        let caller = self.frame(below);
        let waiting = if is_adaptive { slot.waiting_weighted() } else { slot.waiting_bucket().map(|place| (place, 1)) };
        let Some((waiting, waiting_weight)) = waiting else { return false };
        let Some(edge) = self.known_edge(slot, caller.get(frame::SITE), active) else { return false };

        self.0.set(shard::LAST_TICK, end);
        twins.set(shard::TOP, below as u64);
        for word in [frame::START, frame::CHILD, frame::MEASURING] {
            frame.set(word, 0);
        }
        words.set(slot::ACTIVE, active);
        #[cfg(feature = "allocations")]
        self.end_allocations(top, slot);
        caller.add(frame::CHILD, ticks);
        caller.add(frame::MEASURING, measuring.wrapping_add(cost));
        let measured = measuring.wrapping_add(others.ticks.measuring);
        words.add(slot::MEASURING, measured);
        words.add(slot::SELF, (ticks - child).wrapping_add(others.ticks.own));
        // The cost is a mean, and the calls below may have been cheaper: then sums get a negative summand.
        let net = ticks.wrapping_add(others.ticks.all).wrapping_sub(measured);
        let nested = active != 0;
        if let Some(sample) = sample {
            let raw = sample.wrapping_add(others.ticks.all);
            slot.add_sample_to(self, waiting, waiting_weight, raw, sample.saturating_sub(measuring));
        }
        match outcome {
            CallOutcome::Call { .. } | CallOutcome::AdaptiveCall { .. } => {
                if nested {
                    words.add(slot::NESTED, net);
                }
            }
            _ => {
                words.add(slot::POLLS, 1);
                slot.note_poll(ticks.saturating_sub(measuring));
                if !nested {
                    words.add(slot::BUSY, net);
                } else if let Some(lifetime) = sample {
                    words.add(slot::NESTED, lifetime);
                }
            }
        }
        edge.add(edge::CALLS, u64::from(sample.is_some()).wrapping_add(others.calls));
        edge.add(edge::TICKS, if nested { 0 } else { net });
        if is_adaptive {
            edge.add(edge::UNSEEN, others.ticks.own);
            others.settle(slot);
            frame.set(frame::COUNTED, 0);
            words.set(slot::WAITING_WEIGHT, words.get(slot::PENDING_WEIGHT));
            words.set(slot::PENDING_WEIGHT, others.calls.wrapping_add(1));
            slot.plan_next_timed(self, start, ticks.saturating_sub(measuring));
        }
        true
    }

    /// As [`record_beside_calls`](Shard::record_beside_calls), once. Does nothing and returns `false` if memory has to be made for it.
    #[cfg(feature = "tasks")]
    #[inline(always)]
    pub(crate) fn record_beside_in_place(self, slot: Slot, ticks: u64) -> bool {
        let Some(waiting) = slot.waiting_bucket() else { return false };
        slot.add_sample_to(self, waiting, 1, ticks, ticks);
        slot.0.add(slot::TIMED, 1);
        true
    }

    /// As [`record_hold`](Shard::record_hold). Does nothing and returns `false` if memory has to be made for it.
    #[cfg(feature = "sync")]
    #[inline(always)]
    pub(crate) fn record_hold_in_place(self, slot: Slot, ticks: u64, weight: u64) -> bool {
        let Slot(words) = slot;
        let Some((waiting, waiting_weight)) = slot.waiting_weighted() else { return false };
        let Some(edge) = self.known_edge(slot, self.frame(self.top()).get(frame::SITE), 0) else { return false };
        words.set(slot::WAITING_WEIGHT, words.get(slot::PENDING_WEIGHT));
        words.set(slot::PENDING_WEIGHT, weight);
        slot.add_sample_to(self, waiting, waiting_weight, ticks.wrapping_mul(weight), ticks);
        words.add(slot::TIMED, 1);
        slot.count(self, weight - 1);
        edge.add(edge::CALLS, weight);
        edge.add(edge::TICKS, ticks.wrapping_mul(weight));
        true
    }

    /// What measuring below a call has taken so far, if it is the innermost one.
    #[cfg(feature = "tasks")]
    #[inline(always)]
    pub(crate) fn measuring_below(self, slot: Slot, start: u64) -> u64 {
        let frame = self.frame(self.top());
        let is_its = frame.get(frame::START) == start && frame.get(frame::SITE) == slot.site() as u64;
        if is_its { frame.get(frame::MEASURING) } else { 0 }
    }

    /// The edge from a caller, if it is in the table. It may become the usual one of the slot.
    #[inline(always)]
    fn known_edge(self, Slot(slot): Slot, caller: u64, active: u64) -> Option<Words> {
        let twins = slot.twins();
        if twins.get(slot::CALLER) == caller {
            return Some(self.0.at(twins.get(slot::EDGE) as usize));
        }
        let edge = if twins.get(slot::OTHER_CALLER) == caller {
            self.0.at(twins.get(slot::OTHER_EDGE) as usize)
        } else {
            let edge = self.find_edge(caller << 32 | twins.get(slot::SITE))?;
            twins.set(slot::OTHER_CALLER, caller);
            twins.set(slot::OTHER_EDGE, self.0.distance(edge) as u64);
            edge
        };
        if edge.get(edge::CALLS) % CALLS_TO_BE_USUAL == CALLS_TO_BE_USUAL - 1 && self.may_keep_caller(active) {
            twins.set(slot::CALLER, caller);
            twins.set(slot::EDGE, self.0.distance(edge) as u64);
        }
        Some(edge)
    }

    /// Whether a slot may take a caller for its usual one, while `active` of its calls are in flight.
    ///
    /// The fast path knows a call by its caller. It is not for whole programs that are timed adaptively, nor for a call that allocated
    /// memory, which therefore has no usual caller: see [`super::allocations`].
    #[inline(always)]
    pub(super) fn may_keep_caller(self, active: u64) -> bool {
        #[cfg(feature = "allocations")]
        if active != 0 && self.counts_allocations() {
            return false;
        }
        let _ = active;
        !self.is_adaptive()
    }
}

impl Slot {
    /// The bucket that the next sample counts in, once two calls have gone before. `None` if its page has to be made.
    #[inline(always)]
    fn waiting_bucket(self) -> Option<(Words, usize)> {
        let Slot(words) = self;
        if words.get(slot::PENDING_WEIGHT) != 1 || words.get(slot::WAITING_WEIGHT) != 1 {
            return None;
        }
        let (page, bucket) = slot::waiting_place(words.get(slot::WAITING));
        Some((words.twins().block(slot::PAGES + page)?, bucket))
    }

    /// As [`waiting_bucket`](Self::waiting_bucket), and how often it counts, where calls stand for others.
    #[inline(always)]
    fn waiting_weighted(self) -> Option<((Words, usize), u64)> {
        let Slot(words) = self;
        let weight = words.get(slot::WAITING_WEIGHT);
        if weight == 0 {
            return None;
        }
        let (page, bucket) = slot::waiting_place(words.get(slot::WAITING));
        Some(((words.twins().block(slot::PAGES + page)?, bucket), weight))
    }

    /// Adds a sample behind others, the first of which now counts in its bucket. Of the weights of those behind it, nothing is said here.
    #[inline(always)]
    fn add_sample_to(self, shard: Shard, (page, bucket): (Words, usize), waiting_weight: u64, raw: u64, shown: u64) {
        let Slot(words) = self;
        page.add(bucket, waiting_weight);
        let pending_ns = clock::to_ns(words.get(slot::PENDING), shard.0.twins().get(shard::BUCKET_SCALE));
        words.set(slot::PENDING, shown);
        words.set(slot::WAITING, slot::waiting(bucket_index(pending_ns)));
        words.add(slot::SUM, raw);
        if shown < words.get(slot::MIN) {
            words.set(slot::MIN, shown);
        }
        if shown > words.get(slot::MAX) {
            words.set(slot::MAX, shown);
        }
    }
}
