//! The locks that a thread holds, and the one that it waits for, for readers to see who waits for whom.
//!
//! The words are the thread's own, so noting a lock costs a load and a store, and no memory is shared. A lock that a thread acquires is noted
//! at the first free place of a few, and its guard keeps the place. Only waits without a limit are noted: others end by themselves.

use perf_report::recording::layout::{locks, shard};

use super::Recording;
use super::memory::Words;
use super::shard::Shard;

impl Shard {
    /// Makes the words, if they are asked for, there are none yet, and there is room.
    pub(crate) fn prepare_locks(self, recording: &Recording) {
        if recording.notes_locks()
            && self.locks().is_none()
            && let Some(words) = recording.allocate(locks::LEN)
        {
            recording.link(self.0, shard::LOCKS, words, self.0);
        }
    }

    #[inline(always)]
    fn locks(self) -> Option<Words> {
        self.0.twins().block(shard::LOCKS)
    }

    /// Notes that the thread holds a lock. Returns the place; 0 if there is none.
    #[inline(always)]
    pub(crate) fn begin_hold(self, lock: u64) -> u64 {
        let Some(words) = self.locks() else { return 0 };
        let free = (locks::HELD..locks::LEN).find(|&place| words.get(place) == 0);
        free.map_or(0, |place| {
            words.set(place, lock);
            place as u64
        })
    }

    /// Notes that the thread does not hold a lock any more that was noted at a place.
    ///
    /// A guard may have come from another thread, or, by a fork, from another process. Then another lock stands there, or none.
    #[inline(always)]
    pub(crate) fn end_hold(self, lock: u64, place: u64) {
        if let Some(words) = self.locks()
            && (locks::HELD..locks::LEN).contains(&(place as usize))
            && words.get(place as usize) & !locks::SHARES == lock
        {
            words.set(place as usize, 0);
        }
    }

    /// Whether there are words for notes.
    pub(crate) fn has_lock_words(self) -> bool {
        self.locks().is_some()
    }

    /// Notes for which lock the thread waits, 0 for none.
    pub(crate) fn set_waits_for(self, lock: u64) {
        if let Some(words) = self.locks() {
            words.set(locks::WAITS_FOR, lock);
        }
    }

    /// The thread that had the shard is gone, with what it held.
    pub(super) fn forget_locks(self) {
        if let Some(words) = self.locks() {
            (locks::WAITS_FOR..locks::LEN).for_each(|word| words.set(word, 0));
        }
    }
}
