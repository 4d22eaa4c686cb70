//! The process that was recorded, and its clock.

use serde::Serialize;

/// The process that a snapshot was taken of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Process {
    /// Name of the executable, without its folder.
    pub program: String,
    /// Process id.
    pub pid: u32,
    /// When recording began, in nanoseconds since the Unix epoch.
    pub started_unix_ns: u64,
    /// Time from the start of the recording to the snapshot.
    pub recorded_ns: u64,
    /// Time that the program had run before recording began.
    ///
    /// Counted from when it was loaded; 0 where the system does not tell.
    pub unrecorded_ns: u64,
    /// Whether the process was running, had ended, or was killed.
    pub state: State,
    /// The clock that the durations were read from.
    pub clock: Clock,
    /// Threads that called an annotated function, including ended ones.
    pub threads: u64,
    /// Whether threads noted which locks they hold, so that deadlocks are named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locks_noted: bool,
}

impl Process {
    /// A process of this name and id that recorded nothing.
    #[must_use]
    pub fn new(program: impl Into<String>, pid: u32) -> Self {
        Process {
            program: program.into(),
            pid,
            started_unix_ns: 0,
            recorded_ns: 0,
            unrecorded_ns: 0,
            state: State::Closed,
            clock: Clock::new(ClockSource::Monotonic, 1.0),
            threads: 0,
            locks_noted: false,
        }
    }
}

/// The state of a process when the snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// It was still recording.
    Running,
    /// It ended in order and closed its recording.
    Closed,
    /// It ended without closing its recording: killed, aborted, or by `_exit`.
    ///
    /// The figures reach up to its last call.
    Killed,
}

/// The clock behind every duration of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Clock {
    /// Source of the ticks.
    pub source: ClockSource,
    /// Nanoseconds per tick.
    pub ns_per_tick: f64,
}

impl Clock {
    /// A clock of this source and resolution.
    #[must_use]
    pub const fn new(source: ClockSource, ns_per_tick: f64) -> Self {
        Clock { source, ns_per_tick }
    }
}

/// The source of a clock's ticks.
///
/// Exhaustive on purpose: a new clock must break whoever writes recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum ClockSource {
    /// The processor's invariant time stamp counter.
    Tsc,
    /// The ARM generic timer's virtual count.
    Cntvct,
    /// The system's monotonic clock, where the processor's counter is unreliable.
    Monotonic,
}
