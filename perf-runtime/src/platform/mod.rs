//! The ground: the operating system and the processor, where the standard library does not show enough of them.
//!
//! Everything else in this crate may ask here, and nothing here knows of anything else in this crate. [`clock`] reads the
//! processor's counter and [`time`] the system's clocks; [`thread_word`] and [`threads`] belong to the calling thread, [`hooks`] to
//! the process, [`wiped`] memory to it and not to its children; [`files`], [`kept_file`], [`streams`] and [`signal_mask`] make writing safe whatever state the program is in;
//! [`signals`] are taken and raised again, for which [`wake`] and [`errno`] are; [`privileges`] and [`limits`] tell what the process
//! may do, [`usage`] what it uses.
//!
//! Complete on Linux; other Unix systems lack what is marked so.
//!
//! What must never happen: a hook that unwinds into the C library; a thread that keeps a signal mask that is not its own; a file
//! of the program's that is used because its descriptor once was ours.

pub(crate) mod clock;
pub(crate) mod errno;
pub(crate) mod files;
pub(crate) mod hooks;
pub(crate) mod kept_file;
pub(crate) mod limits;
pub(crate) mod privileges;
pub(crate) mod signal_mask;
pub(crate) mod signals;
pub(crate) mod streams;
pub(crate) mod thread_word;
pub(crate) mod threads;
pub(crate) mod time;
#[cfg(feature = "monitor")]
pub(crate) mod usage;
pub(crate) mod wake;
pub(crate) mod wiped;
