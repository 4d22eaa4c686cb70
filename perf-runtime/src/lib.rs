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

// The floors of the house, from the ground up: each knows those above it in this list, and none below.
#[cfg(feature = "enabled")]
mod platform;

#[cfg(feature = "enabled")]
mod sync;

#[cfg(feature = "allocations")]
pub mod allocations;

#[cfg(feature = "enabled")]
mod recording;

#[cfg(feature = "enabled")]
mod process;

#[cfg(feature = "enabled")]
mod call;

#[cfg(feature = "resources")]
pub mod resource;

#[cfg(feature = "monitor")]
pub mod monitor;

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
pub use perf_report as report;
#[cfg(feature = "enabled")]
pub use process::report::Report;
#[cfg(feature = "enabled")]
pub use process::snapshot::snapshot;
#[cfg(feature = "enabled")]
pub use session::{Session, SessionBuilder, disable, enable, is_enabled, session};
