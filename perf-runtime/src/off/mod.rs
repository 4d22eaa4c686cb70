//! The names that programs use, doing nothing: all there is without the feature `enabled`.
//!
//! A program that compiles with measuring compiles without, unchanged. So every name of a module that `enabled`, `monitor` or
//! `allocations` brings has its counterpart here, with the same signature: sessions and monitors can be described and start
//! nothing, [`snapshot`] returns `None`, and the data of a [`report::Snapshot`] has all its fields but no value. The names stand
//! here whatever the features `monitor` and `allocations` say, which imply `enabled`.
//!
//! Locks and channels are the originals, and what else a feature wraps does nothing: these are here with their features alone.
//!
//! No file here may depend on another crate, but for those whose types a feature wraps: a program that does not measure links nothing
//! of ours. `tests/parity` holds both sides against each other.

pub mod allocations;
#[cfg(feature = "channel")]
pub mod channels;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "io")]
pub mod io;
#[cfg(feature = "sync")]
pub mod locks;
mod macros;
pub mod monitor;
pub mod report;
mod session;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "tasks")]
pub mod tasks;
#[cfg(feature = "tracing-layer")]
pub mod tracing;

/// As in `private.rs`: a block that must not wait when measured must not wait here.
#[doc(hidden)]
pub mod __private {
    pub use perf_macros::refuse_await;
}

pub use session::{Report, Session, SessionBuilder, TraceWindow, disable, enable, is_enabled, session, snapshot};
