//! The recording without threads: figures against a model, small capacities, long durations.
//!
//! Everything here runs in heap memory with a clock made of numbers, so that Miri can run it too.

mod counted;
mod full;
mod looks;
mod model;
mod net;
mod quantiles;
mod random;
mod stacks;
mod trace;

use perf_report::recording::{Now, read};
use perf_report::{ClockSource, Kind, Snapshot, Timing};

use super::memory::Memory;
use super::{CallBegin, CallOutcome, Costs, Origin, Recording, Shard, SiteText, Slot};

/// Ticks per nanosecond of the clock in these tests. A power of two, so that every figure can be compared exactly.
const TICKS_PER_NS: u64 = 2;

/// The first tick. So long after the start that estimates of adaptive timing have room.
const START_TICK: u64 = 1 << 56;

/// Starts a recording of `words` words.
fn recording(words: usize) -> Recording {
    recording_with(words, Costs::default())
}

/// Starts a recording where measuring costs something.
fn recording_with(words: usize, costs: Costs) -> Recording {
    recording_of(words, |origin| origin.costs = costs)
}

/// Starts a recording of a process of which something is told.
fn recording_of(words: usize, tell: impl FnOnce(&mut Origin)) -> Recording {
    let mut origin = Origin {
        program: "test".into(),
        pid: 1,
        clock: ClockSource::Monotonic,
        bucket_scale: ((1_u128 << 64) / u128::from(TICKS_PER_NS)) as u64,
        start_tick: 0,
        start_monotonic_ns: 0,
        start_unix_ns: 0,
        unrecorded_ns: 0,
        costs: Costs::default(),
        timing: None,
        deadlocks: false,
        facts: "".into(),
    };
    tell(&mut origin);
    Recording::start(Memory::heap(words), None, &origin).unwrap()
}

/// Adds a site and returns its id. `None` if there is no room.
fn add_site(recording: &Recording, kind: Kind, timing: Timing) -> Option<usize> {
    let text = SiteText { kind, timing, line: 1, name: "name", module: "module", file: "file", budgets: "", names: 0 };
    recording.add_site(&text)
}

fn add_function(recording: &Recording) -> Option<usize> {
    add_site(recording, Kind::Function, Timing::Exact)
}

/// Reads the recording, in which the reader must find nothing amiss.
fn snapshot(recording: &Recording) -> Snapshot {
    let reading = read(&recording.copy(), Now::LastTick).unwrap();
    assert!(reading.is_sound(), "{:?}", reading.damages);
    reading.snapshot
}

/// The slot of a site, made if need be.
fn slot(recording: &Recording, shard: Shard, site: usize) -> Option<Slot> {
    shard.slot(site).or_else(|| shard.new_slot(recording, site))
}

/// Begins a call as `thread::enter` does.
fn begin(shard: Shard, slot: Slot, site: usize, tick: u64) {
    match shard.begin_call_fast(site, slot) {
        Some(frame) => Shard::set_start(frame, tick),
        None => {
            shard.begin_call(slot, CallBegin::default(), || tick);
        }
    }
}

/// Ends a call as `thread::exit` does.
fn end(recording: &Recording, shard: Shard, slot: Slot, start: u64, tick: u64) {
    if !shard.end_call_fast(slot, start, tick) {
        end_in_place(recording, shard, slot, start, tick, CallOutcome::Call { unwound: false });
    }
}

/// Ends a call or a poll as `in_place::exit`, `in_place::end_pending` and `in_place::end_ready` do.
fn end_in_place(recording: &Recording, shard: Shard, slot: Slot, start: u64, tick: u64, outcome: CallOutcome) {
    if !shard.end_in_place(slot, start, tick, outcome) {
        shard.end_call(recording, slot, start, tick, outcome);
    }
}
