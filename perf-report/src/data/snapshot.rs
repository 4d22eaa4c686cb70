//! The plain data of one process at one moment. Durations are whole nanoseconds, times since the epoch too.

use serde::Serialize;

use super::{Deadlock, Function, Metadata, Process, Resource, Stacks, monitor::Monitor};

/// Version of the serialised form of [`Snapshot`].
///
/// It rises when a reader of the older form would misread the newer one.
pub const SCHEMA: u32 = 1;

/// Everything that was recorded of one process, merged over its threads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// The recorded process; of a merged snapshot, what its processes have in common.
    pub process: Process,
    /// The processes that were merged; empty for a single process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Where the figures come from: build, machine, commit, as far as it is known.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// The program's own time while it was recorded.
    ///
    /// It is `process.recorded_ns` without what measuring took of it.
    /// Shares of the elapsed time are shares of this.
    #[serde(default)]
    pub recorded_ns: u64,
    /// The cost of measuring.
    pub overhead: Overhead,
    /// The functions in the order of registration, with those that never ran.
    pub functions: Vec<Function>,
    /// Calls that had begun and not ended, per thread from the outermost inwards.
    pub in_flight: Vec<InFlight>,
    /// Threads that wait for each other's locks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deadlocks: Vec<Deadlock>,
    /// Losses: calls and names that were not recorded in full, and why.
    pub losses: Losses,
    /// The `#[lazy_resource]`s by name, with those that were never used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// The process over time, if it was monitored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Heap memory, if the counting allocator is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap: Option<Heap>,
    /// Stacks of calls seen at intervals, if they were sampled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacks: Option<Stacks>,
}

impl Snapshot {
    /// Creates a snapshot in which nothing happened, to be filled in.
    #[must_use]
    pub fn empty() -> Self {
        Snapshot {
            schema: SCHEMA,
            process: Process::new("", 0),
            sources: Vec::new(),
            metadata: Metadata::default(),
            recorded_ns: 0,
            overhead: Overhead::default(),
            functions: Vec::new(),
            in_flight: Vec::new(),
            deadlocks: Vec::new(),
            losses: Losses::default(),
            resources: Vec::new(),
            monitor: None,
            heap: None,
            stacks: None,
        }
    }
}

/// One process of a merged snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Source {
    /// Tells it from the others: a host, or the file it was read from.
    pub label: String,
    /// The process itself.
    pub process: Process,
}

impl Source {
    /// A process and its label.
    #[must_use]
    pub fn new(label: impl Into<String>, process: Process) -> Self {
        Source { label: label.into(), process }
    }
}

/// The cost of measuring.
///
/// It is calibrated when recording begins and again when it ends; costs are the means of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Overhead {
    /// Cost of one timed call.
    pub ns_per_timed_call: f64,
    /// Cost of one call that adaptive timing counts without timing it.
    pub ns_per_counted_call: f64,
    /// The part of a timed call's cost that is inside its own duration.
    ///
    /// The rest falls into the self time of its caller.
    pub ns_inside_duration: f64,
    /// Cost of one call that adaptive timing times.
    #[serde(default)]
    pub ns_per_adaptive_call: f64,
    /// Cost of one poll of a future.
    #[serde(default)]
    pub ns_per_poll: f64,
    /// Cost of one timed call when recording ended, for comparison; 0 before.
    #[serde(default)]
    pub ns_per_timed_call_at_end: f64,
    /// Whether the runtime was compiled without optimisation.
    ///
    /// Then measuring costs many times what it must.
    #[serde(default)]
    pub is_unoptimised: bool,
    /// The time that measuring took of all functions' self times; they are without it.
    #[serde(default)]
    pub measuring_ns: u64,
    /// The time that measuring took, in the thread where it took most.
    #[serde(default)]
    pub measuring_wall_ns: u64,
}

/// Heap memory of the process, by the counting allocator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Heap {
    /// Bytes in use.
    pub live_bytes: u64,
    /// Most bytes in use at any time, within 128 KiB per thread.
    pub peak_bytes: u64,
    /// Allocations so far.
    pub allocations: u64,
    /// Bytes allocated so far.
    pub allocated_bytes: u64,
    /// Deallocations so far.
    pub frees: u64,
}

/// A call that had not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct InFlight {
    /// Index in [`Snapshot::functions`].
    pub function: usize,
    /// Thread it runs in: its name, or `thread 1234`.
    pub thread: String,
    /// System id of the thread.
    pub tid: u64,
    /// Number of annotated calls around it in that thread.
    pub depth: u32,
    /// How long it had run.
    pub elapsed_ns: u64,
}

impl InFlight {
    /// An outermost call in a thread.
    #[must_use]
    pub fn new(function: usize, thread: impl Into<String>, elapsed_ns: u64) -> Self {
        InFlight { function, thread: thread.into(), tid: 0, depth: 0, elapsed_ns }
    }
}

/// Losses of a recording; all zero in an ordinary run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Losses {
    /// Calls that were not recorded at all and are in no function's figures.
    ///
    /// They came from signal handlers or allocators that interrupted the recorder, or from threads for which
    /// there was no room.
    pub lost_calls: u64,
    /// Calls that only this number counts, because the recording was full.
    pub overflow_calls: u64,
    /// Calls that are missing in the histograms, because the recording was full.
    ///
    /// They are counted and summed.
    pub unbucketed_calls: u64,
    /// Calls whose caller is unknown, because the table of callers was full.
    pub unattributed_calls: u64,
    /// Calls deeper than the frame stack is tall.
    ///
    /// They are counted and timed; their self time is that of the function at the limit.
    pub deep_calls: u64,
    /// The deepest nesting of annotated calls.
    pub deepest: u64,
    /// Height of the frame stack.
    pub stack_height: u64,
    /// Calls that count as 0 ns because the clock went backwards.
    pub clock_anomalies: u64,
    /// Bytes that the recording used.
    pub used_bytes: u64,
    /// Bytes that the recording may use.
    pub capacity_bytes: u64,
    /// When the recording file was found truncated or overwritten, in ns since 1970.
    ///
    /// It is 0 if that did not happen.
    ///
    /// The figures up to then are lost, and all figures are those since then.
    #[serde(default)]
    pub truncated_unix_ns: u64,
}
