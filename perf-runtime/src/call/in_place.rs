//! Calls and polls between the fast path and the slow one, and allocations: see [`Shard::end_in_place`].

use std::sync::atomic::{Ordering, compiler_fence};

use super::thread::{self, ActiveCall, fast_shard, set_fast_shard};
use crate::platform::clock;
use crate::process::site::{Site, Timing};
use crate::recording::memory::Words;
use crate::recording::{CallOutcome, Shard, Slot, SlowCall};

/// Ends a call or a poll of the shard in place, if that is possible.
#[inline(always)]
fn ended(shard: Shard, call: ActiveCall, end: u64, outcome: CallOutcome) -> bool {
    // Keeps everybody out who interrupts this.
    set_fast_shard(None);
    compiler_fence(Ordering::AcqRel);
    let done = shard.end_in_place(call.slot, call.start, end, outcome);
    compiler_fence(Ordering::AcqRel);
    set_fast_shard(Some(shard));
    done
}

/// Ends a call that the fast path could not, of a thread that does not unwind.
#[inline(never)]
pub(super) extern "C" fn exit(slot: Slot, start: u64, end: u64) {
    let call = ActiveCall { slot, start };
    match fast_shard() {
        // The whole program is timed adaptively, or a trace window was opened.
        Some(shard) if shard.is_adaptive() => exit_for_others(slot, start, end),
        Some(shard) if ended(shard, call, end, CallOutcome::Call { unwound: false }) => {}
        _ => thread::exit_slow(slot, start, end),
    }
}

#[inline(never)]
extern "C" fn exit_for_others(slot: Slot, start: u64, end: u64) {
    if !end_for_others(ActiveCall { slot, start }, end, thread::outcome(Timing::Exact)) {
        thread::exit_slow(slot, start, end);
    }
}

/// Pushes the frame of a call that is timed and also stands for those that were counted before it, in which the start is then to be set. `None` if
/// there is no room.
#[inline(always)]
pub(super) fn begin_for_others(shard: Shard, slot: Slot) -> Option<Words> {
    // As above.
    set_fast_shard(None);
    compiler_fence(Ordering::AcqRel);
    let frame = shard.begin_for_others(slot);
    compiler_fence(Ordering::AcqRel);
    set_fast_shard(Some(shard));
    frame
}

/// Ends a call that began so, when the processor's counter stood at `counter`. Returns `false` if that is for the slow path.
#[inline(always)]
pub(super) fn end_for_others(call: ActiveCall, counter: u64, outcome: CallOutcome) -> bool {
    fast_shard().is_some_and(|shard| shard.may_time_in_place() && ended(shard, call, counter, outcome))
}

/// Records for how long a lock was held, and for how many holds this one stands. Returns `false` if that is for the slow path.
#[cfg(feature = "sync")]
#[inline(never)]
pub(crate) fn record_hold(row: &'static Site, ticks: u64, weight: u64) -> bool {
    let Some(shard) = fast_shard() else { return false };
    let Some(slot) = shard.slot(row.id()) else { return false };
    // As above.
    set_fast_shard(None);
    compiler_fence(Ordering::AcqRel);
    let done = shard.record_hold_in_place(slot, ticks, weight);
    compiler_fence(Ordering::AcqRel);
    set_fast_shard(Some(shard));
    done
}

/// Ends a poll of a future that is not ready, when the processor's counter stood at `counter`.
///
/// Not inlined into the crate of the future: a thread's word is known in the runtime's own program or library alone.
#[inline(never)]
pub(crate) fn end_pending(call: ActiveCall, counter: u64) {
    if let Some(shard) = fast_shard()
        && ended(shard, call, counter, CallOutcome::Pending)
    {
        return;
    }
    thread::end_call(call, clock::now_or(counter), CallOutcome::Pending);
}

/// Ends the poll that makes a future ready, which was polled first at `first`, or that leaves it by a panic.
#[inline(never)]
pub(super) fn end_ready(call: ActiveCall, counter: u64, first: u64, unwound: bool) {
    if let Some(shard) = fast_shard()
        && !unwound
        && ended(shard, call, counter, CallOutcome::Ready { lifetime: counter.saturating_sub(first), unwound: false })
    {
        return;
    }
    let end = clock::now_or(counter);
    thread::end_call(call, end, CallOutcome::Ready { lifetime: end.saturating_sub(first), unwound });
}

/// As [`end_ready`], of a future with a label. Returns its place if it is among the slowest.
#[inline(never)]
pub(super) fn end_noted(call: ActiveCall, counter: u64, first: u64, unwound: bool) -> Option<SlowCall> {
    let end = clock::now_or(counter);
    thread::end_noting(call, end, CallOutcome::Ready { lifetime: end.saturating_sub(first), unwound }, true)
}

/// A future of so many bytes is polled for the first time, in this call.
#[inline(never)]
pub(crate) fn count_started(site: &'static Site, call: ActiveCall, bytes: usize) {
    let Some(shard) = fast_shard() else {
        return thread::with_slot(site, |_, shard, slot| shard.future_started(slot, bytes));
    };
    set_fast_shard(None);
    compiler_fence(Ordering::AcqRel);
    shard.future_started(call.slot, bytes);
    compiler_fence(Ordering::AcqRel);
    set_fast_shard(Some(shard));
}

/// The thread has allocated memory, in its innermost call. The recorder's own allocations are nobody's.
#[cfg(feature = "allocations")]
pub(crate) fn count_allocation(bytes: u64) {
    if let Some(shard) = thread::idle_shard() {
        shard.count_allocation(bytes);
    }
}
