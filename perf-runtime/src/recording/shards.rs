//! The list of shards: one for each thread that is alive, taken over from those that have ended.

use perf_report::Timing;
use perf_report::recording::layout::{header, shard};

use super::allocator::Recording;
use super::frames::HEIGHT;
use super::memory::Words;
use super::shard::Shard;
use crate::platform::threads;

impl Recording {
    /// Gives the calling thread a shard: one that an ended thread left, or a new one. `None` when the recording is full.
    ///
    /// Takes no lock and does not allocate from the heap, so that it may run anywhere.
    pub(crate) fn acquire_shard(&self) -> Option<Shard> {
        let is_free = |words: &Words| {
            let twins = words.twins();
            twins.get(shard::IN_USE) == 0 && twins.replace(shard::IN_USE, 0, 1)
        };
        if let Some(free) = self.shards().find(is_free) {
            return Some(self.adopt_shard(free));
        }
        let words = self.allocate(shard::LEN)?;
        let twins = words.twins();
        twins.set(shard::IN_USE, 1);
        twins.set(shard::BUCKET_SCALE, self.origin().bucket_scale);
        twins.set(shard::IN_PLACE_HEIGHT, HEIGHT);
        if self.origin().timing != Some(Timing::Adaptive) {
            twins.set(shard::FAST_HEIGHT, HEIGHT);
        }
        let costs = &self.origin().costs;
        for (word, ticks) in [
            (shard::TIMED_COST, costs.timed.whole),
            (shard::ADAPTIVE_COST, costs.adaptive.whole),
            (shard::POLL_COST, costs.poll.whole),
        ] {
            // Not 0, even if nobody knows it: by what measuring took below it, a call that is only counted sees that a callee was timed.
            twins.set(word, (ticks.round() as u64).max(1));
        }
        twins.set(shard::RANDOM, (self.offset(words) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.push(header::SHARDS, words, shard::NEXT);
        Shard(words).notice_window(self);
        Some(self.adopt_shard(words))
    }

    /// All shards, newest first.
    pub(crate) fn shards(&self) -> impl Iterator<Item = Words> {
        self.list(header::SHARDS, shard::NEXT)
    }

    /// Marks a shard as the calling thread's.
    fn adopt_shard(&self, words: Words) -> Shard {
        self.admit_thread();
        #[cfg(feature = "allocations")]
        self.prepare_allocations(words);
        words.set(shard::IN_USE, 1);
        self.header().fetch_add(header::THREADS, 1);
        words.set(shard::TID, threads::thread_id());
        let mut name = [0; shard::THREAD_NAME_LEN * 8];
        threads::thread_name(&mut name);
        let (chunks, _) = name.as_chunks::<8>();
        for (word, chunk) in chunks.iter().enumerate() {
            words.set(shard::THREAD_NAME + word, u64::from_ne_bytes(*chunk));
        }
        Shard(words)
    }

    /// Takes a shard back from a thread that ends. Calls that are still in flight in it never end.
    pub(crate) fn release_shard(&self, released: Shard) {
        released.abandon_frames(self);
        #[cfg(feature = "sync")]
        released.forget_locks();
        released.leave_window(self);
        released.0.publish(shard::IN_USE, 0);
        released.0.twins().publish(shard::IN_USE, 0);
    }
}
