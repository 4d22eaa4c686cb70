//! The recording: one region of memory that holds all the numbers of a process.
//!
//! The control code ([`crate::session`]) makes one and starts it; each thread [`acquire`](Recording::acquire)s a shard at its
//! first call and [`release`](Recording::release)s it when it ends, and writes only there; any thread may
//! [`copy`](Recording::copy) the whole at any moment, without stopping anybody. Nothing in it is ever moved or freed.
//!
//! What must never happen: a second writer in a shard; a block handed out twice; an offset published before what it
//! refers to is filled.

#[cfg(feature = "monitor")]
mod allocations;
mod edges;
#[cfg(all(test, loom))]
mod loom_tests;
pub(crate) mod memory;
mod shard;
mod slot;
#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(feature = "monitor")]
mod totals;

use std::fs::File;
use std::io;

use perf_report::ClockSource;
use perf_report::recording::layout::{self, header, shard as shard_layout, site, slot as slot_layout};

pub(crate) use shard::{Outcome, Shard};
pub(crate) use slot::Slot;
#[cfg(feature = "monitor")]
pub(crate) use totals::Totals;

use crate::platform::{files, threads};
use crate::sync::{AtomicU64, Ordering};
use memory::{Memory, Words};

/// Set in the allocation cursor when nothing more is to be handed out.
const SEALED: u64 = 1 << 63;

/// One process's recording.
#[derive(Debug)]
pub(crate) struct Recording {
    memory: Memory,
    /// The file behind the memory, if there is one; it holds a lock that tells readers that the writer lives.
    file: Option<File>,
    /// Next free word, and [`SEALED`].
    next: AtomicU64,
}

/// What a new recording is told of its process.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) program: String,
    pub(crate) pid: u32,
    pub(crate) clock: ClockSource,
    pub(crate) bucket_scale: u64,
    pub(crate) start_tick: u64,
    pub(crate) start_monotonic_ns: u64,
    pub(crate) start_unix_ns: u64,
    pub(crate) unrecorded_ns: u64,
}

impl Recording {
    /// Starts a recording in memory whose words are all zero.
    pub(crate) fn start(memory: Memory, file: Option<File>, origin: &Origin) -> io::Result<Recording> {
        let recording = Recording { memory, file, next: AtomicU64::new(0) };
        let full = || io::Error::new(io::ErrorKind::StorageFull, "no room for the header of a recording");
        let words = recording.allocate(header::LEN).ok_or_else(full)?;
        let name = recording.allocate(origin.program.len().div_ceil(8).max(1)).ok_or_else(full)?;
        write_text(name, &origin.program);
        for (field, value) in [
            (header::VERSION, layout::VERSION),
            (header::CHECKSUM, layout::CHECKSUM),
            (header::STATE, header::STATE_RUNNING),
            (header::PID, u64::from(origin.pid)),
            (header::START_UNIX_NS, origin.start_unix_ns),
            (header::START_TICK, origin.start_tick),
            (header::START_MONOTONIC_NS, origin.start_monotonic_ns),
            (header::LAST_TICK, origin.start_tick),
            (header::LAST_MONOTONIC_NS, origin.start_monotonic_ns),
            (
                header::CLOCK_SOURCE,
                match origin.clock {
                    ClockSource::Tsc => header::CLOCK_TSC,
                    ClockSource::Cntvct => header::CLOCK_CNTVCT,
                    ClockSource::Monotonic => header::CLOCK_MONOTONIC,
                },
            ),
            (header::BUCKET_SCALE, origin.bucket_scale),
            (header::UNRECORDED_NS, origin.unrecorded_ns),
            (header::CAPACITY, recording.memory.len() as u64),
            (header::PROGRAM, recording.memory.offset(name) as u64),
            (header::PROGRAM_BYTES, origin.program.len() as u64),
        ] {
            words.set(field, value);
        }
        // Last, so that a file with the magic number has a whole header.
        words.publish(header::MAGIC, layout::MAGIC);
        Ok(recording)
    }

    pub(crate) fn header(&self) -> Words {
        self.memory.words(0)
    }

