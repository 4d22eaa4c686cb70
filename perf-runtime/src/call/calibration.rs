//! Finds the costs of measuring on this machine, at the start and again at the end.
//!
//! A call is recorded as any other, by the code that records all, in a recording that nobody reads. It and its caller do work of a few
//! nanoseconds, because a processor does part of the measuring beside such work, and none of it beside no work at all. A cost is a mean
//! over many calls, and the middle one of several rounds: a minimum would hide what a clock that proceeds in steps adds.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use perf_report::recording::layout::{header, slot};

use super::adaptive;
use super::guard::{AdaptiveGuard, Guard};
use super::{in_place, thread};
use crate::platform::clock;
use crate::platform::thread_word::Offset;
use crate::process::site::{Description, Kind, Site, Timing};
use crate::recording::memory::Memory;
use crate::recording::{CallBegin, CallOutcome, Cost, Costs, Origin, Recording, Shard, Slot};
use crate::sync::StaticCell;

/// Calls per round, and rounds: in all some 100 µs.
const CALLS: u32 = 128;
const ROUNDS: usize = 9;
/// Words of the recording that the calls are recorded in, and id of their site.
const SCRATCH: usize = 1 << 13;
const ID: u32 = 1000;

/// The site of the calls.
static SITE: Site = Site::new(Description {
    kind: Kind::Function,
    timing: Timing::Exact,
    name: None,
    path: || "",
    module: "",
    file: "",
    line: 0,
    budgets: "",
});

/// The recording that the calls are recorded in. It stays, for the end.
static RECORDING: StaticCell<Recording> = StaticCell::none();

/// The place where the calls are recorded.
#[derive(Debug)]
struct Scratchpad {
    recording: &'static Recording,
    shard: Shard,
    slot: Slot,
}

/// Finds out what measuring costs. All costs are 0 if there is no room for that.
pub(crate) fn costs(origin: &Origin) -> Costs {
    // Locked by whoever starts or ends the recording, so no two threads do this at once.
    let known = RECORDING.get().or_else(|| {
        RECORDING.set(Some(Box::leak(Box::new(prepare(origin)?))));
        RECORDING.get()
    });
    known
        .and_then(Scratchpad::find)
        .map_or_else(Costs::default, |pad| thread::recorded_elsewhere(pad.recording, pad.shard, || pad.measure()))
}

/// Finds out what measuring costs by now, for the end of a recording.
pub(crate) fn note_again(recording: &Recording) {
    // Two ends at once: one of them suffices. A forked child whose parent was just here does without.
    static IS_AT_WORK: AtomicBool = AtomicBool::new(false);
    if IS_AT_WORK.swap(true, Ordering::Acquire) {
        return;
    }
    if let Some(pad) = RECORDING.get().and_then(Scratchpad::find) {
        let costs = thread::recorded_elsewhere(pad.recording, pad.shard, || pad.measure());
        recording.note_costs(header::COSTS_AT_END, &costs);
    }
    IS_AT_WORK.store(false, Ordering::Release);
}

/// A recording in which what a first call makes is there: a slot, an edge, and the pages of the durations that are to be expected.
fn prepare(origin: &Origin) -> Option<Recording> {
    let origin = Origin { costs: Costs::default(), timing: None, ..origin.clone() };
    let recording = Recording::start(Memory::anonymous(SCRATCH).ok()?, None, &origin).ok()?;
    SITE.set_id(ID);
    let shard = recording.acquire_shard()?;
    let slot = shard.new_slot(&recording, ID as usize)?;
    for octave in 0..14 {
        for ns in [2_u64 << octave, 3 << octave] {
            let ticks = (ns as f64 / recording.ns_per_tick()) as u64;
            let start = shard.begin_call(slot, CallBegin::default(), || 1 << 40);
            shard.end_call(&recording, slot, start, start + ticks, CallOutcome::Call { unwound: false });
        }
    }
    Some(recording)
}

