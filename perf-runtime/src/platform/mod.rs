//! The ground: the operating system and the processor, where the standard library does not show enough of them.
//!
//! Everything else in this crate may ask here, and nothing here knows of anything else in this crate. [`clock`] reads the
//! processor's counter and [`time`] the system's clocks; [`thread_word`] and [`threads`] belong to the calling thread, [`hooks`] to
//! the process; [`files`], [`streams`] and [`signal_mask`] make writing safe whatever state the program is in; [`usage`] tells
//! what the process uses.
//!
//! Complete on Linux; other Unix systems lack what is marked so.
//!
//! What must never happen: a hook that unwinds into the C library, or a thread that keeps a signal mask that is not its own.

pub(crate) mod clock;
pub(crate) mod files;
pub(crate) mod hooks;
pub(crate) mod signal_mask;
pub(crate) mod streams;
pub(crate) mod thread_word;
pub(crate) mod threads;
pub(crate) mod time;
#[cfg(feature = "monitor")]
pub(crate) mod usage;
