//! The memory of a recording: arrays of atomic words that never move, and cursors into them.
//!
//! Every word of a recording has a twin. The recording's own may be a file's, which whoever may write the file can change at any
//! moment; the twin is this process's alone. A block of the recording and its twins lie at a fixed distance:
//!
//! ```text
//! │  HALF words of the recording  │  their twins  │  next HALF words  │  their twins  │ …
//! ```
//!
//! So a cursor into the one is a cursor into the other, and it costs a call nothing that all it follows (which slot, page, edge or frame
//! comes next) it reads from twins ([`Twins`]), and that what others read is elsewhere ([`Words`]). Of most blocks the twins
//! are not needed, and are pages that nobody ever touches.
//!
//! Every word is an atomic, so there are no data races whoever reads and writes. It remains to be upheld that cursors stay inside:
//! they are made by [`Memory::words`] from offsets that the recording's allocator gave out ([`super::Recording::allocate`]), by
//! [`Twins::block`] from what [`Twins::set_block`] left there, and by [`Words::at`] from fields of the layout and from offsets that twins
//! hold. Twins may turn to zeros at any moment, all of them (see [`cut_file`]): a block is looked up anew each time that it is
//! needed, is not there then, and every offset of 0 leads somewhere inside.
#![allow(unsafe_code, reason = "this file's subject is raw memory")]

use std::fs::File;
use std::hint::cold_path;
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::AtomicUsize;

use crate::platform::cut_file;
use crate::platform::reserved::{PAGE, Reserved};
use crate::sync::{Ordering, Word};

/// Words of a recording between which and the next there are as many twins: 8 MiB. No block is longer.
#[cfg(not(test))]
const HALF: usize = 1 << 20;
/// In tests so few that a recording has several.
#[cfg(all(test, not(loom)))]
const HALF: usize = 1 << 17;
#[cfg(all(test, loom))]
const HALF: usize = 1 << 13;

/// How many words become usable at once: 256 KiB, and as much of their twins.
const STEP: usize = if HALF < 1 << 15 { HALF } else { 1 << 15 };

const WORD: usize = 8;

/// The array.
#[derive(Debug)]
pub(crate) struct Memory {
    first: NonNull<Word>,
    len: usize,
    /// Length of the whole array, with the twins, in bytes.
    bytes: usize,
    /// Words up to which all may be used.
    opened: AtomicUsize,
    /// Watches the file behind it. Dropped before what it watches.
    guard: Option<cut_file::Guard>,
    /// Keeps the array alive.
    backing: Backing,
}

