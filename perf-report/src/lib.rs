//! What was measured, and how to look at it.
//!
//! - [`Snapshot`] is one process's figures at one moment: plain data, `serde`, versioned.
//! - [`recording`] is the memory format that the runtime writes and this crate reads back, from a file or from a copy of
//!   the process's own memory. Both go through the same checked reader.
//! - [`View`]s are text made of snapshots, fitted to where they are shown by a [`Style`].
//! - [`quantity`] reads durations, sizes and percentages, wherever people write them.
//! - [`Merge`] adds the snapshots of many processes up to one.
//! - `command` (with the feature of that name) is the `perf-report` command.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]
#![forbid(unsafe_code)]

// The writer that tests have in common names this crate from outside.
#[cfg(all(test, feature = "files"))]
extern crate self as perf_report;

#[cfg(feature = "command")]
pub mod bench;
#[cfg(feature = "command")]
mod budget;
#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "command")]
pub mod compare;
#[cfg(feature = "command")]
mod figure;
mod json;
mod latency;
#[cfg(feature = "command")]
mod live;
mod matching;
mod merge;
pub mod monitor;
pub mod quantity;
pub mod recording;
mod resource;
#[cfg(feature = "command")]
mod rules;
mod since;
mod snapshot;
pub mod view;

#[cfg(feature = "command")]
pub use budget::{BudgetCheck, BudgetVerdict, Checked};
#[cfg(feature = "command")]
pub use figure::{Figure, UnknownFigure};
#[cfg(feature = "files")]
pub use json::SnapshotError;
pub use latency::Latency;
pub use merge::Merge;
pub use recording::layout::resource::{ResourceState, TeardownOutcome};
pub use recording::layout::site::{Kind, Timing};
pub use resource::{Dependency, Resource, Teardown};
#[cfg(feature = "command")]
pub use rules::{BudgetRule, Rules, RulesError, ThresholdRule, fraction, pattern};
pub use snapshot::{
    Allocations, Budget, Caller, Clock, ClockSource, Function, Futures, Heap, InFlight, Losses, Overhead, Process,
    SCHEMA, Snapshot, Source, State,
};
pub use view::{Stream, Style, View};
