//! The data of a snapshot: every field that programs read, and no value.
//!
//! Code that reads the figures of a [`Snapshot`] compiles and never runs. Reading recordings and comparing runs is the subject of
//! the crate `perf-report`, which does not need this one.

use std::collections::BTreeMap;
use std::convert::Infallible;

/// A struct of plain data, with the fields that it has with the feature `enabled`.
macro_rules! data {
    ($($(#[$derive:meta])* $name:ident { $($field:ident: $type:ty,)* })*) => {
        $(
            /// As with the feature `enabled`.
            #[derive(Clone, Debug, PartialEq)]
            $(#[$derive])*
            #[non_exhaustive]
            pub struct $name {
                $(
                    /// As with the feature `enabled`.
                    pub $field: $type,
                )*
            }
        )*
    };
}

/// An enum of plain data, with the variants that it has with the feature `enabled`.
macro_rules! kinds {
    ($($name:ident { $($variant:ident,)* })*) => {
        $(
            /// As with the feature `enabled`.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum $name {
                $(
                    /// As with the feature `enabled`.
                    $variant,
                )*
            }
        )*
    };
}

/// As with the feature `enabled`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// As with the feature `enabled`.
    pub commit: Option<String>,
    /// As with the feature `enabled`.
    pub dirty: Option<bool>,
    /// As with the feature `enabled`.
    pub branch: Option<String>,
    /// As with the feature `enabled`.
    pub rustc: Option<String>,
    /// As with the feature `enabled`.
    pub profile: Option<String>,
    /// As with the feature `enabled`.
    pub target: Option<String>,
    /// As with the feature `enabled`.
    pub cpu: Option<String>,
    /// As with the feature `enabled`.
    pub host: Option<String>,
    /// As with the feature `enabled`.
    pub ci_run: Option<String>,
    /// As with the feature `enabled`.
    pub custom: BTreeMap<String, String>,
}

/// A snapshot, of which there is none: the feature `enabled` is off.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// As with the feature `enabled`.
    pub schema: u32,
    /// As with the feature `enabled`.
    pub process: Process,
    /// As with the feature `enabled`.
    pub sources: Vec<Source>,
    /// As with the feature `enabled`.
    pub metadata: Metadata,
    /// As with the feature `enabled`.
    pub recorded_ns: u64,
    /// As with the feature `enabled`.
    pub overhead: Overhead,
    /// As with the feature `enabled`.
    pub functions: Vec<Function>,
    /// As with the feature `enabled`.
    pub in_flight: Vec<InFlight>,
    /// As with the feature `enabled`.
    pub deadlocks: Vec<Deadlock>,
    /// As with the feature `enabled`.
    pub losses: Losses,
    /// As with the feature `enabled`.
    pub resources: Vec<Resource>,
    /// As with the feature `enabled`.
    pub monitor: Option<monitor::Monitor>,
    /// As with the feature `enabled`.
    pub heap: Option<Heap>,
    /// As with the feature `enabled`.
    pub stacks: Option<Stacks>,
    never: Infallible,
}

impl Snapshot {
    /// Never called: there is no snapshot.
    #[must_use]
    pub fn since(&self, _earlier: &Snapshot) -> Snapshot {
        match self.never {}
    }

    /// Never called: there is no snapshot.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self.never {}
    }
}

