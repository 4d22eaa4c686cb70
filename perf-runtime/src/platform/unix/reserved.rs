//! Memory that is reserved at once and opened step by step: the process's own, or a file's.
//!
//! Nobody can read or write a page that is reserved and not opened, and it costs nothing: not where a program locks all of its
//! memory (`mlockall`), nor where the system sets memory aside for all that may be written (`vm.overcommit_memory=2`,
//! `RLIMIT_DATA`).
#![allow(unsafe_code, reason = "this file's subject is memory")]

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

use libc::{MAP_ANONYMOUS, MAP_FIXED, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, PROT_NONE, PROT_READ, PROT_WRITE};

/// A piece of address space of this process, which nobody else uses. Opened, it is zeros, or a file's contents. Offsets are in bytes, and
/// multiples of [`PAGE`].
#[derive(Debug)]
pub(crate) struct Reserved {
    first: NonNull<u8>,
    len: usize,
    /// A part in the middle that was given back.
    hole: Range<usize>,
}

/// All sizes and offsets are multiples of it: the largest page that the supported systems have.
pub(crate) const PAGE: usize = 1 << 16;

// SAFETY: the address space is the process's, and every thread may do with it what one may.
unsafe impl Send for Reserved {}
// SAFETY: as above; what changes it are system calls.
unsafe impl Sync for Reserved {}

impl Reserved {
    /// Reserves `len` bytes.
    pub(crate) fn new(len: usize) -> io::Result<Reserved> {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        // SAFETY: the system chooses the place, so nothing that is there is touched.
        let first = checked(unsafe { libc::mmap(std::ptr::null_mut(), len, PROT_NONE, flags, -1, 0) })?;
        Ok(Reserved { first, len, hole: 0..0 })
    }

    /// Whether [`put_file`](Self::put_file) can do its work on this platform.
    pub(crate) fn check_files() -> io::Result<()> {
        Ok(())
    }

    /// Gives back a part that is not needed.
    pub(crate) fn give_back(&mut self, part: Range<usize>) {
        if !part.is_empty() {
            self.check(&part);
            self.unmap(part.clone());
            self.hole = part;
        }
    }

    /// Puts a part of a file in the place of a part that was not opened yet: what is written there will be in the file.
    pub(crate) fn put_file(&self, part: Range<usize>, file: &File, offset: u64) -> io::Result<()> {
        self.check(&part);
        let offset = libc::off_t::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let (flags, len) = (MAP_SHARED | MAP_FIXED, part.len());
        // SAFETY: the part is this address space's own, and nobody has a reference into what was not opened.
        checked(unsafe { libc::mmap(self.at(part.start).cast(), len, PROT_NONE, flags, file.as_raw_fd(), offset) })?;
        Ok(())
    }

    /// Lets a part be read and written.
    pub(crate) fn open(&self, part: Range<usize>) -> io::Result<()> {
        self.check(&part);
        // SAFETY: the part is this address space's own; more is allowed there than before, and nothing is changed.
        match unsafe { libc::mprotect(self.at(part.start).cast(), part.len(), PROT_READ | PROT_WRITE) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// The first byte.
    pub(crate) fn first(&self) -> NonNull<u8> {
        self.first
    }

    /// The parts of it, without what was given back, as addresses and lengths.
    pub(super) fn parts(&self) -> [(usize, usize); 2] {
        let first = self.first.as_ptr().expose_provenance();
        match self.hole.clone() {
            hole if hole.is_empty() => [(first, self.len), (first, 0)],
            hole => [(first, hole.start), (first + hole.end, self.len - hole.end)],
        }
    }

    fn at(&self, offset: usize) -> *mut u8 {
        self.first.as_ptr().wrapping_add(offset)
    }

    fn check(&self, part: &Range<usize>) {
        let inside = part.start <= part.end && part.end <= self.len;
        let whole = part.end <= self.hole.start || part.start >= self.hole.end;
        assert!(inside && whole && part.start.is_multiple_of(PAGE), "no part of the address space: {part:?}");
    }

    fn unmap(&self, part: Range<usize>) {
        // SAFETY: the part is this address space's own, and its owner gives it up.
        unsafe { libc::munmap(self.at(part.start).cast(), part.len()) };
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let hole = self.hole.clone();
        if hole.is_empty() {
            self.unmap(0..self.len);
        } else {
            self.unmap(0..hole.start);
            self.unmap(hole.end..self.len);
        }
    }
}

/// Puts zeros that are this process's own in the place of whatever stands in a part of an [`Reserved`]. Does only what a signal
/// handler may, and says whether it could.
///
/// # Safety
/// The part is an address space's own, and all that use it are ready to find zeros there at any moment.
pub(super) unsafe fn put_zeros(address: usize, len: usize) -> bool {
    let (protection, flags) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED);
    let place = std::ptr::with_exposed_provenance_mut(address);
    // SAFETY: by the caller's promise.
    unsafe { libc::mmap(place, len, protection, flags, -1, 0) == place }
}

fn checked(place: *mut libc::c_void) -> io::Result<NonNull<u8>> {
    if place == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(place.cast()).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))
}
