//! What was measured, and how to look at it.
//!
//! - [`Snapshot`] is one process's figures at one moment: plain data, `serde`, versioned.
//! - [`recording`] is the memory format that the runtime writes and this crate reads back, from a file or from a copy of
//!   the process's own memory. Both go through the same checked reader.
//! - [`View`]s are text made of snapshots, fitted to where they are shown by a [`Style`].
//! - [`quantity`] reads durations, sizes and percentages, wherever people write them.
//! - [`Merge`] adds the snapshots of many processes up to one.
//! - `command` (with the feature of that name) is `cargo perf-report`: its functions [`run`](command::run) and
//!   [`main`](command::main), and nothing else of it.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]
#![forbid(unsafe_code)]

// The writer that tests have in common names this crate from outside.
#[cfg(all(test, feature = "files"))]
extern crate self as perf_report;

#[cfg(feature = "command")]
pub mod command;
mod json;
mod latency;
mod matching;
mod merge;
pub mod monitor;
pub mod quantity;
pub mod recording;
mod resource;
mod since;
mod snapshot;
pub mod view;

#[cfg(feature = "files")]
pub use json::SnapshotError;
pub use latency::Latency;
pub use merge::Merge;
pub use recording::layout::resource::{ResourceState, TeardownOutcome};
pub use recording::layout::site::{Kind, Timing};
pub use resource::{Dependency, Resource, Teardown};
pub use snapshot::{
    Allocations, Budget, Caller, Clock, ClockSource, Function, Futures, Heap, InFlight, Losses, Overhead, Process,
    SCHEMA, Snapshot, Source, State,
};
pub use view::{Stream, Style, View};