data! {
    Process {
        program: String, pid: u32, started_unix_ns: u64, recorded_ns: u64, unrecorded_ns: u64, state: State, clock: Clock,
        threads: u64, locks_noted: bool,
    }
    Source { label: String, process: Process, }
    #[derive(Default)]
    Stacks {
        period_ns: u64, looks: u64, watched_ns: u64, samples: u64, in_motion: u64, folded: u64, cut: u64, nodes: Vec<StackNode>,
    }
    #[derive(Copy, Eq)]
    StackNode { parent: Option<usize>, function: Option<usize>, samples: u64, ns: u64, }
    #[derive(Copy)]
    Clock { source: ClockSource, ns_per_tick: f64, }
    #[derive(Copy, Default)]
    Overhead {
        ns_per_timed_call: f64, ns_per_counted_call: f64, ns_inside_duration: f64, ns_per_adaptive_call: f64, ns_per_poll: f64,
        ns_per_timed_call_at_end: f64, is_unoptimised: bool, measuring_ns: u64, measuring_wall_ns: u64,
    }
    Function {
        name: String, module: String, file: String, line: u32, kind: Kind, timing: Timing, budgets: Vec<Budget>, calls: u64,
        timed_calls: u64, unwound: u64, abandoned: u64, sum_ns: u64, total_ns: u64, self_ns: u64, waiting_ns: u64, waiting_sampled: bool, self_sampled: bool,
        time_source: TimeSource, measuring_ns: u64, self_measuring_ns: u64,
        min_ns: u64, max_ns: u64, latency: Latency, over_range: u64, callers: Vec<Caller>, futures: Option<Futures>,
        allocations: Option<Allocations>, names: u64, transfer: Option<Transfer>, statuses: Option<Statuses>, rows: Option<Rows>,
        depth: Option<Depth>, slowest: Vec<SlowCall>,
    }
    #[derive(Eq)]
    SlowCall {
        ns: u64, end_ns: u64, tid: u64, thread: String, callers: Vec<usize>, further_callers: u32, label: String,
    }
    Budget { figure: String, limit: u64, }
    #[derive(Eq)]
    Caller { caller: Option<usize>, calls: u64, total_ns: u64, }
    #[derive(Copy, Default, Eq)]
    Futures { started: u64, cancelled: u64, polls: u64, busy_ns: u64, longest_poll_ns: u64, bytes: u64, never_polled: u64, }
    #[derive(Copy, Default, Eq)]
    Allocations { count: u64, bytes: u64, self_count: u64, self_bytes: u64, }
    #[derive(Copy, Default, Eq)]
    Transfer { bytes: u64, failed: u64, }
    #[derive(Copy, Default, Eq)]
    Statuses { redirections: u64, client_errors: u64, server_errors: u64, }
    #[derive(Copy, Default, Eq)]
    Rows { results: u64, sum: u64, most: u64, }
    #[derive(Copy, Default, Eq)]
    Depth { messages: u64, sum: u64, deepest: u64, capacity: Option<u64>, latest: u64, }
    #[derive(Copy, Default, Eq)]
    Heap { live_bytes: u64, peak_bytes: u64, allocations: u64, allocated_bytes: u64, frees: u64, }
    #[derive(Eq)]
    InFlight { function: usize, thread: String, tid: u64, depth: u32, elapsed_ns: u64, }
    #[derive(Eq)]
    Deadlock { threads: Vec<DeadlockedThread>, }
    #[derive(Eq)]
    DeadlockedThread { thread: String, tid: u64, lock: usize, function: Option<usize>, waited_ns: u64, }
    #[derive(Copy, Default, Eq)]
    Losses {
        lost_calls: u64, overflow_calls: u64, unbucketed_calls: u64, unattributed_calls: u64,
        deep_calls: u64, deepest: u64, stack_height: u64, clock_anomalies: u64, used_bytes: u64, capacity_bytes: u64, truncated_unix_ns: u64,
    }
    #[derive(Eq)]
    Resource {
        name: String, function: Option<usize>, state: ResourceState, evictable: bool, asynchronous: bool,
        initialisations: u64, more_dependencies: u64, failures: u64, waited: u64, first_use_ns: Option<u64>, first_init_ns: u64, last_init_ns: u64,
        accesses: Option<u64>, leases: u64, weight: u64, idle_ns: Option<u64>, evictions: u64, freed: u64,
        teardown: Option<Teardown>, order: Option<u64>, healthy: Option<bool>, dependencies: Vec<Dependency>,
    }
    #[derive(Copy, Eq)]
    Teardown { outcome: TeardownOutcome, ns: u64, }
    #[derive(Copy, Eq)]
    Dependency { resource: usize, declared: bool, learnt: bool, }
    #[derive(Default)]
    Latency {}
}

kinds! {
    State { Running, Closed, Killed, }
    ClockSource { Tsc, Cntvct, Monotonic, }
    Kind { Function, Future, Block, Lock, Channel, Query, Io, Request, Span, Hold, Client, Age, Poll, Wake, Alone, }
    Timing { Exact, Adaptive, Waits, }
    TimeSource { Timed, Sampled, }
    ResourceState { Declared, Initialising, Ready, Failed, Evicted, ShutDown, }
    TeardownOutcome { Done, Panicked, GivenUp, Leased, }
    View { Table, Callers, Resources, Json, }
    Stream { Stdout, Stderr, }
}

impl Function {
    /// Never called: there is no snapshot.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        false
    }

    /// Never called: there is no snapshot.
    #[must_use]
    pub fn mean_ns(&self) -> u64 {
        0
    }

    /// Never called: there is no snapshot.
    #[must_use]
    pub fn quantile_ns(&self, _quantile: f64) -> u64 {
        0
    }
}

impl Rows {
    /// Never called: there is no snapshot.
    #[must_use]
    pub fn mean(&self) -> f64 {
        0.0
    }
}

impl Depth {
    /// Never called: there is no snapshot.
    #[must_use]
    pub fn mean(&self) -> f64 {
        0.0
    }
}

