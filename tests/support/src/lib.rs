//! Helpers with which tests pass on any machine, whoever starts them and whatever else runs there.
//!
//! A process inherits much from the one that starts it: which signals it ignores (`nohup` ignores hang-ups), the mask of blocked
//! signals, limits, the umask, open descriptors, and the environment with its locale, time zone and wishes to perf. So every
//! child of a test is started by [`command`] or [`tool`].
//!
//! A test waits for a condition with [`wait::until`] and not for a span of time: how long anything takes depends on what else the
//! machine does.
#![cfg(unix)]

pub mod environment;
pub mod executable;
mod state;
pub mod wait;

pub use state::{allow_open_files, command, tool};
