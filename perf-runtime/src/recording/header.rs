//! The header: what a recording tells of its process, and figures that belong to no thread.

use std::io;
use std::sync::Arc;

use perf_report::recording::layout::{self, header};
use perf_report::{ClockSource, Timing};

use super::allocator::Recording;
use super::memory::Memory;
use crate::platform::kept_file::KeptFile;

/// The description of its process that a new recording gets.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) program: Arc<str>,
    pub(crate) pid: u32,
    pub(crate) clock: ClockSource,
    pub(crate) bucket_scale: u64,
    pub(crate) start_tick: u64,
    pub(crate) start_monotonic_ns: u64,
    pub(crate) start_unix_ns: u64,
    pub(crate) unrecorded_ns: u64,
    pub(crate) costs: Costs,
    /// The timing of all sites, whatever their own is.
    pub(crate) timing: Option<Timing>,
    /// Whether threads note which locks they hold, so that readers see deadlocks.
    #[cfg_attr(not(feature = "sync"), allow(dead_code, reason = "only locks ask"))]
    pub(crate) deadlocks: bool,
    /// The facts about build, machine and circumstances, as the recording holds them.
    pub(crate) facts: Arc<str>,
}

/// The costs of measuring, in ticks; all 0 if nobody knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Costs {
    /// A call that is timed.
    pub(crate) timed: Cost,
    /// A timed call where timing is adaptive.
    pub(crate) adaptive: Cost,
    /// A poll of a future.
    pub(crate) poll: Cost,
    /// A call that is only counted.
    pub(crate) counted: f64,
}

/// The cost of measuring one call, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) whole: f64,
    /// The part of it that is inside the call's own duration.
    pub(crate) inside: f64,
}

impl Recording {
    /// Starts a recording in memory whose words are all zero.
    pub(crate) fn start(memory: Memory, file: Option<KeptFile>, origin: &Origin) -> io::Result<Recording> {
        let recording = Recording::new(memory, file, origin.clone());
        let full = || io::Error::new(io::ErrorKind::StorageFull, "no room for the header of a recording");
        let words = recording.allocate(header::LEN).ok_or_else(full)?;
        let name = recording.allocate(origin.program.len().div_ceil(8).max(1)).ok_or_else(full)?;
        name.write_text(&origin.program);
        for (field, value) in [
            (header::VERSION, layout::VERSION),
            (header::CHECKSUM, layout::CHECKSUM),
            (header::STATE, header::STATE_RUNNING),
            (header::PID, u64::from(origin.pid)),
            (header::START_UNIX_NS, origin.start_unix_ns),
            (header::START_TICK, origin.start_tick),
            (header::START_MONOTONIC_NS, origin.start_monotonic_ns),
            (header::LAST_TICK, origin.start_tick),
            (header::LAST_MONOTONIC_NS, origin.start_monotonic_ns),
            (
                header::CLOCK_SOURCE,
                match origin.clock {
                    ClockSource::Tsc => header::CLOCK_TSC,
                    ClockSource::Cntvct => header::CLOCK_CNTVCT,
                    ClockSource::Monotonic => header::CLOCK_MONOTONIC,
                },
            ),
            (header::BUCKET_SCALE, origin.bucket_scale),
            (header::UNRECORDED_NS, origin.unrecorded_ns),
            (header::CAPACITY, recording.capacity() as u64),
            (header::LOCKS_NOTED, u64::from(cfg!(feature = "sync") && origin.deadlocks)),
            (header::PROGRAM, recording.offset(name) as u64),
            (header::PROGRAM_BYTES, origin.program.len() as u64),
        ] {
            words.set(field, value);
        }
        // A recording too small for them is one without them.
        if !origin.facts.is_empty()
            && let Some(facts) = recording.allocate(origin.facts.len().div_ceil(8))
        {
            facts.write_text(&origin.facts);
            words.set(header::FACTS, recording.offset(facts) as u64);
            words.set(header::FACTS_BYTES, origin.facts.len() as u64);
        }
        recording.note_costs(header::COSTS_AT_START, &origin.costs);
        // With a higher level of optimisation for this crate alone its calls are cheap, and its assertions may stay.
        let is_dear = origin.costs.timed.whole * recording.ns_per_tick() > 80.0;
        words.set(header::UNOPTIMISED, u64::from(cfg!(debug_assertions) && is_dear));
        // Last, so that a file with the magic number has a whole header.
        words.publish(header::MAGIC, layout::MAGIC);
        Ok(recording)
    }

