//! The figures of one function. Durations are whole nanoseconds.

use serde::Serialize;

use super::{Depth, Latency, Rows, SlowCall, Statuses, Transfer};
use crate::recording::layout::site::{Kind, Timing};

/// An annotated function, or a labelled block or future.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Function {
    /// Its name in reports: the `name` option, or its path (`app::Index::build`).
    pub name: String,
    /// Path of its module.
    pub module: String,
    /// Source file, as it was given to the compiler.
    pub file: String,
    /// Line of the item's name.
    pub line: u32,
    /// The kind of code, or of what the program waited for.
    pub kind: Kind,
    /// How its calls are timed.
    pub timing: Timing,
    /// Limits set by its author, checked by `check`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// Calls that ended. Exact, also when durations are sampled.
    pub calls: u64,
    /// Calls whose duration was measured; fewer than `calls` if sampled.
    pub timed_calls: u64,
    /// Calls that ended by a panic passing through them.
    pub unwound: u64,
    /// Calls that never ended: their guard was leaked, or their stack abandoned.
    pub abandoned: u64,
    /// Sum of the durations of all calls, recursive ones too.
    ///
    /// A future lasts from its first poll to its completion.
    pub sum_ns: u64,
    /// Time in which a call was running, per thread.
    ///
    /// Of recursive calls only the outermost counts, of futures that wait for one another too.
    pub total_ns: u64,
    /// Time in the function itself, without the annotated functions it called.
    ///
    /// Of a future, the time in its polls.
    pub self_ns: u64,
    /// Time of `total_ns` in which it waited, itself or in what it called.
    ///
    /// It may wait for locks, channels, queries, files, requests. Of a future, the time outside its polls too. Waits are exact; of those in a function with several callers, a caller has the share
    /// that it has of its time, which is an estimate.
    #[serde(default)]
    pub waiting_ns: u64,
    /// Whether `waiting_ns` is partly an estimate.
    #[serde(default)]
    pub waiting_sampled: bool,
    /// Whether `self_ns` is partly an estimate.
    ///
    /// It is if the timing of the function or of one of its callees is adaptive.
    pub self_sampled: bool,
    /// The time that measuring took of `sum_ns`, which is without it.
    #[serde(default)]
    pub measuring_ns: u64,
    /// The time that measuring took of `self_ns`, which is without it.
    #[serde(default)]
    pub self_measuring_ns: u64,
    /// Where `total_ns`, `self_ns` and the times of the callers come from.
    #[serde(default, skip_serializing_if = "TimeSource::is_timed")]
    pub time_source: TimeSource,
    /// Shortest call; 0 if there was none.
    pub min_ns: u64,
    /// Longest call, exact even where it exceeds the histogram's range.
    pub max_ns: u64,
    /// Distribution of the durations.
    pub latency: Latency,
    /// Calls beyond the histogram's range (4.8 hours).
    ///
    /// They count in its highest bucket.
    #[serde(default)]
    pub over_range: u64,
    /// Its callers, most time first; their calls add up to `calls`.
    pub callers: Vec<Caller>,
    /// Figures that only a future has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub futures: Option<Futures>,
    /// Memory it allocated, if the counting allocator is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocations: Option<Allocations>,
    /// About how many names share the row; 0 if it has one of its own.
    ///
    /// Names that a program makes at run time (routes, statements) have rows of their own up to a limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub names: u64,
    /// Bytes and failures, of files, streams and requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
    /// Answers by class of their status, of requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Statuses>,
    /// Rows of results, of statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Messages that wait, of channels that tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<Depth>,
    /// Its slowest calls, the slowest first, as far as they were looked at one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slowest: Vec<SlowCall>,
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
            waiting_ns: 0,
            waiting_sampled: false,
            self_sampled: false,
            measuring_ns: 0,
            self_measuring_ns: 0,
            time_source: TimeSource::Timed,
            min_ns: 0,
            max_ns: 0,
            latency: Latency::new(),
            over_range: 0,
            callers: Vec::new(),
            futures: None,
            allocations: None,
            names: 0,
            transfer: None,
            statuses: None,
            rows: None,
            depth: None,
            slowest: Vec::new(),
        }
    }

    /// Whether only some calls were timed.
    ///
    /// Then all figures except the number of calls are estimates, also how the calls are shared among the callers. Calls of which only the waits are timed are no sample: the others
    /// took no time.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.timed_calls < self.calls && self.timing != Timing::Waits
    }

    /// Whether its code began to run: a call ended, or a future was polled. Calls that are in flight are told elsewhere.
    pub(crate) fn has_begun(&self) -> bool {
        self.calls > 0 || self.futures.is_some_and(|futures| futures.started > 0)
    }

    /// Whether there is anything to show of it: that its code began to run, or that futures were made and dropped without a poll.
    pub(crate) fn has_figures(&self) -> bool {
        self.has_begun() || self.futures.is_some_and(|futures| futures.never_polled > 0)
    }

    /// Mean duration of a call in ns; 0 if there was none.
    ///
    /// Of a lock or a channel it is that of the calls that waited, as the percentiles are.
    #[must_use]
    pub fn mean_ns(&self) -> u64 {
        self.sum_ns.checked_div(self.calls_of_sum()).unwrap_or(0)
    }

    /// The same with the fraction of a nanosecond.
    #[cfg(feature = "command")]
    pub(crate) fn exact_mean_ns(&self) -> f64 {
        match self.calls_of_sum() {
            0 => 0.0,
            calls => self.sum_ns as f64 / calls as f64,
        }
    }

    /// The calls whose durations add up to the sum.
    fn calls_of_sum(&self) -> u64 {
        // Sampled sums lack the calls since the last timed one, which the distribution lacks too.
        if self.timed_calls < self.calls { self.latency.count() } else { self.calls }
    }

    /// The duration in ns that a fraction (0 to 1) of the calls did not exceed.
    ///
    /// At most 1 % too high, and never outside the shortest and the longest call. 0 if there was no call.
    #[must_use]
    pub fn quantile_ns(&self, quantile: f64) -> u64 {
        self.latency.quantile(quantile).max(self.min_ns).min(self.max_ns)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Where the times of a function come from that are not those of single calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TimeSource {
    /// Its calls were timed: all, or some that stand for the others.
    #[default]
    Timed,
    /// The times are those for which it was seen in sampled stacks.
    ///
    /// See [`Snapshot::stacks`](super::Snapshot::stacks). The number of calls and their durations are still those of the calls themselves.
    Sampled,
}

impl TimeSource {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_timed(&self) -> bool {
        *self == TimeSource::Timed
    }
}

/// A limit set by `#[profile(budget(...))]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Budget {
    /// Name of the limited metric: `mean`, `p50`, `p99`, `max`, `total`, `calls`, ...
    pub figure: String,
    /// Highest value allowed: nanoseconds, or a number of calls.
    pub limit: u64,
}