impl Latency {
    /// Never called: there is no snapshot.
    #[must_use]
    pub fn count(&self) -> u64 {
        0
    }

    /// Never called: there is no snapshot.
    #[must_use]
    pub fn quantile(&self, _quantile: f64) -> u64 {
        0
    }
}

impl View {
    /// All views.
    pub const ALL: [View; 4] = [View::Table, View::Callers, View::Resources, View::Json];

    /// As with the feature `enabled`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            View::Table => "table",
            View::Callers => "callers",
            View::Resources => "resources",
            View::Json => "json",
        }
    }

    /// Never called: there is no snapshot.
    #[must_use]
    pub fn render(self, snapshot: &Snapshot, _style: &Style) -> String {
        match snapshot.never {}
    }
}

/// As with the feature `enabled`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    /// As with the feature `enabled`.
    pub width: Option<usize>,
    /// As with the feature `enabled`.
    pub color: bool,
}

impl Style {
    /// Neither a limit nor colours.
    #[must_use]
    pub const fn plain() -> Style {
        Style { width: None, color: false }
    }

    /// As with the feature `enabled`.
    #[must_use]
    pub const fn with_width(self, columns: usize) -> Style {
        Style { width: Some(columns), ..self }
    }

    /// As with the feature `enabled`.
    #[must_use]
    pub const fn with_color(self, color: bool) -> Style {
        Style { color, ..self }
    }

    /// As [`plain`](Style::plain): nothing is shown.
    #[must_use]
    pub fn for_stream(_stream: Stream, _columns: Option<u16>) -> Style {
        Style::plain()
    }

    /// As [`plain`](Style::plain): nothing is shown.
    #[must_use]
    pub fn detect(_stream: Stream) -> Style {
        Style::plain()
    }
}

/// The timeline of a process and its alerts, of which there is none.
pub mod monitor {
    data! {
        Monitor {
            interval_ns: u64, samples: u64, sampling_ns: u64, cores: u32, memory_bytes: u64, spans: Vec<Span>,
            series: Vec<Series>, channels: Vec<ChannelSeries>, alerts: Vec<Alert>,
        }
        #[derive(Copy, Eq)]
        Span { end_ns: u64, length_ns: u64, samples: u64, }
        Series { metric: Metric, values: Vec<Option<Range>>, }
        ChannelSeries { name: String, values: Vec<Option<Range>>, }
        #[derive(Copy, Eq)]
        Range { min: u64, mean: u64, max: u64, last: u64, }
        Alert { rule: String, unit: Unit, impossible: Option<Impossible>, raised: u64, dropped: u64, events: Vec<Raised>, }
        Raised {
            at_ns: u64, cleared_ns: Option<u64>, value: f64, worst: f64, actions: Vec<Action>, more_actions: u64,
        }
        Action {
            kind: ActionKind, at_ns: u64, took_ns: Option<u64>, done: bool, rss_before: Option<u64>,
            rss_after: Option<u64>, freed: Option<u64>,
        }
    }

    kinds! {
        Unit { Bytes, BytesPerSecond, Ppm, Count, PerSecond, Nanoseconds, }
        Impossible { UnknownName, AmbiguousName, NoCountingAllocator, NotTold, NoLimit, NoOption, }
        ActionKind { Evict, Trim, Snapshot, Call, Trace, }
        Metric {
            Rss, PeakRss, Virtual, Private, Shared, Heap, Cgroup, Cpu, CpuUser, CpuSystem, Threads, Files, Faults,
            MajorFaults, Switches, Preemptions, Read, Written, MemoryPressure, CpuPressure, TokioWorkers, TokioTasks, TokioQueue, TokioBusy,
            TokioBusiest, TokioParks,
        }
    }

    impl ChannelSeries {
        /// Never called: there is no snapshot.
        #[must_use]
        pub fn last(&self) -> Option<u64> {
            None
        }

        /// Never called: there is no snapshot.
        #[must_use]
        pub fn highest(&self) -> Option<u64> {
            None
        }

        /// Never called: there is no snapshot.
        #[must_use]
        pub fn mean(&self, _spans: &[Span]) -> Option<u64> {
            None
        }
    }

    impl Series {
        /// Never called: there is no snapshot.
        #[must_use]
        pub fn last(&self) -> Option<u64> {
            None
        }

        /// Never called: there is no snapshot.
        #[must_use]
        pub fn highest(&self) -> Option<u64> {
            None
        }

        /// Never called: there is no snapshot.
        #[must_use]
        pub fn mean(&self, _spans: &[Span]) -> Option<u64> {
            None
        }
    }
}
