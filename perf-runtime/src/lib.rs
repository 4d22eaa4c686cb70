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

#[cfg(all(feature = "enabled", not(unix)))]
compile_error!("perf-runtime measures on Unix systems; elsewhere build it with `default-features = false`");

#[cfg(feature = "monitor")]
mod allocator;
#[cfg(feature = "enabled")]
mod calibration;
#[cfg(feature = "enabled")]
mod clock;
#[cfg(feature = "enabled")]
mod control;
#[cfg(feature = "enabled")]
mod environment;
#[cfg(feature = "enabled")]
mod future;
#[cfg(feature = "enabled")]
mod leaked;
#[cfg(feature = "enabled")]
mod local;
#[cfg(feature = "enabled")]
mod macros;
#[cfg(feature = "enabled")]
mod message;
#[cfg(feature = "monitor")]
mod monitor;
#[cfg(not(feature = "enabled"))]
mod off;
#[cfg(feature = "enabled")]
mod platform;
#[cfg(feature = "enabled")]
mod recording;
#[cfg(feature = "enabled")]
mod recording_file;
#[cfg(feature = "enabled")]
mod report;
#[cfg(feature = "resources")]
mod resource;
#[cfg(feature = "enabled")]
mod session;
#[cfg(feature = "enabled")]
mod shapes;
#[cfg(feature = "enabled")]
mod shutdown;
#[cfg(feature = "enabled")]
mod signals;
#[cfg(feature = "enabled")]
mod site;
#[cfg(feature = "enabled")]
mod snapshot;
#[cfg(feature = "enabled")]
mod startup;
#[cfg(feature = "enabled")]
mod streams;
#[cfg(feature = "enabled")]
mod switch;
#[cfg(feature = "enabled")]
mod sync;
#[cfg(feature = "enabled")]
mod thread_word;
#[cfg(feature = "enabled")]
mod typed;

#[cfg(feature = "enabled")]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "monitor")]
pub use allocator::CountingAllocator;
#[cfg(feature = "monitor")]
pub use monitor::{Alert, AlertError, AlertEvent, AlertState, FunctionFigure, Level, Monitor, ResourceFigure, Watched};
#[cfg(not(feature = "enabled"))]
#[doc(hidden)]
pub use off::__private;
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
pub use report::Report;
#[cfg(feature = "resources")]
pub use resource::{
    AsyncEvictableResource, AsyncResource, EvictableResource, Lease, Replaced, Resource, ResourceError, ResourceHandle,
    ResourceScope, ResourceState, Resources, WarmFuture, WarmProgress, WarmUp, resources,
};
#[cfg(feature = "enabled")]
pub use session::{Session, SessionBuilder, session};
#[cfg(feature = "enabled")]
pub use snapshot::snapshot;
#[cfg(feature = "enabled")]
pub use switch::{disable, enable, is_enabled};
