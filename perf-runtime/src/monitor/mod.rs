#![doc = include_str!("../../docs/monitor.md")]

// The process monitor: samples, a timeline, alerts.
//
// A program describes it by a `builder`; each `alert` has something `watched`, a `level` and `action`s, and may be written
// as an `expression`. Then two threads run, from the start of a session to its end. The `sampler` reads the `system` at an
// interval, and with each sample lets the `watcher` add to the `timeline` and follow the `course` of each alert, whose
// values may also come from a function's `recent_calls`, from `resources` or from `channels`. It runs no code of the program's, takes no lock
// but its own, and so is never late because of an alert. An `event` is a job for the `worker`, which logs, evicts, and calls
// the program's hooks; between the two is a queue that holds 64 jobs, beyond which messages are left out and counted.
//
// Everything that the reports tell of it later is written into the recording (`records`), so that it outlives the process.
//
// The following must never happen: a sample that waits for the program's code; a panic of that code that ends a thread of ours; memory
// that grows with time.

mod action;
mod alert;
mod builder;
mod channels;
mod course;
mod event;
mod expression;
mod impossible;
mod level;
mod recent_calls;
mod records;
mod resources;
#[cfg(feature = "tasks-tokio")]
mod runtimes;
mod sampler;
mod system;
mod timeline;
mod units;
mod watched;
mod watcher;
mod worker;

pub use alert::Alert;
pub use builder::Monitor;
pub use event::{AlertEvent, AlertState};
pub use expression::AlertError;
pub use level::Level;
pub use perf_report::monitor::Metric;
pub use watched::{ChannelMetric, FunctionMetric, ResourceMetric, Watched};

pub(crate) use expression::parse_all;
pub(crate) use impossible::say_unseen;
pub(crate) use sampler::{forget, start, stop};