#[derive(Debug)]
enum Backing {
    Reserved(Reserved),
    Heap(#[expect(dead_code, reason = "held for its drop")] HeapWords),
}

/// Words from the allocator. A pointer and not a box, since a box claims to be the only way to them.
#[derive(Debug)]
struct HeapWords(NonNull<[Word]>);

impl Drop for HeapWords {
    fn drop(&mut self) {
        // SAFETY: the pointer was made from a box in `Memory::heap`, and is freed here alone.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

// SAFETY: `first` points into `backing`, which is owned and lives as long as the value; all access goes through atomics.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

/// Where a word of a recording stands in the array, in which twins lie between words.
const fn place(offset: usize) -> usize {
    offset / HALF * 2 * HALF + offset % HALF
}

/// Length of an array for so many words: the twins of the last ones are its end.
const fn span(len: usize) -> usize {
    match len % HALF {
        0 => 2 * len,
        rest => 2 * (len - rest) + HALF + rest,
    }
}

impl Memory {
    /// Reserves `len` words of zeros. Nothing is used before it is [opened](Self::open).
    pub(crate) fn anonymous(len: usize) -> io::Result<Memory> {
        Ok(Memory::mapped(Memory::reserve(len)?, None, len))
    }

    /// Maps the first `len` words of a file, which must be at least that long, shared: what is written is in the file. The twins are
    /// zeros.
    pub(crate) fn file(file: &File, len: usize) -> io::Result<Memory> {
        let space = Memory::reserve(len)?;
        for offset in (0..len).step_by(HALF) {
            let (start, words) = (place(offset), HALF.min(len - offset));
            let part = start * WORD..((start + words) * WORD).next_multiple_of(PAGE);
            space.put_file(part, file, (offset * WORD) as u64)?;
        }
        // SAFETY: words that become zeros are within what the module says of twins, and others may be anything anyway.
        let guard = unsafe { cut_file::Guard::new(&space) };
        Ok(Memory::mapped(space, Some(guard), len))
    }

    /// Whether a [`file`](Self::file) can be had on this platform.
    pub(crate) fn check_files() -> io::Result<()> {
        Reserved::check_files()
    }

    fn reserve(len: usize) -> io::Result<Reserved> {
        assert_eq!(size_of::<Word>(), WORD, "models run in heap memory: loom's words are more than numbers");
        let rest = len % HALF;
        let mut space = Reserved::new((span(len) * WORD).next_multiple_of(PAGE))?;
        if rest > 0 {
            // Between the last words and their twins.
            let start = place(len - rest);
            space.give_back(((start + rest) * WORD).next_multiple_of(PAGE)..(start + HALF) * WORD);
        }
        Ok(space)
    }

    fn mapped(space: Reserved, guard: Option<cut_file::Guard>, len: usize) -> Memory {
        let (first, bytes, opened) = (space.first().cast(), span(len) * WORD, AtomicUsize::new(0));
        Memory { first, len, bytes, opened, guard, backing: Backing::Reserved(space) }
    }

    /// Zeros from the allocator, for tests and where there is nothing better.
    #[cfg_attr(not(test), allow(dead_code, reason = "what is not a test maps its memory"))]
    pub(crate) fn heap(len: usize) -> Memory {
        // SAFETY: zeros are valid atomic integers.
        #[cfg(not(all(test, loom)))]
        let words = unsafe { Box::<[Word]>::new_zeroed_slice(span(len)).assume_init() };
        #[cfg(all(test, loom))]
        let words: Box<[Word]> = (0..span(len)).map(|at| Word::at(at / (2 * HALF) * HALF + at % HALF)).collect();
        let words = NonNull::from_mut(Box::leak(words));
        let (first, bytes, opened) = (words.cast(), span(len) * size_of::<Word>(), AtomicUsize::new(len));
        Memory { first, len, bytes, opened, guard: None, backing: Backing::Heap(HeapWords(words)) }
    }

    /// Number of words.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Makes all words before an offset usable.
    pub(crate) fn open(&self, end: usize) -> io::Result<()> {
        let opened = self.opened.load(Ordering::Acquire);
        let Backing::Reserved(space) = &self.backing else { return Ok(()) };
        if end <= opened {
            return Ok(());
        }
        // Threads that do this at once do the same, and no harm.
        let end = end.next_multiple_of(STEP).min(self.len);
        if let Some(guard) = &self.guard {
            guard.opens(span(end.next_multiple_of(HALF)) * WORD);
        }
        let mut start = opened;
        while start < end {
            let words = (HALF - start % HALF).min(end - start);
            for at in [place(start), place(start) + HALF] {
                space.open(at * WORD..((at + words) * WORD).next_multiple_of(PAGE))?;
            }
            start += words;
        }
        self.opened.fetch_max(end, Ordering::AcqRel);
        Ok(())
    }

    /// The first offset from one on where a block of so many words may stand. `None` if there is none.
    pub(crate) fn fit(&self, offset: usize, len: usize) -> Option<usize> {
        let start = if offset % HALF + len <= HALF { offset } else { offset.next_multiple_of(HALF) };
        (len <= HALF && start.checked_add(len)? <= self.len).then_some(start)
    }

    /// A cursor at an absolute offset of an allocated block.
    ///
    /// # Panics
    /// If the offset lies where nothing was opened.
    pub(crate) fn words(&self, offset: usize) -> Words {
        let opened = self.opened.load(Ordering::Relaxed);
        assert!(offset < opened, "offset {offset} outside of the {opened} words of a recording that are in use");
        // SAFETY: the offset was just checked to lie in the array.
        Words { first: unsafe { self.first.add(place(offset)) } }
    }

    /// Cursors at the first of as many words as lie together, and their number, for all words from one offset to another.
    pub(crate) fn runs(&self, start: usize, end: usize) -> impl Iterator<Item = (Words, usize)> {
        let next = |at: usize| (at / HALF + 1) * HALF;
        std::iter::successors(Some(start), move |&at| Some(next(at)))
            .take_while(move |&at| at < end)
            .map(move |at| (self.words(at), next(at).min(end) - at))
    }

    /// Whether a cursor is one into this memory.
    #[inline]
    pub(crate) fn contains(&self, words: Words) -> bool {
        let bytes = words.first.addr().get().wrapping_sub(self.first.addr().get());
        bytes < self.bytes
    }

    /// Absolute offset of a cursor.
    pub(crate) fn offset(&self, words: Words) -> usize {
        let at = (words.first.addr().get() - self.first.addr().get()) / size_of::<Word>();
        at / (2 * HALF) * HALF + at % HALF
    }

    /// When the file behind it was found to be cut, in ns since the Unix epoch. Its contents were lost.
    #[inline]
    pub(crate) fn was_cut(&self) -> Option<u64> {
        self.guard.as_ref()?.was_cut()
    }

    /// Prepares the calling thread for writing there.
    pub(crate) fn admit_thread(&self) {
        if let Some(guard) = &self.guard {
            guard.admit_thread();
        }
    }

    /// Gives up the file behind it, as if it had been found to be cut.
    pub(crate) fn give_up_file(&self) {
        if let Some(guard) = &self.guard {
            guard.replace();
        }
    }
}

/// A cursor: words of a recording from some place on, which readers know.
///
/// It has no lifetime, because the memory of a process's recording is never freed; whoever makes a recording that is
/// freed (the calibration, tests) drops all cursors first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Words {
    first: NonNull<Word>,
}

impl Words {
    /// A cursor that [`to_pointer`](Self::to_pointer) made a pointer.
    #[inline(always)]
    pub(crate) fn from_pointer(pointer: *const ()) -> Option<Words> {
        NonNull::new(pointer.cast_mut().cast()).map(|first| Words { first })
    }