    /// Notes what measuring costs, at the start or at the end.
    pub(crate) fn note_costs(&self, at: usize, costs: &Costs) {
        let ps_per_tick = self.ns_per_tick() * 1000.0;
        for (figure, ticks) in [
            (header::COST_TIMED, costs.timed.whole),
            (header::COST_TIMED_INSIDE, costs.timed.inside),
            (header::COST_ADAPTIVE, costs.adaptive.whole),
            (header::COST_ADAPTIVE_INSIDE, costs.adaptive.inside),
            (header::COST_POLL, costs.poll.whole),
            (header::COST_POLL_INSIDE, costs.poll.inside),
            (header::COST_COUNTED, costs.counted),
        ] {
            self.header().set(at + figure, (ticks * ps_per_tick).round() as u64);
        }
    }

    /// Whether threads note which locks they hold.
    #[cfg(feature = "sync")]
    pub(crate) fn notes_locks(&self) -> bool {
        self.origin().deadlocks
    }

    /// The timing of all sites, whatever their own is.
    pub(crate) fn timing(&self) -> Option<Timing> {
        self.origin().timing
    }

    /// Nanoseconds per tick, as calibrated at the start.
    pub(crate) fn ns_per_tick(&self) -> f64 {
        self.origin().bucket_scale as f64 / 2_f64.powi(64)
    }

    /// Says that it is written again, unless it was sealed: its end was that of a session, and not of the process.
    pub(crate) fn reopen(&self) {
        if !self.is_sealed() {
            self.header().set(header::STATE, header::STATE_RUNNING);
        }
    }

    /// Notes the time of both clocks, for whoever reads the recording next.
    pub(crate) fn note_time(&self, tick: u64, monotonic_ns: u64) {
        self.header().set(header::LAST_TICK, tick);
        self.header().set(header::LAST_MONOTONIC_NS, monotonic_ns);
    }

    /// Whether both clocks are to be noted anew: each time when twice as long has passed since the start as the time before.
    ///
    /// The calibration is good to 2 in 10,000, a third of a second in an hour. Whoever reads the recording of a process that runs
    /// knows the other clock alone, and must tell from it for how long a call has been in flight.
    pub(crate) fn time_is_due(&self, tick: u64) -> bool {
        /// About 10 ms, before which the calibration is as good.
        const FIRST: u64 = 1 << 25;
        let start = self.origin().start_tick;
        let noted = self.header().get(header::LAST_TICK).saturating_sub(start);
        tick.saturating_sub(start) / 2 > noted.max(FIRST / 2)
    }

    /// Counts a call that cannot be recorded at all.
    pub(crate) fn count_lost(&self) {
        self.header().fetch_add(header::LOST_CALLS, 1);
    }

    /// Counts a call that there is no room for; `None` is the place that it has.
    pub(crate) fn count_overflow<T>(&self) -> Option<T> {
        self.header().fetch_add(header::OVERFLOW_CALLS, 1);
        None
    }
}

/// A process for tests.
#[cfg(all(test, feature = "monitor"))]
pub(crate) fn test_origin() -> Origin {
    Origin {
        program: "test".into(),
        pid: 1,
        clock: ClockSource::Monotonic,
        bucket_scale: 1 << 63,
        start_tick: 0,
        start_monotonic_ns: 0,
        start_unix_ns: 0,
        unrecorded_ns: 0,
        costs: Costs::default(),
        timing: None,
        deadlocks: false,
        facts: "".into(),
    }
}
