//! The region itself: blocks of words are handed out one after the other, and never moved or freed.

use perf_report::recording::layout::{self, header};

use super::memory::{Memory, Words};
use crate::platform::files;
use crate::platform::kept_file::KeptFile;
use crate::sync::{AtomicU64, Ordering};

/// Set in the allocation cursor when nothing more may be handed out.
const SEALED: u64 = 1 << 63;

/// One process's recording.
#[derive(Debug)]
pub(crate) struct Recording {
    memory: Memory,
    /// The file behind the memory, if there is one; it holds a lock that tells readers that the writer lives.
    file: Option<KeptFile>,
    /// Next free word, and [`SEALED`].
    next: AtomicU64,
}

impl Recording {
    /// A region of which nothing is in use. Its words are all zero.
    pub(super) fn new(memory: Memory, file: Option<KeptFile>) -> Recording {
        Recording { memory, file, next: AtomicU64::new(0) }
    }

    /// The header, the first block of all.
    pub(crate) fn header(&self) -> Words {
        self.memory.words(0)
    }

    /// Words reserved.
    pub(crate) fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// The file behind it.
    pub(crate) fn file(&self) -> Option<&KeptFile> {
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
                file.with(|file| files::reserve_blocks(file, bytes(start), bytes(len))).ok()?;
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

    /// Hands nothing out any more, and returns how many words are in use.
    pub(crate) fn seal(&self) -> u64 {
        self.next.fetch_or(SEALED, Ordering::AcqRel) & !SEALED
    }

    /// Whether nothing more is handed out.
    pub(crate) fn is_sealed(&self) -> bool {
        self.next.load(Ordering::Relaxed) & SEALED != 0
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

    /// Whether a cursor is one into this region.
    pub(crate) fn contains(&self, words: Words) -> bool {
        self.memory.contains(words)
    }
}