impl Budget {
    /// A limit of a figure.
    #[must_use]
    pub fn new(figure: impl Into<String>, limit: u64) -> Self {
        Budget { figure: figure.into(), limit }
    }
}

/// The calls made by one caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Caller {
    /// Index of the caller in [`Snapshot::functions`](super::Snapshot::functions).
    ///
    /// `None` for code that is not annotated, at the bottom of a thread.
    pub caller: Option<usize>,
    /// Calls made by it.
    ///
    /// An estimate if the function [is sampled](Function::is_sampled).
    pub calls: u64,
    /// Time that they took, counted once where they are recursive.
    ///
    /// Over all callers it adds up to the function's `total_ns`, or to a future's busy time.
    pub total_ns: u64,
}

impl Caller {
    /// So many calls by a caller, and their time.
    #[must_use]
    pub const fn new(caller: Option<usize>, calls: u64, total_ns: u64) -> Self {
        Caller { caller, calls, total_ns }
    }
}

/// Figures that only a future has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Futures {
    /// Futures that were polled at least once.
    pub started: u64,
    /// Futures dropped after their first poll and before completion.
    ///
    /// They are among the function's `calls`.
    pub cancelled: u64,
    /// Number of polls.
    pub polls: u64,
    /// Time in polls.
    pub busy_ns: u64,
    /// The longest poll.
    ///
    /// For so long, nothing else of the executor could run in its thread. Of a stretch of time, it is that of the whole process. 0 if it is not known, as in recordings of earlier versions.
    #[cfg_attr(feature = "files", serde(default))]
    pub longest_poll_ns: u64,
    /// Bytes of one future; 0 if they are not known.
    ///
    /// Memory that it keeps elsewhere is not counted.
    #[cfg_attr(feature = "files", serde(default))]
    pub bytes: u64,
    /// Futures dropped without ever being polled.
    ///
    /// Their code did not run. They are not among `started`, nor among the function's `calls`. Those made or polled while nothing was
    /// recorded are not counted.
    #[cfg_attr(feature = "files", serde(default))]
    pub never_polled: u64,
}

/// Memory that the calls of a function allocated, exactly.
///
/// Memory that the calls freed is not subtracted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Allocations {
    /// Allocations during its calls.
    ///
    /// Of recursive calls only the outermost count, of futures their polls.
    pub count: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// Allocations by the function itself, without the annotated functions it called.
    pub self_count: u64,
    /// Bytes of those.
    pub self_bytes: u64,
}