    /// Words reserved.
    #[cfg(feature = "monitor")]
    pub(crate) fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// The file behind it.
    pub(crate) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Hands out `len` zeroed words, aligned to a cache line. `None` when the recording is full or sealed.
    ///
    /// Takes no lock. With a file, its blocks are reserved before they are handed out: a full disk must be a full recording, not
    /// a bus error, and there is nothing among what is in use that could not be read.
    pub(crate) fn allocate(&self, len: usize) -> Option<Words> {
        let len = len.next_multiple_of(layout::ALIGN) as u64;
        let mut start = self.next.load(Ordering::Relaxed);
        loop {
            // A sealed cursor is above every capacity.
            if start.checked_add(len)? > self.memory.len() as u64 {
                return None;
            }
            if let Some(file) = &self.file {
                let bytes = |words: u64| words * layout::WORD_BYTES as u64;
                files::reserve_blocks(file, bytes(start), bytes(len)).ok()?;
            }
            match self.next.compare_exchange_weak(start, start + len, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break,
                // What was reserved is another one's now.
                Err(current) => start = current,
            }
        }
        self.header().fetch_max(header::USED, start + len);
        Some(self.memory.words(start as usize))
    }

    /// Says that it is written again, unless it was sealed: its end was that of a session, and not of the process.
    pub(crate) fn reopen(&self) {
        if self.next.load(Ordering::Relaxed) & SEALED == 0 {
            self.header().set(header::STATE, header::STATE_RUNNING);
        }
    }

    /// Hands nothing out any more, and returns how many words are in use.
    pub(crate) fn seal(&self) -> u64 {
        self.next.fetch_or(SEALED, Ordering::AcqRel) & !SEALED
    }

    /// A cursor at an absolute offset.
    pub(crate) fn words(&self, offset: usize) -> Words {
        self.memory.words(offset)
    }

    /// Absolute offset of a cursor.
    pub(crate) fn offset(&self, words: Words) -> usize {
        self.memory.offset(words)
    }

    /// Offset of a block relative to another that was allocated before it.
    pub(crate) fn distance(&self, from: Words, to: Words) -> usize {
        self.offset(to) - self.offset(from)
    }

    /// Number of registered sites.
    pub(crate) fn sites(&self) -> usize {
        self.header().acquire(header::SITES) as usize
    }

    /// Adds a site, and returns its id. `None` when the recording is full.
    pub(crate) fn add_site(&self, text: &SiteText<'_>) -> Option<usize> {
        let strings = [text.name, text.module, text.file, text.budgets];
        let len = site::STRINGS + strings.iter().map(|string| string.len().div_ceil(8)).sum::<usize>();
        let record = self.allocate(len)?;
        record.set(site::KIND, text.kind);
        record.set(site::TIMING, u64::from(text.adaptive));
        record.set(site::LINE, u64::from(text.line));
        let mut place = record.at(site::STRINGS);
        for (string, field) in
            strings.into_iter().zip([site::NAME_BYTES, site::MODULE_BYTES, site::FILE_BYTES, site::BUDGET_BYTES])
        {
            record.set(field, string.len() as u64);
            write_text(place, string);
            place = place.at(string.len().div_ceil(8));
        }
        loop {
            let before = self.sites();
            let id = before + 1;
            let (chunk, entry) = site::locate(id);
            // Before the id is taken: no reader may find an id without a chunk when there is no room for one.
            let list = self.site_chunk(chunk)?;
            if self.header().replace(header::SITES, before as u64, id as u64) {
                list.publish(entry, self.offset(record) as u64);
                return Some(id);
            }
        }
    }

    /// A chunk of the list of sites, made if need be.
    fn site_chunk(&self, chunk: usize) -> Option<Words> {
        if chunk >= site::CHUNKS {
            return None;
        }
        let directory = self.header().at(header::SITE_DIRECTORY);
        if directory.acquire(chunk) == 0 {
            let fresh = self.allocate(site::FIRST_CHUNK << chunk)?;
            // Whoever loses the race leaves a chunk unused.
            directory.replace(chunk, 0, self.offset(fresh) as u64);
        }
        Some(self.words(directory.acquire(chunk) as usize))
    }

