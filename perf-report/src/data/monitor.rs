//! The process monitor's record: the process over time, and its alerts.
//!
//! Plain data, part of a [`Snapshot`](crate::Snapshot).

use serde::Serialize;

/// A process over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Monitor {
    /// Time between two samples.
    pub interval_ns: u64,
    /// Samples taken.
    pub samples: u64,
    /// Time that taking them took.
    pub sampling_ns: u64,
    /// Processors that the process may use.
    pub cores: u32,
    /// Bytes of memory that the process may use.
    ///
    /// The limit of its cgroup, or all of the machine's memory.
    pub memory_bytes: u64,
    /// The periods that the values of the series stand for, oldest first.
    ///
    /// Each is one sample until the timeline is full; then neighbours are merged.
    pub spans: Vec<Span>,
    /// The samples, one series per metric that the system has.
    pub series: Vec<Series>,
    /// Channels over time, by the messages that waited in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelSeries>,
    /// The alerts that were asked for.
    pub alerts: Vec<Alert>,
}

impl Monitor {
    /// A monitor with this interval that has taken no sample.
    #[must_use]
    pub const fn new(interval_ns: u64) -> Self {
        Monitor {
            interval_ns,
            samples: 0,
            sampling_ns: 0,
            cores: 1,
            memory_bytes: 0,
            spans: Vec::new(),
            series: Vec::new(),
            channels: Vec::new(),
            alerts: Vec::new(),
        }
    }
}

/// A period of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Span {
    /// When its last sample was taken, since the recording began.
    pub end_ns: u64,
    /// Its length: the time since the last sample of the span before.
    pub length_ns: u64,
    /// Samples in it.
    pub samples: u64,
}

impl Span {
    /// A piece of time with its samples.
    #[must_use]
    pub const fn new(end_ns: u64, length_ns: u64, samples: u64) -> Self {
        Span { end_ns, length_ns, samples }
    }
}

/// One metric over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Series {
    /// The metric whose values these are.
    pub metric: Metric,
    /// A value per span; `None` where it could not be read.
    pub values: Vec<Option<Range>>,
}

impl Series {
    /// A metric's values, one per span.
    #[must_use]
    pub const fn new(metric: Metric, values: Vec<Option<Range>>) -> Self {
        Series { metric, values }
    }

    /// The last value.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        last(&self.values)
    }

    /// The highest value of any sample.
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        highest(&self.values)
    }

    /// Mean over the time that was sampled.
    #[must_use]
    pub fn mean(&self, spans: &[Span]) -> Option<u64> {
        mean(&self.values, spans)
    }
}

/// The messages that waited in the channels of a place, over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct ChannelSeries {
    /// The channel's name, as its rows have it without the end: `jobs`.
    pub name: String,
    /// A value per span; `None` before one of its ends looked.
    pub values: Vec<Option<Range>>,
}

impl ChannelSeries {
    /// A channel's values, one per span.
    #[must_use]
    pub const fn new(name: String, values: Vec<Option<Range>>) -> Self {
        ChannelSeries { name, values }
    }

    /// The last value.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        last(&self.values)
    }

    /// The highest value of any sample.
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        highest(&self.values)
    }

    /// Mean over the time that was sampled.
    #[must_use]
    pub fn mean(&self, spans: &[Span]) -> Option<u64> {
        mean(&self.values, spans)
    }
}

fn last(values: &[Option<Range>]) -> Option<u64> {
    values.iter().rev().flatten().next().map(|range| range.last)
}

fn highest(values: &[Option<Range>]) -> Option<u64> {
    values.iter().flatten().map(|range| range.max).max()
}

fn mean(values: &[Option<Range>], spans: &[Span]) -> Option<u64> {
    let values = values.iter().zip(spans).filter_map(|(range, span)| Some(((*range)?, span.samples)));
    let (sum, samples) = values.fold((0_u128, 0_u128), |(sum, samples), (range, weight)| {
        (sum + u128::from(range.mean) * u128::from(weight), samples + u128::from(weight))
    });
    u64::try_from(sum.checked_div(samples)?).ok()
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

/// The unit of a metric or a threshold.
///
/// Exhaustive on purpose: a new unit must break whoever writes values of each.
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
        /// A figure of a process that the monitor samples.
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

            /// The unit of its values.
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
    /// Page faults that read nothing from disk.
    Faults "faults" PerSecond,
    /// Page faults that read from disk.
    MajorFaults "major_faults" PerSecond,
    /// Context switches because a thread waited.
    Switches "switches" PerSecond,
    /// Context switches because another thread was given the processor.
    Preemptions "preemptions" PerSecond,
    /// Bytes read by system calls, from any source.
    Read "read" BytesPerSecond,
    /// Bytes written by system calls, to any destination.
    Written "written" BytesPerSecond,
    /// Share of time in which a task of the cgroup waited for memory (PSI).
    ///
    /// Of the machine, where the cgroup has no such figure.
    MemoryPressure "memory_pressure" Ppm,
    /// Share of time in which a task of the cgroup waited for a processor (PSI).
    ///
    /// Of the machine, where the cgroup has no such figure.
    CpuPressure "cpu_pressure" Ppm,
    /// Worker threads of the runtimes of tokio that are watched.
    TokioWorkers "tokio_workers" Count,
    /// Tasks of these runtimes that have not ended.
    TokioTasks "tokio_tasks" Count,
    /// Tasks in their global queues, which no worker has taken yet.
    TokioQueue "tokio_queue" Count,
    /// Time in which their workers were busy, as a share of one worker.
    ///
    /// A worker tells it when it looks for the next work, so a poll that takes long is told when it has ended.
    TokioBusy "tokio_busy" Ppm,
    /// The same of the busiest worker alone.
    TokioBusiest "tokio_busiest" Ppm,
    /// How often their workers found nothing to do, and slept.
    TokioParks "tokio_parks" PerSecond,
}

