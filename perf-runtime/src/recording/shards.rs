//! The list of shards: one for each thread that is alive, taken over from those that have ended.

use perf_report::recording::layout::{header, shard};

use super::allocator::Recording;
use super::memory::Words;
use super::shard::Shard;
use crate::platform::threads;

impl Recording {
    /// Gives the calling thread a shard: one that an ended thread left, or a new one. `None` when the recording is full.
    ///
    /// Takes no lock and does not allocate from the heap, so that it may run anywhere.
    pub(crate) fn acquire_shard(&self) -> Option<Shard> {
        let mut offset = self.header().load_acquire(header::SHARDS) as usize;
        while offset != 0 {
            let words = self.words(offset);
            if words.get(shard::IN_USE) == 0 && words.replace(shard::IN_USE, 0, 1) {
                return Some(self.adopt_shard(words));
            }
            offset = words.get(shard::NEXT) as usize;
        }
        let words = self.allocate(shard::LEN)?;
        words.set(shard::IN_USE, 1);
        words.set(shard::TOP, shard::BASE as u64);
        words.set(shard::BUCKET_SCALE, self.header().get(header::BUCKET_SCALE));
        words.set(shard::RANDOM, (self.offset(words) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        loop {
            let newest = self.header().load_acquire(header::SHARDS);
            words.set(shard::NEXT, newest);
            if self.header().replace(header::SHARDS, newest, self.offset(words) as u64) {
                return Some(self.adopt_shard(words));
            }
        }
    }

    /// Marks a shard as the calling thread's.
    fn adopt_shard(&self, words: Words) -> Shard {
        #[cfg(feature = "allocations")]
        self.prepare_allocations(words);
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
        released.0.publish(shard::IN_USE, 0);
    }
}
