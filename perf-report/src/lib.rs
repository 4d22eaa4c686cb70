//! Figures that `perf-runtime` measured, and views of them.
//!
//! A program that is measured depends on [`perf-runtime`](https://docs.rs/perf-runtime), which re-exports this crate as
//! `perf_runtime::report`. Depend on it directly to read what other programs recorded. The command for people is in here too:
//!
//! ```sh
//! cargo install perf-report --features command
//! cargo perf-report show run.json
//! ```
//!
//! # From a file to figures
//!
//! A program writes a snapshot when it ends (`PERF_REPORT=json:run.json`), or a recording while it runs
//! (`PERF_RECORDING=app.perfrec`), which can be read at any time, also after the program was killed.
//!
//! ```
//! # #[cfg(feature = "files")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use perf_report::{Snapshot, Style, View};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("run.json");
//! # std::fs::write(&path, Snapshot::empty().to_json())?;
//! let snapshot = Snapshot::from_json(&std::fs::read(path)?)?;
//! for function in &snapshot.functions {
//!     println!("{}: {} calls, p99 {} ns", function.name, function.calls, function.quantile_ns(0.99));
//! }
//! print!("{}", View::Table.render(&snapshot, &Style::plain().with_width(100)));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "files"))]
//! # fn main() {}
//! ```
//!
//! # Parts
//!
//! - Data: [`Snapshot`] holds the figures of one process at one moment, [`Merge`] adds many up, [`monitor`] is the process
//!   over time. Durations are whole nanoseconds.
//! - Reader: [`recording`] is the memory format that the runtime writes; one checked reader serves files and memory.
//! - Views: a [`View`] makes text of a snapshot, fitted by a [`Style`] to where it is shown.
//! - Quantities: [`quantity`] reads durations, sizes and percentages, wherever people write them.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | (none) | data, views, and the reader of a process's own memory: what a measured program needs |
//! | `files` | `Snapshot::from_json`, `Deserialize`, and `recording::Recording` for files; links `serde_json` |
//! | `serve` | the libraries that metrics and the server of the command need; nothing without `command` |
//! | `source` | the libraries that read sources of programs; nothing without `command` |
//! | `command` | the command, with `files`, `serve` and `source` |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]
#![forbid(unsafe_code)]

// The writer that tests have in common names this crate from outside.
#[cfg(all(test, feature = "files"))]
extern crate self as perf_report;

mod data;
#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/reports.md")]
pub mod guide {
    #[doc = include_str!("../docs/annotate.md")]
    pub mod annotate {}
    #[doc = include_str!("../docs/ci.md")]
    pub mod ci {}
    #[doc = include_str!("../docs/audit.md")]
    pub mod audit {}
    #[doc = include_str!("../docs/export.md")]
    pub mod export {}
    #[doc = include_str!("../docs/flame.md")]
    pub mod flame {}
    #[doc = include_str!("../docs/serve.md")]
    pub mod serve {}
}
// For the runtime.
#[doc(hidden)]
pub mod device;
#[doc(hidden)]
pub mod machine;
pub mod quantity;
pub mod recording;
pub mod view;

#[cfg(feature = "command")]
pub mod command;

#[cfg(feature = "files")]
pub use data::SnapshotError;
pub use data::{
    Allocations, Budget, Caller, Clock, ClockSource, Deadlock, DeadlockedThread, Dependency, Depth, Difference,
    Function, Futures, Heap, InFlight, Latency, Losses, Merge, Metadata, Overhead, Process, Resource, Rows, SCHEMA,
    SlowCall, Snapshot, Source, StackNode, Stacks, State, Statuses, Teardown, TimeSource, Trace, TraceEvent,
    TraceEventKind, TraceThread, TracedCall, Transfer, metadata_pairs, monitor,
};
#[cfg(feature = "command")]
pub(crate) use data::{json, matching};
pub use recording::layout::resource::{ResourceState, TeardownOutcome};
pub use recording::layout::site::{Kind, Timing};
pub use view::{Stream, Style, View};
