//! The recording that goes on in memory when the file behind one was cut.
//!
//! The figures up to then are lost with the file. The old region stays, all zeros: every thread that was writing there finds
//! no slot any more, takes the slow path, and comes to the successor.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use perf_report::recording::layout::header;

use super::allocator::Recording;
use super::header::Origin;
use super::memory::Memory;

/// Words that a successor has at least, if the system grants no more.
const LEAST: usize = 1 << 16;

/// The place for a recording's successor, made beforehand: it is needed where there may be no heap.
#[derive(Debug, Default)]
pub(super) struct Successor {
    claimed: AtomicBool,
    place: OnceLock<Recording>,
}

impl Recording {
    /// Makes the recording that follows this one, which was cut: that of a process that `origin` tells of. `None` if that was done, or
    /// if there is no memory for it.
    ///
    /// Takes no lock and needs no heap, as any call may be the first to find that a successor is needed.
    pub(crate) fn succeed(&'static self, origin: impl FnOnce(&Origin) -> Origin) -> Option<&'static Recording> {
        let successor = self.place_of_successor()?;
        if successor.claimed.swap(true, Ordering::AcqRel) {
            return None;
        }
        let made = Recording::start(memory(self.capacity())?, None, &origin(self.origin())).ok()?;
        made.header().set(header::CUT_UNIX_NS, self.was_cut().unwrap_or(0));
        let made = made.following(self);
        // Nobody else ever sets it, so nobody waits here.
        Some(successor.place.get_or_init(|| made))
    }
}

fn memory(mut len: usize) -> Option<Memory> {
    loop {
        match Memory::anonymous(len) {
            Ok(memory) => return Some(memory),
            Err(_) if len <= LEAST => return None,
            Err(_) => len /= 2,
        }
    }
}