    /// A cursor as a pointer, null for none.
    #[inline(always)]
    pub(crate) fn to_pointer(words: Option<Words>) -> *const () {
        words.map_or(std::ptr::null(), |words| words.first.as_ptr().cast_const().cast())
    }

    #[inline(always)]
    fn word(&self, index: usize) -> &Word {
        // SAFETY: the cursor stands in a block that was allocated, and callers name fields of that block's layout. So the word
        // lies in the memory, which outlives the cursor.
        unsafe { self.first.add(index).as_ref() }
    }

    /// The cursor `offset` words further: a field of the block's layout, or what a twin says.
    #[inline(always)]
    pub(crate) fn at(self, offset: usize) -> Words {
        // SAFETY: as in `word`: the place lies in the same memory.
        Words { first: unsafe { self.first.add(offset) } }
    }

    /// How many words further another cursor stands; [`at`](Self::at) leads there.
    pub(crate) fn distance(self, to: Words) -> usize {
        (to.first.addr().get() - self.first.addr().get()) / size_of::<Word>()
    }

    /// The twins of these words.
    #[inline(always)]
    pub(crate) fn twins(self) -> Twins {
        Twins(self.at(HALF))
    }

    #[inline(always)]
    pub(crate) fn get(&self, index: usize) -> u64 {
        self.word(index).load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set(&self, index: usize, value: u64) {
        self.word(index).store(value, Ordering::Relaxed);
    }

    /// Adds with a plain load and store: for words with one writer.
    #[inline(always)]
    pub(crate) fn add(&self, index: usize, value: u64) {
        self.set(index, self.get(index).wrapping_add(value));
    }

    /// Adds in one step: what a signal handler of the thread adds comes before it or after it, and is not overwritten. For words with one
    /// writer.
    #[inline(always)]
    pub(crate) fn add_at_once(&self, index: usize, value: u64) {
        #[cfg(all(target_arch = "x86_64", not(any(loom, miri))))]
        // SAFETY: the word is a reference's, so it may be written, and the one instruction writes nothing else. Nobody else writes it, and to
        // those who read it, it is one load and one store of an aligned word, as in `add`.
        unsafe {
            std::arch::asm!(
                "add qword ptr [{word}], {value}",
                word = in(reg) self.word(index).as_ptr(),
                value = in(reg) value,
                options(nostack),
            );
        }
        #[cfg(not(all(target_arch = "x86_64", not(any(loom, miri)))))]
        self.word(index).fetch_add(value, Ordering::Relaxed);
    }

    /// Adds `VALUE`, which has nothing in its lower half, to the word at an index behind the first `SKIPPED`, and says whether it is below 0
    /// then, as a signed number. In one step, as [`add_at_once`](Self::add_at_once).
    #[inline(always)]
    pub(crate) fn falls_below_0<const SKIPPED: usize, const VALUE: u64>(self, index: usize) -> bool {
        const { assert!(VALUE.trailing_zeros() >= 32, "it has something in its lower half") };
        #[cfg(all(target_arch = "x86_64", not(any(loom, miri))))]
        {
            let mut is_below = false;
            // SAFETY: as in `add_at_once`, of the upper half of the word: callers name a word of the cursor's block.
            unsafe {
                std::arch::asm!(
                    "add dword ptr [{first} + 8 * {index} + {upper_half}], {value}",
                    "js {below}",
                    first = in(reg) self.first.as_ptr(),
                    index = in(reg) index,
                    upper_half = const SKIPPED * WORD + WORD / 2,
                    value = const (VALUE >> 32) as i32,
                    below = label { cold_path(); is_below = true; },
                    options(nostack),
                );
            }
            is_below
        }
        #[cfg(not(all(target_arch = "x86_64", not(any(loom, miri)))))]
        {
            let before = self.word(SKIPPED + index).fetch_add(VALUE, Ordering::Relaxed);
            before.wrapping_add(VALUE).cast_signed() < 0
        }
    }

    /// The upper half of the word at an index, with nothing in its lower half.
    ///
    /// A processor hands what [`falls_below_0`](Self::falls_below_0) has just stored to a load of the same half, but a load of the whole word
    /// waits until it is in the cache.
    #[inline(always)]
    pub(crate) fn upper_half(self, index: usize) -> u64 {
        #[cfg(all(target_arch = "x86_64", not(any(loom, miri))))]
        {
            let half: u32;
            // SAFETY: a part of a word that is there, which nobody else writes.
            unsafe {
                std::arch::asm!(
                    "mov {half:e}, dword ptr [{word} + {upper_half}]",
                    half = out(reg) half,
                    word = in(reg) self.word(index).as_ptr(),
                    upper_half = const WORD / 2,
                    options(nostack, preserves_flags, readonly),
                );
            }
            u64::from(half) << 32
        }
        #[cfg(not(all(target_arch = "x86_64", not(any(loom, miri)))))]
        {
            self.get(index) >> 32 << 32
        }
    }

    /// Stores so that whoever reads the value by [`load_acquire`](Self::load_acquire) sees all that was stored before.
    #[inline(always)]
    pub(crate) fn publish(&self, index: usize, value: u64) {
        self.word(index).store(value, Ordering::Release);
    }

    #[inline(always)]
    pub(crate) fn load_acquire(&self, index: usize) -> u64 {
        self.word(index).load(Ordering::Acquire)
    }

    /// Writes a string, padded with zeros to whole words.
    pub(crate) fn write_text(&self, text: &str) {
        let (whole, rest) = text.as_bytes().as_chunks::<WORD>();
        for (index, word) in whole.iter().enumerate() {
            self.set(index, u64::from_ne_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; WORD];
            word[..rest.len()].copy_from_slice(rest);
            self.set(whole.len(), u64::from_ne_bytes(word));
        }
    }

    /// Adds atomically: for words with several writers, off the record path.
    pub(crate) fn fetch_add(&self, index: usize, value: u64) -> u64 {
        self.word(index).fetch_add(value, Ordering::Relaxed)
    }

    /// Raises a word to at least `value`, atomically.
    pub(crate) fn fetch_max(&self, index: usize, value: u64) {
        self.word(index).fetch_max(value, Ordering::AcqRel);
    }

    /// Replaces `current` by `new` and says whether it did.
    pub(crate) fn replace(&self, index: usize, current: u64, new: u64) -> bool {
        self.word(index).compare_exchange(current, new, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// The twins of words of a recording, which only this process reads and writes. An index that is used for a block is used for
/// nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Twins(Words);

impl Twins {
    #[inline(always)]
    pub(crate) fn get(self, index: usize) -> u64 {
        self.0.get(index)
    }

    #[inline(always)]
    pub(crate) fn set(self, index: usize, value: u64) {
        self.0.set(index, value);
    }

    pub(crate) fn add(self, index: usize, value: u64) {
        self.0.add(index, value);
    }

    pub(crate) fn fetch_add(self, index: usize, value: u64) -> u64 {
        self.0.fetch_add(index, value)
    }

    pub(crate) fn publish(self, index: usize, value: u64) {
        self.0.publish(index, value);
    }

    pub(crate) fn load_acquire(self, index: usize) -> u64 {
        self.0.load_acquire(index)
    }

    pub(crate) fn replace(self, index: usize, current: u64, new: u64) -> bool {
        self.0.replace(index, current, new)
    }

    /// The block that [`set_block`](Self::set_block) left.
    #[inline(always)]
    pub(crate) fn block(self, index: usize) -> Option<Words> {
        cursor(self.get(index))
    }

    /// As [`block`](Self::block), where another thread may have set it.
    pub(crate) fn block_acquire(self, index: usize) -> Option<Words> {
        cursor(self.load_acquire(index))
    }

    /// Leaves a block where [`block`](Self::block) finds it.
    pub(crate) fn set_block(self, index: usize, block: Option<Words>) {
        self.publish(index, address(block));
    }

    /// Leaves a block in the place of `current`, and says whether that was still there.
    pub(crate) fn replace_block(self, index: usize, current: Option<Words>, new: Words) -> bool {
        self.replace(index, address(current), address(Some(new)))
    }
}

/// The cursor at an address that a twin holds.
#[inline(always)]
fn cursor(address: u64) -> Option<Words> {
    NonNull::new(std::ptr::with_exposed_provenance_mut(address as usize)).map(|first| Words { first })
}

/// The address of a cursor as twins keep it, 0 for none.
fn address(words: Option<Words>) -> u64 {
    words.map_or(0, |words| words.first.as_ptr().expose_provenance() as u64)
}
