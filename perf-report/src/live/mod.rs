//! A process watched while it runs.
//!
//! Nothing is asked of the process: its recording is read again and again, as any file, and what is recent is the difference
//! of two readings. A [`Watch`] follows one recording, which [`find`] finds for a process by its number, and makes a
//! [`Moment`] of each reading; [`Window`] keeps the readings that are needed for that, and no more of them the
//! longer it lasts. Memory and processor time of the process come from the system, which [`Usage`] asks.
//!
//! All of this is data. How it is drawn is a matter of `command::top`.

mod filter;
pub(crate) mod find;
mod moment;
mod order;
mod usage;
mod watch;
mod window;

pub(crate) use filter::Filter;
pub(crate) use moment::{Moment, Past, Row};
pub(crate) use order::{Key, Sort};
pub(crate) use usage::Usage;
pub(crate) use watch::{Target, Watch};
pub(crate) use window::Window;
