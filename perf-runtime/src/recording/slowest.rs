//! The slowest calls of a site in one thread: those that ended in a trace window, and all of a function with a label. See
//! [`layout::slowest`](perf_report::recording::layout::slowest).

use perf_report::recording::layout::slowest::{self, CALL_COUNT, call};
use perf_report::recording::layout::{frame, shard, slot};

use super::Recording;
use super::blocks::Arena;
use super::memory::Words;
use super::shard::{CallOutcome, Shard};
use super::slot::Slot;

/// A call among the slowest, for its label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlowCall {
    entry: Words,
    end: u64,
}

impl Shard {
    /// Keeps a call that ends now, and has its frame still, if it is among the slowest.
    #[cold]
    pub(crate) fn note_slow(
        self,
        recording: &Recording,
        slot: Slot,
        [start, end]: [u64; 2],
        outcome: CallOutcome,
    ) -> Option<SlowCall> {
        let frame = self.frame(self.top());
        let is_innermost = frame.get(frame::START) == start && frame.get(frame::SITE) == slot.site() as u64;
        let ticks = match outcome {
            CallOutcome::Pending => return None,
            CallOutcome::Ready { lifetime, .. } => lifetime,
            _ if is_innermost => end.saturating_sub(start).saturating_sub(frame.get(frame::MEASURING)),
            _ => end.saturating_sub(start),
        };
        let block = self.slowest_block(recording, slot)?;
        let entries = || (0..CALL_COUNT).map(|number| block.at(number * call::LEN));
        // The calls that were kept stand in the recording, and in the twins too: others may write there.
        let entry = entries().min_by_key(|entry| entry.twins().get(call::TICKS))?;
        if ticks <= entry.twins().get(call::TICKS) {
            return None;
        }
        entry.twins().set(call::TICKS, ticks);
        entry.twins().set(call::END, end);
        entry.set(call::TICKS, 0);
        entry.set(call::END, end);
        entry.set(call::TID, self.0.get(shard::TID));
        entry.set(call::LABEL_BYTES, 0);
        (0..shard::THREAD_NAME_LEN)
            .for_each(|word| entry.set(call::THREAD_NAME + word, self.0.get(shard::THREAD_NAME + word)));
        self.write_callers(entry, is_innermost);
        entry.publish(call::TICKS, ticks);
        Some(SlowCall { entry, end })
    }

    fn slowest_block(self, recording: &Recording, slot: Slot) -> Option<Words> {
        slot.0.twins().block(slot::SLOWEST_OWN).or_else(|| {
            // With its twins in use.
            let block = self.allocate(recording, Arena::Leading, slowest::LEN)?;
            slot.0.twins().set_block(slot::SLOWEST_OWN, Some(block));
            slot.0.publish(slot::SLOWEST, recording.offset(block) as u64);
            Some(block)
        })
    }

    /// Writes the sites of the calls around the innermost one, from its caller outwards.
    fn write_callers(self, entry: Words, is_innermost: bool) {
        let top = self.top() - if is_innermost { frame::LEN.min(self.top()) } else { 0 };
        let depth = top / frame::LEN;
        entry.set(call::DEPTH, depth as u64);
        let site = |number: usize| match depth.checked_sub(number) {
            None | Some(0) => 0,
            Some(at) => self.frame(at * frame::LEN).get(frame::SITE) & u64::from(u32::MAX),
        };
        for word in 0..call::CALLER_COUNT / 2 {
            entry.set(call::CALLERS + word, site(2 * word) | site(2 * word + 1) << 32);
        }
    }
}

impl SlowCall {
    /// Labels the call, unless a slower one has taken its place meanwhile.
    pub(crate) fn set_label(self, label: &str) {
        let room = call::LABEL_LEN * perf_report::recording::layout::WORD_BYTES;
        if self.entry.twins().get(call::END) == self.end && label.len() <= room {
            self.entry.at(call::LABEL).write_text(label);
            self.entry.publish(call::LABEL_BYTES, label.len() as u64);
        }
    }
}
