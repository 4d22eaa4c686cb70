//! What measuring costs here, found out at the start: it is part of every report.

use std::hint::black_box;

use perf_report::recording::layout::slot;

use crate::platform::clock;
use crate::recording::memory::Memory;
use crate::recording::{CallOutcome, Costs, Origin, Recording, Shard};

/// Calls per round, and rounds of which the fastest counts. Some 50 µs in all.
const CALLS: u64 = 200;
const ROUNDS: u64 = 8;
/// Words of the recording that the calibration makes and throws away.
const SCRATCH: usize = 1 << 13;

/// Measures empty calls in a recording of their own. All costs are 0 if there is no room for that.
pub(crate) fn costs(origin: &Origin) -> Costs {
    let picoseconds = |ticks: u64, calls: u64| {
        u64::try_from((u128::from(ticks) * u128::from(origin.bucket_scale) * 1000) >> 64).unwrap_or(u64::MAX) / calls
    };
    measure(origin).map_or(Costs::default(), |ticks| Costs {
        timed_ps: picoseconds(ticks.timed, CALLS),
        counted_ps: picoseconds(ticks.counted, CALLS),
        inside_ps: picoseconds(ticks.inside, 1),
    })
}

struct Ticks {
    /// Of `CALLS` timed calls.
    timed: u64,
    /// Of `CALLS` calls that are only counted.
    counted: u64,
    /// Shortest duration that an empty call seems to have.
    inside: u64,
}

fn measure(origin: &Origin) -> Option<Ticks> {
    const SITE: usize = 1;
    let recording = Recording::start(Memory::anonymous(SCRATCH).ok()?, None, origin).ok()?;
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
    Some(Ticks { timed, counted, inside: slot.0.get(slot::MIN) })
}

fn elapsed(work: &dyn Fn()) -> u64 {
    let start = clock::now();
    work();
    clock::now().saturating_sub(start)
}
