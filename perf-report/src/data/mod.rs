//! The measured figures: plain data, independent of how they were recorded and of how they are shown.
//!
//! A [`Snapshot`](crate::Snapshot) holds functions, resources, what the monitor saw, and what was lost. It can be written as
//! JSON and read back (`json`), subtracted from a later one (`since`) and added to others (`merge`), within its bounds (`bounds`). Functions of different
//! snapshots are matched by name (`matching`), because the linker decides on their order.

mod bounds;
mod deadlock;
mod function;
pub(crate) mod json;
mod latency;
pub(crate) mod matching;
mod merge;
mod metadata;
pub mod monitor;
mod process;
mod raw;
mod resource;
mod since;
mod sizes;
pub(crate) mod slowest;
mod snapshot;
mod stacks;
mod trace;
mod transfer;
pub(crate) mod waiting;

pub use deadlock::{Deadlock, DeadlockedThread};
pub use function::{Allocations, Budget, Caller, Function, Futures, TimeSource};
#[cfg(feature = "files")]
pub use json::SnapshotError;
pub use latency::Latency;
pub use merge::Merge;
pub use metadata::{Difference, Metadata, metadata_pairs};
pub use process::{Clock, ClockSource, Process, State};
pub use resource::{Dependency, Resource, Teardown};
pub use sizes::{Depth, Rows};
pub use slowest::SlowCall;
pub use snapshot::{Heap, InFlight, Losses, Overhead, SCHEMA, Snapshot, Source};
pub use stacks::{StackNode, Stacks};
pub use trace::{Trace, TraceEvent, TraceEventKind, TraceThread, TracedCall};
pub use transfer::{Statuses, Transfer};

#[cfg(feature = "command")]
pub(crate) use stacks::profile;

pub(crate) use crate::recording::layout::site::{Kind, Timing};
