//! The frame stack of a shard: which calls are in flight in its thread.
//!
//! Where the top is, the writer keeps to itself; frames are counted from the base frame, which stands for all code below the
//! annotated calls. A frame has a start exactly while its call is in flight.

use perf_report::recording::layout::{frame, shard, slot};

use super::Recording;
use super::counted::{Counted, CountedCall};
use super::memory::Words;
use super::shard::Shard;
use super::slot::Slot;

/// Where the stack's highest frame lies.
pub(super) const HEIGHT: u64 = (shard::FRAME_COUNT * frame::LEN) as u64;

/// In a frame's word for counted calls: its call began while the thread unwound. [`Counted`] leaves the bit free.
pub(super) const ENTERED_WHILE_UNWINDING: u64 = 1 << 63;

/// Where a call that ended stood in the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct PoppedFrame {
    /// Site of the caller.
    pub(super) caller: u64,
    /// Ticks of the calls it made.
    pub(super) child: u64,
    /// Ticks that measuring below it took.
    pub(super) measuring: u64,
    /// Calls before it that were counted and not timed.
    pub(super) counted: Counted,
    pub(super) entered_while_unwinding: bool,
    pub(super) in_flight_here: bool,
    /// Where its frame was, unless it had none here.
    #[cfg_attr(not(feature = "allocations"), expect(dead_code, reason = "allocations are counted by it"))]
    pub(super) frame: Option<usize>,
}

impl PoppedFrame {
    /// Of a call that has no frame.
    fn none(caller: u64) -> PoppedFrame {
        PoppedFrame {
            caller,
            child: 0,
            measuring: 0,
            counted: Counted::default(),
            entered_while_unwinding: false,
            in_flight_here: false,
            frame: None,
        }
    }
}

impl Shard {
    /// Where the frame of the innermost call in flight lies.
    #[inline]
    pub(super) fn top(self) -> usize {
        self.0.twins().get(shard::TOP).min(HEIGHT) as usize
    }

    /// The frame at a place.
    #[inline]
    pub(super) fn frame(self, at: usize) -> Words {
        self.0.at(shard::BASE + at)
    }

    /// The site of the call that made the innermost call in flight; 0 if no annotated one did.
    #[cfg(feature = "tracing-layer")]
    pub(crate) fn caller_of_innermost(self) -> u64 {
        let is_above = self.0.twins().get(shard::ABOVE) > 0;
        let caller = if is_above { self.top() } else { self.top().saturating_sub(frame::LEN) };
        self.frame(caller).get(frame::SITE)
    }

    /// When the outermost call of a site in flight began, if there is one. Any thread may ask.
    #[cfg(feature = "monitor")]
    pub(super) fn outermost_start(self, site: usize) -> Option<u64> {
        (frame::LEN..self.top() + 1).step_by(frame::LEN).find_map(|at| {
            let frame = self.frame(at);
            let start = frame.get(frame::START);
            let is_its = frame.get(frame::SITE) == site as u64 && start != 0 && start != frame::NOT_TIMED;
            // The frame may be in motion: then it is another call's by now.
            (is_its && frame.get(frame::START) == start).then_some(start)
        })
    }

    /// Pops the frame of the call of `slot` that began at `start` and took `ticks`: what it took is time of its caller's callees, and to
    /// what measuring took of its caller's time, what it took below and `cost` is added.
    #[inline]
    pub(super) fn pop_frame(self, slot: Slot, start: u64, ticks: u64, cost: u64) -> PoppedFrame {
        let twins = self.0.twins();
        let (top, above) = (self.top(), twins.get(shard::ABOVE));
        let innermost = self.frame(top);
        // Where stacks are switched, a call of another function may have begun in the same tick.
        let site = slot.site() as u64;
        let is_its = |frame: Words| frame.get(frame::START) == start && frame.get(frame::SITE) == site;
        if above > 0 && is_its(innermost) {
            // The call at the limit ends, so what is left above it are leaked guards.
            twins.set(shard::ABOVE, 0);
        } else if above > 0 {
            // Above the stack's height the time stays with the function at the limit, which counts as the caller.
            twins.set(shard::ABOVE, above - 1);
            let caller = innermost.get(frame::SITE);
            // Of calls up there it is not known which are below which. In a recursion, all that have ended were below this one.
            let measuring = innermost.get(frame::MEASURING);
            innermost.add(frame::MEASURING, cost);
            return PoppedFrame { child: ticks, measuring, in_flight_here: true, ..PoppedFrame::none(caller) };
        }
        let Some(mine) = frames_from(top).find(|&at| is_its(self.frame(at))) else {
            // Its stack was moved to this thread from another one, or a call below it has ended before it.
            return PoppedFrame::none(innermost.get(frame::SITE));
        };
        // The frames above belong to calls whose guards were leaked, which will not end; or to another stack of this thread (a
        // coroutine's), whose calls end after all.
        frames_from(top).take_while(|&at| at != mine).for_each(|at| self.abandon_frame(at));
        let frame = self.frame(mine);
        let [child, measuring, counted] = [frame::CHILD, frame::MEASURING, frame::COUNTED].map(|word| frame.get(word));
        empty_frame(frame);
        let caller = self.frame(mine - frame::LEN);
        caller.add(frame::CHILD, ticks);
        caller.add(frame::MEASURING, measuring.wrapping_add(cost));
        twins.set(shard::TOP, (mine - frame::LEN) as u64);
        PoppedFrame {
            caller: caller.get(frame::SITE),
            child,
            measuring,
            counted: Counted::of_word(counted),
            entered_while_unwinding: counted & ENTERED_WHILE_UNWINDING != 0,
            in_flight_here: true,
            frame: Some(mine),
        }
    }