impl Scratchpad {
    fn find(recording: &'static Recording) -> Option<Scratchpad> {
        let shard = Shard(recording.shards().next()?);
        Some(Scratchpad { recording, shard, slot: shard.slot(ID as usize)? })
    }

    /// Ticks that the calls so far took.
    fn recorded(&self, word: usize) -> u64 {
        self.slot.0.get(word)
    }

    fn measure(&self) -> Costs {
        let mut rounds = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let (alone, bare) = (per_call(work), per_call(|x| step(bare_call(x))));
            let cost = |word: usize, call: &dyn Fn(u64) -> u64| {
                let before = self.recorded(word);
                let whole = per_call(|x| step(call(x))) - bare;
                let recorded = self.recorded(word).wrapping_sub(before) as f64 / f64::from(CALLS);
                Cost { whole, inside: recorded - alone }
            };
            rounds.push(Costs {
                timed: cost(slot::SUM, &timed_call),
                adaptive: cost(slot::SUM, &|x| self.adaptive_call(x)),
                poll: cost(slot::BUSY, &poll),
                counted: {
                    self.slot.counter(self.shard).set(0, slot::MOST_TO_COME * (slot::ONE_TO_COME + 1));
                    per_call(|x| step(counted_call(x))) - bare
                },
            });
            // A signal handler's calls may have left something.
            self.shard.abandon_frames(self.recording);
        }
        let middle = |figure: fn(&Costs) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2].max(0.0)
        };
        let cost = |whole: f64, inside: f64| Cost { whole, inside: inside.min(whole) };
        Costs {
            timed: cost(middle(|costs| costs.timed.whole), middle(|costs| costs.timed.inside)),
            adaptive: cost(middle(|costs| costs.adaptive.whole), middle(|costs| costs.adaptive.inside)),
            poll: cost(middle(|costs| costs.poll.whole), middle(|costs| costs.poll.inside)),
            counted: middle(|costs| costs.counted),
        }
    }

    /// A call that adaptive timing times.
    #[inline(never)]
    fn adaptive_call(&self, x: u64) -> u64 {
        self.slot.counter(self.shard).set(0, 0);
        self.slot.0.set(slot::PERIOD, 0);
        let _guard = AdaptiveGuard::of_call(adaptive::enter_at(Offset::find(), &SITE));
        work(x)
    }
}

/// Ticks per call, of calls that each need the result of the one before.
fn per_call(call: impl Fn(u64) -> u64) -> f64 {
    let start = clock::now();
    let mut x = black_box(start);
    for _ in 0..CALLS {
        x = call(x);
    }
    black_box(x);
    clock::now().saturating_sub(start) as f64 / f64::from(CALLS)
}

/// The work of the called function: some 5 ns.
#[inline(always)]
fn work(x: u64) -> u64 {
    step(step(step(step(x))))
}

/// The work of its caller.
#[inline(always)]
fn step(x: u64) -> u64 {
    (x ^ x >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline(never)]
fn bare_call(x: u64) -> u64 {
    work(x)
}

#[inline(never)]
fn timed_call(x: u64) -> u64 {
    let _guard = Guard::of_call(&SITE);
    work(x)
}

#[inline(never)]
fn counted_call(x: u64) -> u64 {
    let _guard = AdaptiveGuard::of_call(adaptive::enter_at(Offset::find(), &SITE));
    work(x)
}

#[inline(never)]
fn poll(x: u64) -> u64 {
    let call = thread::enter(&SITE);
    #[cfg(feature = "tasks")]
    let mut place = super::company::Place::new();
    #[cfg(feature = "tasks")]
    let host = call.map(|call| place.poll_begins(call.start));
    let result = work(x);
    if let Some(call) = call {
        let counter = clock::counter();
        #[cfg(feature = "tasks")]
        if let Some(host) = host {
            place.poll_ends(host, None);
        }
        in_place::end_pending(call, counter);
    }
    result
}
