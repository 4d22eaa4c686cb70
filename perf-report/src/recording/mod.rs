//! The recording that the runtime writes: its [`layout`] and its reader.
//!
//! A recording is read from a copy of its words, which a process makes of its own memory ([`read`]), or from a file
//! (`Recording`, feature `files`), whose process may still be running, have ended, or have been killed. In all cases somebody may write on
//! meanwhile, and a file may be damaged or forged. So the reader trusts nothing:
//!
//! - Every block is *claimed* before it is looked at (`claims`, `blocks`): it must be aligned, lie inside what is in use, and
//!   share no word with a block claimed before. That rules out cycles, and bounds the work and the memory by the length.
//! - What contradicts itself is left out and told as a [`Damage`], with its place; the rest is still read.
//! - In a recording that still grows, a block behind the end is no damage: it was made after the reading began.
//!
//! The way (`read`): header (`head`), sites (`sites`), then all shards (`gather`), whose slots are added up per site (`shards`,
//! `sums`), and from the sums the functions (`functions`). The words come from memory or through a window on the file
//! (`source`).
//!
//! Only when there is no recording at all (foreign file, other version, no header) there is a [`RecordingError`] alone.

#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "a file is read in parts, memory is not"))]
mod blocks;
#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "the parts of a file are claimed by several threads"))]
mod claims;
mod costs;
mod deadlocks;
mod error;
#[cfg(feature = "files")]
mod file;
mod functions;
#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "only files are read by several threads"))]
mod gather;
mod head;
pub mod layout;
mod monitor;
#[cfg(feature = "command")]
pub(crate) mod outside;
mod read;
mod resources;
mod sampled_times;
mod scale;
#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "only files are read by several threads"))]
mod shards;
mod sites;
mod slowest;
#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "a file is read in parts, memory is not"))]
mod source;
mod stacks;
mod sums;
#[cfg(all(test, feature = "files"))]
mod tests;
mod trace;
mod waiters;

pub use error::{Damage, RecordingError};
#[cfg(feature = "files")]
pub use file::Recording;
pub use read::{read, read_trace};

use crate::{Snapshot, Trace};

/// The moment for which a recording is read.
///
/// The time that calls in flight have taken is relative to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Now {
    /// The header's `LAST_TICK`.
    ///
    /// The writer stored it when it made the copy, or when it closed the recording.
    LastTick,
    /// A reading of the system's monotonic clock in ns, while the writer is alive.
    Monotonic(u64),
    /// The latest tick found anywhere, if the writer was killed.
    LastSeen,
}

/// The readable content of a recording.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The figures.
    pub snapshot: Snapshot,
    /// The contradictions found; what they concern was left out.
    ///
    /// In the order found, at most [`Reading::MOST_DAMAGES`]; empty for a sound recording.
    pub damages: Vec<Damage>,
    /// Number of further damages.
    pub further_damages: usize,
    /// The last trace window, if it was asked for and there is one.
    pub trace: Option<Trace>,
    /// The places of the sites' functions in the snapshot, by site id; empty for a snapshot that is no recording.
    #[cfg_attr(not(feature = "command"), allow(dead_code, reason = "only looks from outside know sites"))]
    pub(crate) places: Vec<Option<usize>>,
}

impl Reading {
    /// The most damages that a reading lists one by one.
    pub const MOST_DAMAGES: usize = 20;

    /// Whether the recording was sound, so that the snapshot lacks nothing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damages.is_empty()
    }
}
