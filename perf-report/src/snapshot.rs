//! The plain data of one process at one moment. Durations are whole nanoseconds, times since the epoch too.

use serde::Serialize;

use crate::monitor::Monitor;
use crate::recording::layout::site::{Kind, Timing};
use crate::{Latency, Resource};

/// Version of the serialised form of [`Snapshot`]. It rises when a reader of the older form would misread the newer one.
pub const SCHEMA: u32 = 1;

/// Everything that was recorded of one process, merged over its threads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Snapshot {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// Whose figures these are; of a merged snapshot, what its processes have in common.
    pub process: Process,
    /// The processes that a merged snapshot was made of; empty for one process's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What the measuring itself cost.
    pub overhead: Overhead,
    /// One entry per site, those that never ran included, in the order of registration.
    pub functions: Vec<Function>,
    /// Calls that had begun and not ended when the snapshot was taken, per thread from the outermost inwards.
    pub in_flight: Vec<InFlight>,
    /// What could not be recorded in full, and why.
    pub losses: Losses,
    /// One entry per `#[lazy_resource]`, those never used included, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// The process as a whole over time, if it was monitored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Heap memory, if the counting allocator is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap: Option<Heap>,
}

impl Snapshot {
    /// A snapshot in which nothing happened: what a caller fills in.
    #[must_use]
    pub fn empty() -> Self {
        Snapshot {
            schema: SCHEMA,
            process: Process {
                program: String::new(),
                pid: 0,
                started_unix_ns: 0,
                recorded_ns: 0,
                unrecorded_ns: 0,
                state: State::Closed,
                clock: Clock { source: ClockSource::Monotonic, ns_per_tick: 1.0 },
                threads: 0,
            },
            sources: Vec::new(),
            overhead: Overhead { ns_per_timed_call: 0.0, ns_per_counted_call: 0.0, ns_inside_duration: 0.0 },
            functions: Vec::new(),
            in_flight: Vec::new(),
            losses: Losses::default(),
            resources: Vec::new(),
            monitor: None,
            heap: None,
        }
    }
}

/// The process a snapshot was taken of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Process {
    /// Name of the executable, without its folder.
    pub program: String,
    /// Process id.
    pub pid: u32,
    /// When recording began, in nanoseconds since the Unix epoch.
    pub started_unix_ns: u64,
    /// How long it recorded: from the start of the recording to the moment of the snapshot.
    pub recorded_ns: u64,
    /// How long the program had already run when recording began, from when it was loaded (0 where the system does not tell).
    pub unrecorded_ns: u64,
    /// Whether the process was running, had ended, or was killed.
    pub state: State,
    /// The clock that the durations were read from.
    pub clock: Clock,
    /// Threads that called at least one annotated function, those that have ended included.
    pub threads: u64,
}

/// One process that went into a merged snapshot.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Source {
    /// What tells it from the others: a host, or the file it was read from.
    pub label: String,
    /// The process itself.
    pub process: Process,
}

/// What was known of the process when the snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was still recording.
    Running,
    /// It had ended in order and closed its recording.
    Closed,
    /// It ended without closing its recording: killed or aborted. The figures reach up to its last call.
    Killed,
}

/// The clock behind every duration of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Clock {
    /// Where the ticks come from.
    pub source: ClockSource,
    /// Nanoseconds per tick.
    pub ns_per_tick: f64,
}

/// Sources of ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum ClockSource {
    /// The processor's time stamp counter, invariant.
    Tsc,
    /// The ARM generic timer's virtual count.
    Cntvct,
    /// The system's monotonic clock, because the processor's counter cannot be trusted here.
    Monotonic,
}

/// What the measuring cost, from a calibration at the start of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Overhead {
    /// Cost of one timed call.
    pub ns_per_timed_call: f64,
    /// Cost of one call that adaptive timing counts but does not time.
    pub ns_per_counted_call: f64,
    /// The part of the cost of a timed call that lies between the two clock reads, so inside its own duration.
    pub ns_inside_duration: f64,
}