/// An alert that was configured, and when it was raised.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Alert {
    /// The rule, as an expression of `PERF_ALERT`.
    pub rule: String,
    /// Unit of all its values.
    pub unit: Unit,
    /// Why it can't be raised; `None` if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impossible: Option<Impossible>,
    /// How often it was raised.
    pub raised: u64,
    /// Notifications that were dropped because earlier ones were still waiting.
    pub dropped: u64,
    /// The latest occasions on which it was raised, oldest first.
    pub events: Vec<Raised>,
}

impl Alert {
    /// An alert that was never raised.
    #[must_use]
    pub fn new(rule: impl Into<String>, unit: Unit) -> Self {
        Alert { rule: rule.into(), unit, impossible: None, raised: 0, dropped: 0, events: Vec::new() }
    }
}

/// Why an alert can't be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Impossible {
    /// The program has no function, or resource, of the name.
    UnknownName,
    /// Several functions, or resources, have the name.
    AmbiguousName,
    /// It watches the heap, and the counting allocator is not installed.
    NoCountingAllocator,
    /// The system does not tell the metric, or this build of the program does not.
    NotTold,
    /// It compares with a share of a memory whose size the system does not tell.
    NoLimit,
    /// The attribute of the lazy resource lacks the option that tells it.
    ///
    /// That is `evict` for `idle`, and `health` for `unhealthy`.
    NoOption,
}

impl Impossible {
    /// All of them, in the order of their numbers in a recording.
    pub const ALL: [Impossible; 6] = [
        Impossible::UnknownName,
        Impossible::AmbiguousName,
        Impossible::NoCountingAllocator,
        Impossible::NotTold,
        Impossible::NoLimit,
        Impossible::NoOption,
    ];
}

impl std::fmt::Display for Impossible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Impossible::UnknownName => "nothing in the program has this name",
            Impossible::AmbiguousName => "several in the program have this name",
            Impossible::NoCountingAllocator => "the counting allocator is not installed",
            Impossible::NotTold => "the system, or this build of the program, does not tell this metric",
            Impossible::NoLimit => "the system does not tell how much memory the process may use",
            Impossible::NoOption => "the resource's attribute lacks the option that tells this metric",
        })
    }
}

/// One occasion on which an alert was raised.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Raised {
    /// When, since the recording began.
    pub at_ns: u64,
    /// When it was cleared; `None` if it never was.
    pub cleared_ns: Option<u64>,
    /// The value that raised it.
    pub value: f64,
    /// The worst value until the alert was cleared.
    ///
    /// The highest where more is worse, else the lowest.
    pub worst: f64,
    /// The actions that the monitor took, in this order.
    pub actions: Vec<Action>,
    /// Actions beyond those for which there was room.
    pub more_actions: u64,
}

impl Raised {
    /// An alert raised by this value, and not cleared.
    #[must_use]
    pub const fn new(at_ns: u64, value: f64) -> Self {
        Raised { at_ns, cleared_ns: None, value, worst: value, actions: Vec::new(), more_actions: 0 }
    }
}

/// An action that an alert triggered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Action {
    /// The kind of action that the monitor took.
    pub kind: ActionKind,
    /// When it began, since the recording began.
    pub at_ns: u64,
    /// How long it took; `None` if it did not finish.
    pub took_ns: Option<u64>,
    /// Whether it had an effect; `false` if it failed or panicked.
    pub done: bool,
    /// Resident memory before, in bytes.
    pub rss_before: Option<u64>,
    /// Resident memory after, in bytes.
    pub rss_after: Option<u64>,
    /// Bytes released by the action's own account: weights of evicted values.
    pub freed: Option<u64>,
}

impl Action {
    /// An action that began and has not ended.
    #[must_use]
    pub const fn new(kind: ActionKind, at_ns: u64) -> Self {
        Action { kind, at_ns, took_ns: None, done: false, rss_before: None, rss_after: None, freed: None }
    }
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
    /// The calls of some time were traced to a file.
    Trace,
}

impl ActionKind {
    /// All, in the order of their numbers in a recording.
    pub const ALL: [ActionKind; 5] =
        [ActionKind::Evict, ActionKind::Trim, ActionKind::Snapshot, ActionKind::Call, ActionKind::Trace];

    /// Its name in alerts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ActionKind::Evict => "evict",
            ActionKind::Trim => "trim",
            ActionKind::Snapshot => "snapshot",
            ActionKind::Call => "call",
            ActionKind::Trace => "trace",
        }
    }
}
