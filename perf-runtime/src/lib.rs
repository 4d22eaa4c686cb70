//! Where the time of your program goes, always.
//!
//! ```
//! use perf_runtime::profile;
//!
//! #[profile]
//! fn parse(text: &str) -> usize {
//!     text.split_whitespace().count()
//! }
//! # assert_eq!(parse("a b"), 2);
//! ```
//!
//! `PERF_REPORT=table cargo run --release` prints a row per annotated function to standard error when the program ends.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

// The floors of the house, from the ground up: each knows those above it in this list, and none below.
#[cfg(feature = "enabled")]
mod platform;

#[cfg(feature = "enabled")]
mod sync;

#[cfg(feature = "monitor")]
mod allocations;

#[cfg(feature = "enabled")]
mod recording;

#[cfg(feature = "enabled")]
mod process;

#[cfg(feature = "enabled")]
mod call;

#[cfg(feature = "resources")]
mod resource;

#[cfg(feature = "monitor")]
mod monitor;

#[cfg(feature = "enabled")]
mod session;

#[cfg(feature = "enabled")]
mod macros;
#[cfg(not(feature = "enabled"))]
mod off;

#[cfg(feature = "enabled")]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "monitor")]
pub use allocations::CountingAllocator;
#[cfg(feature = "monitor")]
pub use monitor::{Alert, AlertError, AlertEvent, AlertState, FunctionFigure, Level, Monitor, ResourceFigure, Watched};
#[cfg(not(feature = "enabled"))]
pub use off::{Report, Session, SessionBuilder, disable, enable, is_enabled, session};
#[doc = include_str!("../docs/lazy_resource.md")]
pub use perf_macros::lazy_resource;
#[doc = include_str!("../docs/profile.md")]
pub use perf_macros::profile;
#[cfg(feature = "enabled")]
pub use perf_report::Snapshot;
#[cfg(feature = "monitor")]
pub use perf_report::monitor::Metric;
#[cfg(feature = "enabled")]
pub use process::report::Report;
#[cfg(feature = "enabled")]
pub use process::snapshot::snapshot;
#[cfg(feature = "resources")]
pub use resource::{
    AsyncEvictableResource, AsyncResource, EvictableResource, Lease, Replaced, Resource, ResourceError, ResourceHandle,
    ResourceScope, ResourceState, Resources, WarmFuture, WarmProgress, WarmUp, resources,
};
#[cfg(feature = "enabled")]
pub use session::{Session, SessionBuilder, disable, enable, is_enabled, session};
