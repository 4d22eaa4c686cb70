//! Memory that is reserved at once and used page by page: the process's own, or a file's.
#![allow(unsafe_code, reason = "this file's subject is memory")]

use std::fs::File;
use std::io;

use memmap2::{MmapOptions, MmapRaw};

/// Memory that begins as zeros (or as a file's contents), lies at a page's start, and stays until this is dropped.
#[derive(Debug)]
pub(crate) struct Reserved(MmapRaw);

impl Reserved {
    /// Reserves bytes of zeros. Pages are touched only as they are used.
    pub(crate) fn zeros(bytes: usize) -> io::Result<Reserved> {
        let mapping = MmapOptions::new().len(bytes).no_reserve_swap().map_anon()?;
        Ok(Reserved(MmapRaw::from(mapping)))
    }

    /// The first bytes of a file, which must be at least that long, shared: what is written is in the file.
    pub(crate) fn file(file: &File, bytes: usize) -> io::Result<Reserved> {
        MmapOptions::new().len(bytes).map_raw(file).map(Reserved)
    }

    /// Whether [`file`](Self::file) can be had on this platform.
    pub(crate) fn check_files() -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn as_mut_ptr(&self) -> *mut u8 {
        self.0.as_mut_ptr()
    }
}
