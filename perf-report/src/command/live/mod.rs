//! A process watched while it runs.
//!
//! The process is not asked for anything: its recording is read again and again like any file, and recent values are the
//! difference of two readings. A [`WatchedRecording`] follows one recording, which [`find`] finds for a process id, and makes a
//! [`Moment`] of each reading. A [`ReadingWindow`] keeps the readings needed for that, and never more of them the longer it
//! lasts. Memory and processor time ([`Usage`]) come from the system.
//!
//! All of this is data; `command::top` draws it.

mod filter;
pub(crate) mod find;
mod moment;
mod order;
mod remote;
mod stack_watch;
mod usage;
mod watch;
mod window;

pub(crate) use filter::Filter;
pub(crate) use moment::{Activity, Moment, Past};
pub(crate) use order::{Key, Sort};
pub(crate) use remote::Remote;
pub(crate) use stack_watch::StackWatch;
pub(crate) use usage::Usage;
pub(crate) use watch::{Target, WatchedRecording, read_new};
pub(crate) use window::ReadingWindow;
