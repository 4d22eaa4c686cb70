//! The region itself: blocks of words are handed out one after the other, and never moved or freed.

use std::fs::File;

use perf_report::recording::layout::{self, header};

use super::header::Origin;
use super::memory::{Memory, Words};
use super::successor::Successor;
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
    origin: Origin,
    /// The recording that follows when the file is cut.
    successor: Option<Box<Successor>>,
    /// The one that it follows.
    predecessor: Option<&'static Recording>,
}

impl Recording {
    /// A region of which nothing is in use. Its words are all zero.
    pub(super) fn new(memory: Memory, file: Option<KeptFile>, origin: Origin) -> Recording {
        let successor = file.is_some().then(Box::default);
        Recording { memory, file, next: AtomicU64::new(0), origin, successor, predecessor: None }
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

    /// Says which recording it follows.
    pub(super) fn following(self, lost: &'static Recording) -> Recording {
        Recording { predecessor: Some(lost), ..self }
    }

    /// The file of the recording that was cut, if one was: this, or that which this follows.
    pub(crate) fn cut_file(&self) -> Option<&KeptFile> {
        if self.was_cut().is_some() { self.file() } else { self.predecessor?.file() }
    }

    /// The description of its process.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The place for the recording that follows this one, if it may need one.
    pub(super) fn place_of_successor(&self) -> Option<&Successor> {
        self.successor.as_deref()
    }

    /// Gives the file up, in which figures cannot be kept any more: as if it had been cut.
    pub(crate) fn give_up_file(&self) {
        self.memory.give_up_file();
    }

    /// When the file behind it was found to be cut, in ns since the Unix epoch. Its contents were lost.
    #[inline]
    pub(crate) fn was_cut(&self) -> Option<u64> {
        self.memory.was_cut()
    }

    /// Hands out `len` zeroed words, aligned to a cache line. `None` when the recording is full, sealed or lost.
    ///
    /// Takes no lock. With a file, its blocks are reserved before they are handed out: a full disk must be a full recording, not
    /// a bus error, and there is nothing among what is in use that could not be read.
    pub(crate) fn allocate(&self, len: usize) -> Option<Words> {
        let len = len.next_multiple_of(layout::ALIGN);
        let mut next = self.next.load(Ordering::Relaxed);
        let start = loop {
            // A sealed cursor is above every capacity.
            let start = self.memory.fit(usize::try_from(next).ok()?, len)?;
            self.memory.open(start + len).ok()?;
            self.reserve_blocks(start, len)?;
            match self.next.compare_exchange_weak(next, (start + len) as u64, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break start,
                // Another thread took the place that this one wanted.
                Err(current) => next = current,
            }
        };
        self.header().fetch_max(header::USED, (start + len) as u64);
        Some(self.memory.words(start))
    }

    /// Has the file system set blocks aside for words of the file, if there is one.
    fn reserve_blocks(&self, start: usize, len: usize) -> Option<()> {
        let Some(file) = &self.file else { return Some(()) };
        if self.was_cut().is_some() {
            return None;
        }
        let bytes = |words: usize| (words * layout::WORD_BYTES) as u64;
        // If it was cut and nobody has noticed: making it longer would hide that from all who come after.
        let is_cut = |file: &File| file.metadata().map(|metadata| metadata.len() < bytes(start));
        if file.with(is_cut).is_ok_and(|is_cut| is_cut) {
            self.give_up_file();
            return None;
        }
        file.with(|file| files::reserve_blocks(file, bytes(start), bytes(len))).ok()
    }

    /// Words in use: nothing was handed out at or above this offset.
    pub(super) fn used(&self) -> usize {
        (self.next.load(Ordering::Acquire) & !SEALED) as usize
    }

    /// Hands nothing out any more, and returns how many words are in use.
    pub(crate) fn seal(&self) -> u64 {
        self.next.fetch_or(SEALED, Ordering::AcqRel) & !SEALED
    }

    /// Whether nothing more is handed out.
    pub(crate) fn is_sealed(&self) -> bool {
        self.next.load(Ordering::Relaxed) & SEALED != 0
    }

    /// A cursor at an absolute offset of a block in use.
    #[cfg(any(feature = "monitor", all(test, loom)))]
    pub(crate) fn words(&self, offset: usize) -> Words {
        self.memory.words(offset)
    }

    /// Cursors at all words from one offset to another, by runs of words that lie together.
    pub(super) fn runs(&self, start: usize, end: usize) -> impl Iterator<Item = (Words, usize)> {
        self.memory.runs(start, end)
    }

    /// Absolute offset of a cursor.
    pub(crate) fn offset(&self, words: Words) -> usize {
        self.memory.offset(words)
    }

    /// Prepares the calling thread for writing there.
    pub(super) fn admit_thread(&self) {
        self.memory.admit_thread();
    }

    /// Whether a cursor is one into this region.
    #[inline]
    pub(crate) fn contains(&self, words: Words) -> bool {
        self.memory.contains(words)
    }

    /// Has a word of `block` lead to a block: its twin by an address, and the word itself by an offset that counts from `origin`.
    pub(crate) fn link(&self, block: Words, index: usize, to: Words, origin: Words) {
        // The writer first, so that none of its threads waits for what readers already find.
        block.twins().set_block(index, Some(to));
        block.publish(index, (self.offset(to) - self.offset(origin)) as u64);
    }

    /// Puts a block at the head of a list: `index` is the head's word in the header, `next` the list's word in its blocks.
    pub(crate) fn push(&self, index: usize, block: Words, next: usize) {
        let header = self.header();
        loop {
            let newest = header.twins().block_acquire(index);
            block.twins().set_block(next, newest);
            if header.twins().replace_block(index, newest, block) {
                break;
            }
        }
        // The same for readers, who may find the blocks in another order. Whoever overwrites the file's words can keep the exchange from
        // succeeding, and then the block is missing there.
        const ATTEMPTS: usize = 1000;
        for _ in 0..ATTEMPTS {
            let newest = header.load_acquire(index);
            block.set(next, newest);
            if header.replace(index, newest, self.offset(block) as u64) {
                break;
            }
        }
    }

    /// The blocks of a list, newest first.
    pub(crate) fn list(&self, index: usize, next: usize) -> impl Iterator<Item = Words> {
        std::iter::successors(self.header().twins().block_acquire(index), move |block| {
            block.twins().block_acquire(next)
        })
    }
}