    /// Gives the calling thread a shard: one that an ended thread left, or a new one. `None` when the recording is full.
    ///
    /// Takes no lock and does not allocate from the heap, so that it may run anywhere.
    pub(crate) fn acquire(&self) -> Option<Shard> {
        let mut offset = self.header().acquire(header::SHARDS) as usize;
        while offset != 0 {
            let words = self.words(offset);
            if words.get(shard_layout::IN_USE) == 0 && words.replace(shard_layout::IN_USE, 0, 1) {
                return Some(self.adopt(words));
            }
            offset = words.get(shard_layout::NEXT) as usize;
        }
        let words = self.allocate(shard_layout::LEN)?;
        words.set(shard_layout::IN_USE, 1);
        words.set(shard_layout::TOP, shard_layout::BASE as u64);
        words.set(shard_layout::BUCKET_SCALE, self.header().get(header::BUCKET_SCALE));
        words.set(shard_layout::RANDOM, (self.offset(words) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        loop {
            let newest = self.header().acquire(header::SHARDS);
            words.set(shard_layout::NEXT, newest);
            if self.header().replace(header::SHARDS, newest, self.offset(words) as u64) {
                return Some(self.adopt(words));
            }
        }
    }

    /// Marks a shard as the calling thread's.
    fn adopt(&self, words: Words) -> Shard {
        #[cfg(feature = "monitor")]
        self.prepare_allocations(words);
        self.header().fetch_add(header::THREADS, 1);
        words.set(shard_layout::TID, threads::thread_id());
        let mut name = [0; shard_layout::THREAD_NAME_LEN * 8];
        threads::thread_name(&mut name);
        let (chunks, _) = name.as_chunks::<8>();
        for (word, chunk) in chunks.iter().enumerate() {
            words.set(shard_layout::THREAD_NAME + word, u64::from_ne_bytes(*chunk));
        }
        Shard(words)
    }

    /// Takes a shard back from a thread that ends. Calls that are still in flight in it never end.
    pub(crate) fn release(&self, shard: Shard) {
        shard.abandon_frames(self);
        shard.0.publish(shard_layout::IN_USE, 0);
    }

    /// Notes the time of both clocks, for whoever reads the recording next.
    pub(crate) fn note_time(&self, tick: u64, monotonic_ns: u64) {
        self.header().set(header::LAST_TICK, tick);
        self.header().set(header::LAST_MONOTONIC_NS, monotonic_ns);
    }

    /// Whether both clocks are to be noted anew: each time when twice as long has passed since the start as the time before.
    ///
    /// The calibration is good to 2 in 10,000, a third of a second in an hour. Whoever reads the recording of a process that runs
    /// knows the other clock alone, and must tell from it for how long a call has been in flight.
    pub(crate) fn time_is_due(&self, tick: u64) -> bool {
        /// About 10 ms, before which the calibration is as good.
        const FIRST: u64 = 1 << 25;
        let start = self.header().get(header::START_TICK);
        let noted = self.header().get(header::LAST_TICK).saturating_sub(start);
        tick.saturating_sub(start) / 2 > noted.max(FIRST / 2)
    }

    /// Copies what is in use.
    ///
    /// Other threads go on writing meanwhile. Each figure in the copy is one that stood there, and a site's calls are a number
    /// that it had reached at some moment during the copying.
    pub(crate) fn copy(&self) -> Vec<u64> {
        let mut copy = Vec::new();
        // Until nothing came to it meanwhile: an offset in the copy may refer to what is younger than the copy's begin.
        loop {
            let used = self.header().acquire(header::USED) as usize;
            if copy.len() >= used {
                copy[header::USED] = used as u64;
                return copy;
            }
            // Acquired one by one: what an offset refers to comes after it, and must not be older.
            copy.extend((copy.len()..used).map(|offset| self.words(offset).acquire(0)));
        }
    }

    /// Counts a call that cannot be recorded at all.
    pub(crate) fn count_lost(&self) {
        self.header().fetch_add(header::LOST_CALLS, 1);
    }

    /// Counts a call that there is no room for.
    pub(crate) fn count_overflow(&self) {
        self.header().fetch_add(header::OVERFLOW_CALLS, 1);
    }

    /// The site of a slot, if it is one of this recording.
    pub(crate) fn site_of(&self, Slot(slot): Slot) -> Option<usize> {
        self.memory.contains(slot).then(|| slot.get(slot_layout::SITE) as usize)
    }
}

/// What a recording keeps of a site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteText<'a> {
    /// One of the layout's kinds.
    pub(crate) kind: u64,
    pub(crate) adaptive: bool,
    pub(crate) line: u32,
    pub(crate) name: &'a str,
    pub(crate) module: &'a str,
    pub(crate) file: &'a str,
    pub(crate) budgets: &'a str,
}

/// Writes a string into words, padded with zeros.
pub(crate) fn write_text(words: Words, text: &str) {
    for (index, chunk) in text.as_bytes().chunks(8).enumerate() {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        words.set(index, u64::from_ne_bytes(bytes));
    }
}

/// A process for tests.
#[cfg(all(test, feature = "monitor"))]
pub(crate) fn test_origin() -> Origin {
    Origin {
        program: String::from("test"),
        pid: 1,
        clock: ClockSource::Monotonic,
        bucket_scale: 1 << 63,
        start_tick: 0,
        start_monotonic_ns: 0,
        start_unix_ns: 0,
        unrecorded_ns: 0,
    }
}
