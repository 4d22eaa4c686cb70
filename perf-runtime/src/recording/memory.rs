//! The memory of a recording: an array of atomic words, reserved once and never moved, and cursors into it.
//!
//! Every word is an atomic, so there are no data races whoever reads and writes; what remains to be upheld is that a
//! [`Words`] cursor stays inside its array. Cursors are made from [`Memory::words`] and from offsets that the recording's
//! own allocator gave out ([`super::Recording::allocate`]), and read the layout's fixed fields from there.
#![allow(unsafe_code, reason = "this file's subject is raw memory")]

use std::fs::File;
use std::io;
use std::ptr::NonNull;

use crate::platform::reserved::Reserved;
use crate::sync::{Ordering, Word};

/// The array.
#[derive(Debug)]
pub(crate) struct Memory {
    first: NonNull<Word>,
    len: usize,
    /// Keeps the array alive.
    _backing: Backing,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held for its drop")]
enum Backing {
    Reserved(Reserved),
    Heap(HeapWords),
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

// SAFETY: `first` points into `_backing`, which is owned and lives as long as the value; all access goes through atomics.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// Reserves `len` words of zeros. Pages are touched only as they are used.
    pub(crate) fn anonymous(len: usize) -> io::Result<Memory> {
        Ok(Memory::reserved(Reserved::zeros(len * size_of::<Word>())?, len))
    }

    /// Maps the first `len` words of a file, which must be at least that long, shared: what is written is in the file.
    pub(crate) fn file(file: &File, len: usize) -> io::Result<Memory> {
        Ok(Memory::reserved(Reserved::file(file, len * size_of::<Word>())?, len))
    }

    /// Whether a [`file`](Self::file) can be had on this platform.
    pub(crate) fn check_files() -> io::Result<()> {
        Reserved::check_files()
    }

    fn reserved(memory: Reserved, len: usize) -> Memory {
        assert_eq!(size_of::<Word>(), 8, "models run in heap memory: loom's words are more than numbers");
        let first = NonNull::new(memory.as_mut_ptr().cast()).unwrap_or(NonNull::dangling());
        Memory { first, len, _backing: Backing::Reserved(memory) }
    }

    /// Zeros from the allocator, for small recordings.
    pub(crate) fn heap(len: usize) -> Memory {
        #[cfg(not(all(test, loom)))]
        let zero = |_| Word::new(0);
        #[cfg(all(test, loom))]
        let zero = Word::at;
        let words: Box<[Word]> = (0..len).map(zero).collect();
        let words = NonNull::from_mut(Box::leak(words));
        Memory { first: words.cast(), len, _backing: Backing::Heap(HeapWords(words)) }
    }

    /// Number of words.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A cursor at an absolute offset.
    ///
    /// # Panics
    /// If the offset lies outside.
    pub(crate) fn words(&self, offset: usize) -> Words {
        assert!(offset < self.len, "offset {offset} outside of a recording of {} words", self.len);
        // SAFETY: the offset was just checked to lie in the array.
        Words { first: unsafe { self.first.add(offset) } }
    }

    /// Whether a cursor is one into this memory.
    pub(crate) fn contains(&self, words: Words) -> bool {
        let bytes = words.first.addr().get().wrapping_sub(self.first.addr().get());
        bytes < self.len * size_of::<Word>()
    }

    /// Absolute offset of a cursor.
    pub(crate) fn offset(&self, words: Words) -> usize {
        (words.first.addr().get() - self.first.addr().get()) / size_of::<Word>()
    }
}

/// A cursor: words from some place of a [`Memory`] on.
///
/// It has no lifetime, because the memory of a process's recording is never freed; whoever makes a recording that is
/// freed (the calibration, tests) drops all cursors first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        // SAFETY: the cursor's maker allocated the block it stands in, and callers name fields of that block's layout or
        // offsets that the block itself holds, which its single writer took from the allocator. So the word lies in the
        // memory, which outlives the cursor.
        unsafe { self.first.add(index).as_ref() }
    }

    /// The cursor `offset` words further.
    #[inline(always)]
    pub(crate) fn at(self, offset: usize) -> Words {
        // SAFETY: as in `word`: the place lies in the same memory.
        Words { first: unsafe { self.first.add(offset) } }
    }

    /// The same cursor, with its address in one register.
    ///
    /// A word that is changed at every call costs no wait for the store before if loads and stores name it by a register and
    /// a constant; by two registers and a constant they do (the memory renaming of Golden Cove and Zen 2 and later). What
    /// the compiler makes of `at` is the latter.
    #[inline(always)]
    #[allow(clippy::pointers_in_nomem_asm_block, reason = "it is not followed")]
    pub(crate) fn computed(self) -> Words {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        {
            let mut first = self.first.as_ptr();
            // SAFETY: no instruction is emitted, so the pointer stays what it is.
            unsafe {
                std::arch::asm!("/* {0} */", inout(reg) first, options(pure, nomem, nostack, preserves_flags));
            }
            // SAFETY: as it was, so not null.
            Words { first: unsafe { NonNull::new_unchecked(first) } }
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        self
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
        for (index, chunk) in text.as_bytes().chunks(8).enumerate() {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            self.set(index, u64::from_ne_bytes(bytes));
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
