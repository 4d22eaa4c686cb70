//! The parts of the ground that are the operating system's, on Unix systems.
//!
//! Complete on Linux; other Unix systems lack what is marked so.

pub(crate) mod cut_file;
pub(crate) mod errno;
pub(crate) mod files;
pub(crate) mod hooks;
pub(crate) mod host;
pub(crate) mod kept_file;
pub(crate) mod limits;
pub(crate) mod privileges;
pub(crate) mod punctual;
pub(crate) mod reserved;
pub(crate) mod signal_mask;
pub(crate) mod signals;
pub(crate) mod streams;
pub(crate) mod threads;
pub(crate) mod time;
#[cfg(feature = "monitor")]
pub(crate) mod usage;
pub(crate) mod wake;
