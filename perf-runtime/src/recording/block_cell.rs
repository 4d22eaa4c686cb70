//! A place outside of a recording that says where a block in it is, for any thread.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::allocator::Recording;
use super::memory::Words;

/// An optional block of a recording.
#[derive(Debug)]
pub(crate) struct BlockCell(AtomicPtr<()>);

impl BlockCell {
    pub(crate) const fn none() -> Self {
        BlockCell(AtomicPtr::new(ptr::null_mut()))
    }

    /// The block, if it is one of this recording.
    pub(crate) fn get(&self, recording: &Recording) -> Option<Words> {
        Words::from_pointer(self.0.load(Ordering::Acquire)).filter(|&block| recording.contains(block))
    }

    pub(crate) fn set(&self, block: Option<Words>) {
        self.0.store(Words::to_pointer(block).cast_mut(), Ordering::Release);
    }
}
