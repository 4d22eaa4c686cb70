//! What the process monitor saw: a timeline of the whole process, and the alerts. Plain data, part of a
//! [`Snapshot`](crate::Snapshot).

use serde::Serialize;

/// A process over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Monitor {
    /// Time between two samples.
    pub interval_ns: u64,
    /// Samples taken.
    pub samples: u64,
    /// Time that taking them took.
    pub sampling_ns: u64,
    /// Processors that the process may use.
    pub cores: u32,
    /// Memory that the process may use in bytes: its cgroup's limit, or all of the machine's.
    pub memory_bytes: u64,
    /// The pieces of time that the values of the series stand for, oldest first. Each is one sample until the timeline is
    /// full; then neighbours are merged.
    pub spans: Vec<Span>,
    /// What was sampled, one series per metric that the system has.
    pub series: Vec<Series>,
    /// The alerts that were asked for.
    pub alerts: Vec<Alert>,
}

/// A piece of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Span {
    /// When its last sample was taken, since the recording began.
    pub end_ns: u64,
    /// How long it is: from the last sample of the span before.
    pub length_ns: u64,
    /// Samples in it.
    pub samples: u64,
}

/// One metric over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Series {
    /// What it is.
    pub metric: Metric,
    /// A value per span; `None` where it could not be read.
    pub values: Vec<Option<Range>>,
}

impl Series {
    /// The last value.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.values.iter().rev().flatten().next().map(|range| range.last)
    }

    /// The highest value of any sample.
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        self.values.iter().flatten().map(|range| range.max).max()
    }

    /// Mean over the time that was sampled.
    #[must_use]
    pub fn mean(&self, spans: &[Span]) -> Option<u64> {
        let values = self.values.iter().zip(spans).filter_map(|(range, span)| Some(((*range)?, span.samples)));
        let (sum, samples) = values.fold((0_u128, 0_u128), |(sum, samples), (range, weight)| {
            (sum + u128::from(range.mean) * u128::from(weight), samples + u128::from(weight))
        });
        u64::try_from(sum.checked_div(samples)?).ok()
    }
}

/// The samples of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(from = "[u64; 4]", into = "[u64; 4]")]
pub struct Range {
    /// Lowest.
    pub min: u64,
    /// Mean.
    pub mean: u64,
    /// Highest.
    pub max: u64,
    /// Last.
    pub last: u64,
}

impl From<[u64; 4]> for Range {
    fn from([min, mean, max, last]: [u64; 4]) -> Self {
        Range { min, mean, max, last }
    }
}

impl From<Range> for [u64; 4] {
    fn from(range: Range) -> Self {
        [range.min, range.mean, range.max, range.last]
    }
}

/// Units of metrics and thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// Millionths; of time, of one core.
    Ppm,
    /// How many.
    Count,
    /// How many per second.
    PerSecond,
    /// A duration in ns.
    Nanoseconds,
}

impl Unit {
    /// All, in the order of their numbers in a recording.
    pub const ALL: [Unit; 6] =
        [Unit::Bytes, Unit::BytesPerSecond, Unit::Ppm, Unit::Count, Unit::PerSecond, Unit::Nanoseconds];
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident $text:literal $unit:ident,)*) => {
        /// What is sampled of a process.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "files", derive(serde::Deserialize))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Metric {
            $($(#[$doc])* $name,)*
        }

        impl Metric {
            /// All, in the order of their numbers in a recording.
            pub const ALL: &'static [Metric] = &[$(Metric::$name,)*];

            /// Its name in alerts.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Metric::$name => $text,)* }
            }

            /// What its values are.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Metric::$name => Unit::$unit,)* }
            }
        }
    };
}

metrics! {
    /// Memory in RAM: the resident set.
    Rss "rss" Bytes,
    /// Highest resident set so far.
    PeakRss "peak_rss" Bytes,
    /// Address space.
    Virtual "virtual" Bytes,
    /// Resident memory that is the process's own: heap, stacks.
    Private "private" Bytes,
    /// Resident memory that others may share: files, shared memory.
    Shared "shared" Bytes,
    /// Live bytes of the counting allocator.
    Heap "heap" Bytes,
    /// Use of the memory cgroup (version 2).
    Cgroup "cgroup" Bytes,
    /// Time on processors, as a share of one core.
    Cpu "cpu" Ppm,
    /// The part of [`Cpu`](Metric::Cpu) in the program.
    CpuUser "cpu_user" Ppm,
    /// The part of [`Cpu`](Metric::Cpu) in the system.
    CpuSystem "cpu_system" Ppm,
    /// Threads.
    Threads "threads" Count,
    /// Open files, sockets and the like.
    Files "files" Count,
    /// Page faults that needed no disk.
    Faults "faults" PerSecond,
    /// Page faults that needed one.
    MajorFaults "major_faults" PerSecond,
    /// Context switches because a thread waited.
    Switches "switches" PerSecond,
    /// Context switches because another thread had its turn.
    Preemptions "preemptions" PerSecond,
    /// Bytes read by system calls, from wherever.
    Read "read" BytesPerSecond,
    /// Bytes written by system calls, to wherever.
    Written "written" BytesPerSecond,
    /// Share of time in which some task waited for memory, in the cgroup or the machine (PSI).
    MemoryPressure "memory_pressure" Ppm,
    /// Share of time in which some task waited for a processor (PSI).
    CpuPressure "cpu_pressure" Ppm,
}

/// An alert that was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Alert {
    /// The rule, as an expression of `PERF_ALERT`.
    pub rule: String,
    /// Unit of all its values.
    pub unit: Unit,
    /// How often it was raised.
    pub raised: u64,
    /// Times that callbacks or messages were left out because those before had not been dealt with.
    pub dropped: u64,
    /// The last times that it was raised, oldest first.
    pub events: Vec<Raised>,
}

/// One time that an alert was raised.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Raised {
    /// When, since the recording began.
    pub at_ns: u64,
    /// When it was cleared; `None` if it never was.
    pub cleared_ns: Option<u64>,
    /// The value that raised it.
    pub value: f64,
    /// The worst value until it was cleared: the highest where more is worse, else the lowest.
    pub worst: f64,
    /// What was done, in this order.
    pub actions: Vec<Action>,
    /// Actions that there was no room to keep here.
    pub more_actions: u64,
}

/// What an action did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
pub struct Action {
    /// What was done.
    pub kind: ActionKind,
    /// When it began, since the recording began.
    pub at_ns: u64,
    /// How long it took; `None` if it did not come to its end.
    pub took_ns: Option<u64>,
    /// Whether it was of use: `false` if it failed or panicked.
    pub done: bool,
    /// Resident memory before, in bytes.
    pub rss_before: Option<u64>,
    /// Resident memory after, in bytes.
    pub rss_after: Option<u64>,
    /// Bytes that the action itself says it gave back: the weights of what was evicted.
    pub freed: Option<u64>,
}

/// Kinds of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActionKind {
    /// Idle resources were evicted.
    Evict,
    /// The allocator was asked to give free memory back to the system.
    Trim,
    /// A snapshot was written to a file.
    Snapshot,
    /// A function of the program was called.
    Call,
}

impl ActionKind {
    /// All, in the order of their numbers in a recording.
    pub const ALL: [ActionKind; 4] = [ActionKind::Evict, ActionKind::Trim, ActionKind::Snapshot, ActionKind::Call];

    /// Its name in alerts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ActionKind::Evict => "evict",
            ActionKind::Trim => "trim",
            ActionKind::Snapshot => "snapshot",
            ActionKind::Call => "call",
        }
    }
}
