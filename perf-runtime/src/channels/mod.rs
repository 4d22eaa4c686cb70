#![doc = include_str!("../../docs/channels.md")]

// The modules are named as the libraries whose channels they have, so this file writes `::std`.
#[cfg(feature = "channel-async-channel")]
pub mod async_channel;
#[cfg(feature = "channel-crossbeam")]
pub mod crossbeam;
#[cfg(feature = "depths")]
mod depth;
mod end;
#[cfg(feature = "channel-flume")]
pub mod flume;
mod iterators;
mod stamped;
pub mod std;
#[cfg(feature = "channel-tokio")]
pub mod tokio;

pub use stamped::Stamped;
