//! What measuring costs here, found out at the start: it is part of every report.

use std::hint::black_box;

use perf_report::recording::layout::{header, slot};

use crate::platform::clock;
use crate::recording::memory::Memory;
use crate::recording::{CallOutcome, Origin, Recording, Shard};

/// Calls per round, and rounds of which the fastest counts. Some 50 µs in all.
const CALLS: u64 = 200;
const ROUNDS: u64 = 8;
/// Words of the recording that the calibration makes and throws away.
const SCRATCH: usize = 1 << 13;

/// Measures empty calls in a recording of their own, and notes the costs in the header of the real one.
pub(crate) fn note_costs(recording: &Recording, origin: &Origin) {
    let Some(costs) = measure(origin) else { return };
    let picoseconds = |ticks: u64, calls: u64| {
        u64::try_from((u128::from(ticks) * u128::from(origin.bucket_scale) * 1000) >> 64).unwrap_or(u64::MAX) / calls
    };
    let header = recording.header();
    header.set(header::COST_TIMED_PS, picoseconds(costs.timed, CALLS));
    header.set(header::COST_COUNTED_PS, picoseconds(costs.counted, CALLS));
    header.set(header::COST_INSIDE_PS, picoseconds(costs.inside, 1));
}

struct Costs {
    /// Ticks of `CALLS` timed calls.
    timed: u64,
    /// Ticks of `CALLS` calls that are only counted.
    counted: u64,
    /// Shortest duration that an empty call seems to have.
    inside: u64,
}

fn measure(origin: &Origin) -> Option<Costs> {
    const SITE: usize = 1;
    let recording = Recording::start(Memory::heap(SCRATCH), None, origin).ok()?;
    let shard = recording.acquire_shard()?;
    let slot = shard.new_slot(&recording, SITE)?;
    // The first calls make a page and an edge; the others take the fast path.
    let call = || {
        let shard = black_box(shard);
        let Some(frame) = shard.slot(SITE).and_then(|slot| shard.begin_call_fast(SITE, slot)) else { return };
        let start = black_box(clock::now());
        Shard::set_start(frame, start);
        let end = clock::now();
        if !shard.end_call_fast(slot, start, end) {
            shard.end_call(&recording, slot, start, end, CallOutcome::Call { unwound: false });
        }
    };
    let fastest = |work: &dyn Fn()| (0..ROUNDS).map(|_| elapsed(work)).min().unwrap_or(0);
    let timed = fastest(&|| (0..CALLS).for_each(|_| call()));
    let counted = fastest(&|| {
        slot.0.set(slot::COUNTER, (1 << slot::COUNTER_BITS) - 1);
        for _ in 0..CALLS {
            black_box(black_box(slot).only_count());
        }
    });
    Some(Costs { timed, counted, inside: slot.0.get(slot::MIN) })
}

fn elapsed(work: &dyn Fn()) -> u64 {
    let start = clock::now();
    work();
    clock::now().saturating_sub(start)
}