/// One site: an annotated function, or a labelled block or future.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Function {
    /// What the reports call it: the `name` option, or the path of the item (`app::index::Index::build`).
    pub name: String,
    /// Path of the module it stands in.
    pub module: String,
    /// Source file, as the compiler was given it.
    pub file: String,
    /// Line of the item's name.
    pub line: u32,
    /// What kind of code it is.
    pub kind: Kind,
    /// How its calls are timed.
    pub timing: Timing,
    /// Limits the author set, checked by `perf-report check`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// Calls that ended. Exact, also when durations are sampled.
    pub calls: u64,
    /// Calls whose duration was measured; fewer than `calls` where timing is adaptive.
    pub timed_calls: u64,
    /// Calls that ended by a panic passing through them.
    pub unwound: u64,
    /// Calls that began and will never be seen to end (their guard was leaked, their stack abandoned).
    pub abandoned: u64,
    /// Sum of the durations of all calls, recursive ones too. For futures: from first poll to completion.
    pub sum_ns: u64,
    /// Time in which at least one call was running in its thread: of recursive calls only the outermost counts.
    pub total_ns: u64,
    /// Time in the function itself, without the annotated functions it called. For futures: of their polls.
    pub self_ns: u64,
    /// Whether `self_ns` holds estimated parts: of the function itself or of a callee whose timing is adaptive.
    pub self_sampled: bool,
    /// Durations of the calls (0 when there was none).
    pub min_ns: u64,
    /// Longest call, exact even where it lies above the histogram's range.
    pub max_ns: u64,
    /// Distribution of the durations.
    pub latency: Latency,
    /// Calls longer than the histogram's range (4.8 hours), which count in its highest bucket.
    #[serde(default)]
    pub over_range: u64,
    /// Who called it, most time first. The calls add up to `calls`.
    pub callers: Vec<Caller>,
    /// Figures that only futures have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub futures: Option<Futures>,
    /// Memory it allocated, if the counting allocator is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocations: Option<Allocations>,
}

impl Function {
    /// A function of this name that never ran.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Function {
            name: name.into(),
            module: String::new(),
            file: String::new(),
            line: 0,
            kind: Kind::Function,
            timing: Timing::Exact,
            budgets: Vec::new(),
            calls: 0,
            timed_calls: 0,
            unwound: 0,
            abandoned: 0,
            sum_ns: 0,
            total_ns: 0,
            self_ns: 0,
            self_sampled: false,
            min_ns: 0,
            max_ns: 0,
            latency: Latency::new(),
            over_range: 0,
            callers: Vec::new(),
            futures: None,
            allocations: None,
        }
    }

    /// Whether the durations are those of some calls only, so that all figures but the number of calls are estimates.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.timed_calls < self.calls
    }

    /// Mean duration of a call in ns, 0 when there was none.
    #[must_use]
    pub fn mean_ns(&self) -> u64 {
        // Sampled sums lack the calls since the last timed one, which the distribution lacks too.
        let calls = if self.is_sampled() { self.latency.count() } else { self.calls };
        self.sum_ns.checked_div(calls).unwrap_or(0)
    }

    /// The duration in ns that the fraction `quantile` (0 to 1) of the calls did not exceed: at most 1 % too high, and
    /// never outside the shortest and the longest call. 0 when there was no call.
    #[must_use]
    pub fn quantile_ns(&self, quantile: f64) -> u64 {
        self.latency.quantile(quantile).max(self.min_ns).min(self.max_ns)
    }
}

/// One limit of `#[profile(budget(...))]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Budget {
    /// Figure it limits: `mean`, `p50`, `p90`, `p99`, `p999`, `max`, `total` or `calls`.
    pub figure: String,
    /// Highest value allowed: nanoseconds, or a number of calls.
    pub limit: u64,
}

/// Calls that one caller made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Caller {
    /// Index of the caller in [`Snapshot::functions`]; `None` for code that is not annotated, at the bottom of a thread.
    pub caller: Option<usize>,
    /// Calls made by it.
    pub calls: u64,
    /// Time they took, counted once where they are recursive. Adds up to `total_ns` over the callers
    /// (for futures: to their busy time).
    pub total_ns: u64,
}

/// What is particular to futures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Futures {
    /// Futures that were polled at least once.
    pub started: u64,
    /// Futures dropped after their first poll and before completion. They are among `calls`.
    pub cancelled: u64,
    /// Number of polls.
    pub polls: u64,
    /// Time in polls.
    pub busy_ns: u64,
}

/// Memory that the calls of a function allocated, exactly. What they freed is not taken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Allocations {
    /// Allocations during its calls: of recursive calls only the outermost counts, of futures their polls.
    pub count: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Allocations by the function itself, without the annotated functions it called.
    pub self_count: u64,
    /// Bytes of those.
    pub self_bytes: u64,
}

/// Heap memory of the process, by the counting allocator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
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

/// What was not recorded in full. All zero in an ordinary run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Losses {
    /// Calls that could not be recorded at all (from signal handlers or allocators that interrupted the recorder, or in
    /// threads that got no shard). They are in no function's figures.
    pub lost_calls: u64,
    /// Calls counted without a function of their own because the recording was full.
    pub overflow_calls: u64,
    /// Time of those calls.
    pub overflow_ns: u64,
    /// Calls counted and summed but missing in a histogram, because no bucket page was left.
    pub unbucketed_calls: u64,
    /// Calls whose caller was not kept, because the table of callers was full.
    pub unattributed_calls: u64,
    /// Calls above the frame stack's height: their self time is that of the function at the limit.
    pub deep_calls: u64,
    /// Deepest nesting seen.
    pub deepest: u64,
    /// Height of the frame stack.
    pub stack_height: u64,
    /// Times the clock went backwards; each such call counts as 0 ns.
    pub clock_anomalies: u64,
    /// Bytes of the recording in use.
    pub used_bytes: u64,
    /// Bytes reserved for it.
    pub capacity_bytes: u64,
}
