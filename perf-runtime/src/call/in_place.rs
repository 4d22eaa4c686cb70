//! Ends of calls and polls between the fast path and the slow one, and allocations: see [`end_in_place`](Shard::end_in_place).

use std::sync::atomic::{Ordering, compiler_fence};

use super::thread::{self, ActiveCall, fast_shard, set_fast_shard};
use crate::process::site::Site;
use crate::recording::{CallOutcome, Shard};

/// Runs `work` on the thread's shard, with everybody kept out who interrupts it. `None` if the fast path is closed.
#[inline(always)]
fn with_fast_shard<T>(work: impl FnOnce(Shard) -> T) -> Option<T> {
    let shard = fast_shard()?;
    set_fast_shard(None);
    compiler_fence(Ordering::AcqRel);
    let result = work(shard);
    compiler_fence(Ordering::AcqRel);
    set_fast_shard(Some(shard));
    Some(result)
}

/// Ends a call or a poll in place, if that is possible.
#[inline(always)]
fn ended(call: ActiveCall, end: u64, outcome: CallOutcome) -> bool {
    with_fast_shard(|shard| shard.end_in_place(call.slot, call.start, end, outcome)).unwrap_or(false)
}

/// Ends a call that the fast path could not, of a thread that does not unwind.
#[inline(never)]
pub(super) fn exit(call: ActiveCall, end: u64) {
    // Where the whole program is timed adaptively, a call may stand for others.
    let is_exact = fast_shard().is_some_and(|shard| !shard.is_adaptive());
    if !is_exact || !ended(call, end, CallOutcome::Call { unwound: false }) {
        thread::exit_slow(call, end);
    }
}

/// Ends a poll, when the clock stood at `end`.
///
/// Not inlined into the crate of the future: a thread's word is known in the runtime's own program or library alone.
#[inline(never)]
pub(super) fn end_poll(call: ActiveCall, end: u64, outcome: CallOutcome) {
    if !ended(call, end, outcome) {
        thread::end_call(call, end, outcome);
    }
}

/// A future is polled for the first time, in this call.
#[inline(never)]
pub(super) fn count_started(site: &'static Site, call: ActiveCall) {
    if with_fast_shard(|shard| shard.future_started(call.slot)).is_none() {
        thread::with_slot(site, |_, shard, slot| shard.future_started(slot));
    }
}

/// The thread has allocated memory, in its innermost call. The recorder's own allocations are nobody's.
#[cfg(feature = "allocations")]
pub(crate) fn count_allocation(bytes: u64) {
    if let Some(shard) = thread::idle_shard() {
        shard.count_allocation(bytes);
    }
}
