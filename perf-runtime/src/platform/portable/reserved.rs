//! Memory that is reserved at once, from the system's allocator.
#![allow(unsafe_code, reason = "this file's subject is memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::ptr::NonNull;

/// All sizes and offsets are multiples of it, and the memory is aligned to it. The allocator does not align it, because it fills
/// memory with zeros by hand where it aligns to more than its own measure, and so touches every page.
pub(crate) const PAGE: usize = 4096;

/// Memory that begins as zeros, lies at a page's start, and stays until this is dropped.
///
/// From the system's allocator and not from the program's, which may count what it is asked for. Of so large a piece the system
/// gives pages as they are touched, as a rule.
#[derive(Debug)]
pub(crate) struct Reserved {
    /// As the allocator gave it.
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: the memory is this value's alone, and whoever uses it sees to how.
unsafe impl Send for Reserved {}
// SAFETY: as above.
unsafe impl Sync for Reserved {}

impl Reserved {
    /// Reserves bytes of zeros.
    pub(crate) fn new(bytes: usize) -> io::Result<Reserved> {
        let layout = bytes.checked_add(PAGE).and_then(|bytes| Layout::from_size_align(bytes, align_of::<u64>()).ok());
        let layout = layout.ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: the layout is of a page or more.
        let start = NonNull::new(unsafe { System.alloc_zeroed(layout) }).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Reserved { start, layout })
    }

    /// Keeps the part all the same: the allocator takes back nothing but the whole.
    pub(crate) fn give_back(&mut self, _part: Range<usize>) {}

    /// Always an error: the standard library maps no files.
    pub(crate) fn put_file(&self, _part: Range<usize>, _file: &File, _offset: u64) -> io::Result<()> {
        Err(no_files())
    }

    /// Does nothing: all can be read and written from the start.
    pub(crate) fn open(&self, _part: Range<usize>) -> io::Result<()> {
        Ok(())
    }

    /// Whether [`put_file`](Self::put_file) can do its work on this platform.
    pub(crate) fn check_files() -> io::Result<()> {
        Err(no_files())
    }

    /// The first byte.
    pub(crate) fn first(&self) -> NonNull<u8> {
        // SAFETY: a page more was allocated than is used, so the first page's start lies within.
        unsafe { self.start.add(self.start.align_offset(PAGE)) }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout, and is freed here alone.
        unsafe { System.dealloc(self.start.as_ptr(), self.layout) };
    }
}

fn no_files() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "this platform has no recording files")
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn memory_begins_as_zeros_at_a_pages_start() {
        let reserved = Reserved::new(3 * PAGE).unwrap();
        let first = reserved.first().as_ptr();
        assert!(first.addr().is_multiple_of(PAGE));
        // SAFETY: the bytes are the value's, and nobody writes to them.
        assert!(unsafe { std::slice::from_raw_parts(first, 3 * PAGE) }.iter().all(|&byte| byte == 0));
    }

    #[test]
    fn more_memory_than_there_can_be_is_an_error() {
        assert_eq!(Reserved::new(usize::MAX).unwrap_err().kind(), io::ErrorKind::OutOfMemory);
    }
}