    /// Whether a timed call is in flight here.
    #[cfg(feature = "sql")]
    pub(crate) fn has_frame(self, slot: Slot, start: u64) -> bool {
        let site = slot.site() as u64;
        let is_its = |frame: Words| frame.get(frame::START) == start && frame.get(frame::SITE) == site;
        self.0.twins().get(shard::ABOVE) > 0 || frames_from(self.top()).any(|at| is_its(self.frame(at)))
    }

    /// The site of a call that is only counted, unless it has ended here.
    pub(crate) fn counted_site(self, call: CountedCall) -> Option<usize> {
        let mine = call.place() as usize + frame::LEN;
        let is_there = mine <= self.top() && self.frame(mine).get(frame::START) == frame::NOT_TIMED;
        is_there.then(|| self.frame(mine).get(frame::SITE) as usize)
    }

    /// Ends a call that is only counted wherever its frame lies. The frames above belong to calls whose guards were leaked, or to another
    /// stack of this thread.
    pub(crate) fn end_counted_slow(self, call: CountedCall) {
        let (top, mine) = (self.top(), call.place() as usize + frame::LEN);
        if mine > top || self.frame(mine).get(frame::START) != frame::NOT_TIMED {
            // Abandoned by a call below it, or begun in another thread.
            return;
        }
        frames_from(top).take_while(|&at| at != mine).for_each(|at| self.abandon_frame(at));
        self.0.twins().set(shard::TOP, mine as u64);
        self.end_counted(call);
    }

    /// As [`end_counted_slow`](Self::end_counted_slow), for the innermost call of `slot` that is only counted.
    pub(crate) fn end_counted_below(self, slot: Slot) {
        let site = slot.site() as u64;
        let is_its = |frame: Words| frame.get(frame::SITE) == site && frame.get(frame::START) == frame::NOT_TIMED;
        if let Some(mine) = frames_from(self.top()).find(|&at| is_its(self.frame(at))) {
            self.end_counted_slow(CountedCall::at((mine - frame::LEN) as u64));
        }
    }

    /// Empties the frame stack of a thread that ends: what is still in flight, above the stack too, will not end.
    pub(crate) fn abandon_frames(self, recording: &Recording) {
        let (top, twins) = (self.top(), self.0.twins());
        if top == 0 {
            return;
        }
        frames_from(top).for_each(|at| self.abandon_frame(at));
        if twins.get(shard::ABOVE) > 0 {
            for Slot(slot) in self.slots(recording) {
                slot.add(slot::ABANDONED, slot.get(slot::ACTIVE));
                slot.set(slot::ACTIVE, 0);
            }
        }
        twins.set(shard::TOP, 0);
        twins.set(shard::ABOVE, 0);
    }

    fn abandon_frame(self, at: usize) {
        let frame = self.frame(at);
        // A call that is only counted has been counted already.
        if frame.get(frame::START) != frame::NOT_TIMED
            && let Some(Slot(slot)) = self.slot(frame.get(frame::SITE) as usize)
        {
            slot.set(slot::ACTIVE, slot.get(slot::ACTIVE).saturating_sub(1));
            slot.add(slot::ABANDONED, 1);
        }
        empty_frame(frame);
        #[cfg(feature = "allocations")]
        self.empty_allocations(at);
    }
}

/// Leaves a frame as the next call expects to find it.
fn empty_frame(frame: Words) {
    for word in [frame::START, frame::CHILD, frame::MEASURING, frame::COUNTED] {
        frame.set(word, 0);
    }
}

/// Places of the frames from one down to the lowest, without the base.
fn frames_from(top: usize) -> impl Iterator<Item = usize> {
    (frame::LEN..top + 1).step_by(frame::LEN).rev()
}
