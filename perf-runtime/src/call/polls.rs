//! Rows beside that of a future: its single polls, if it was not ready at once, the way from its wakes to the polls they ask for, and the
//! time that it was alone.
//!
//! They are of kinds whose time is nobody's own ([`Kind::is_beside_calls`]), so the future's self time and callers stay as they are.
//! A row is made when it is needed first, and hangs on the future's site.

use std::sync::atomic::{Ordering, compiler_fence};

use super::in_place;
use super::thread::{self, ActiveCall, fast_shard, set_fast_shard};
use crate::platform::clock;
use crate::process::registration;
use crate::process::site::{Description, Kind, Site, Timing};
use crate::recording::SlowCall;
use crate::sync::StaticCell;

/// As [`in_place::end_pending`], and records the poll by itself.
///
/// Not inlined into the crate of the future: a thread's word is known in the runtime's own program or library alone.
#[inline(never)]
pub(super) fn end_pending(future: &'static Site, call: ActiveCall, counter: u64) {
    let below = measuring_below(call);
    in_place::end_pending(call, counter);
    record_poll(future, call, counter, below);
}

/// As [`in_place::end_ready`], and records the poll by itself.
#[inline(never)]
pub(super) fn end_ready(future: &'static Site, call: ActiveCall, counter: u64, first: u64, unwound: bool) {
    let below = measuring_below(call);
    in_place::end_ready(call, counter, first, unwound);
    record_poll(future, call, counter, below);
}

/// As [`in_place::end_noted`], and records the poll by itself, unless the future was ready at once.
#[inline(never)]
pub(super) fn end_noted(
    future: &'static Site,
    call: ActiveCall,
    counter: u64,
    first: u64,
    unwound: bool,
) -> Option<SlowCall> {
    let below = measuring_below(call);
    let slow = in_place::end_noted(call, counter, first, unwound);
    if call.start != first {
        record_poll(future, call, counter, below);
    }
    slow
}

/// What measuring took in a call that is about to end.
#[inline(always)]
fn measuring_below(call: ActiveCall) -> u64 {
    thread::own().map_or(0, |shard| shard.measuring_below(call.slot, call.start))
}

#[inline(always)]
fn record_poll(future: &'static Site, call: ActiveCall, counter: u64, below: u64) {
    // Waits and operations are polled too; their rows say how long they took.
    if future.description.kind == Kind::Future
        && let Some(row) = row_of(future, &future.beside.polls, Kind::Poll)
    {
        record(row, clock::now_or(counter).saturating_sub(call.start).saturating_sub(below));
    }
}

/// Records for how long a task that was woken waited for its poll.
pub(crate) fn record_wake(task: &'static Site, ticks: u64) {
    if let Some(row) = row_of(task, &task.beside.wakes, Kind::Wake) {
        record(row, ticks);
    }
}

/// Records for how long a future was alone.
pub(super) fn record_alone(future: &'static Site, ticks: u64) {
    if let Some(row) = row_of(future, &future.beside.alone, Kind::Alone) {
        record(row, ticks);
    }
}

fn record(row: &'static Site, ticks: u64) {
    if let Some(shard) = fast_shard()
        && let Some(slot) = shard.slot(row.id())
    {
        // Keeps everybody out who interrupts this.
        set_fast_shard(None);
        compiler_fence(Ordering::AcqRel);
        let done = shard.record_beside_in_place(slot, ticks);
        compiler_fence(Ordering::AcqRel);
        set_fast_shard(Some(shard));
        if done {
            return;
        }
    }
    thread::with_slot(row, |recording, shard, slot| shard.record_beside_calls(recording, slot, ticks, 1));
}

/// The row of a kind beside that of a future. `None` if it has to be made, which the recorder, at work in this thread, cannot do now.
#[inline(always)]
fn row_of(future: &'static Site, row: &'static StaticCell<Site>, kind: Kind) -> Option<&'static Site> {
    row.get().or_else(|| make(future, row, kind))
}

#[cold]
#[inline(never)]
fn make(future: &'static Site, row: &'static StaticCell<Site>, kind: Kind) -> Option<&'static Site> {
    // What is allocated here is nobody's.
    thread::undisturbed(|| {
        let part = kind.part().unwrap_or_else(|| kind.word());
        let name: &'static str = format!("{} ({part})", future.report_name()).leak();
        let Description { module, file, line, .. } = future.description;
        let description =
            Description { kind, timing: Timing::Exact, name: Some(name), path: || "", module, file, line, budgets: "" };
        // Of two threads that make it at once, one leaves its own behind.
        row.replace(None, registration::keep(Site::new(description)));
    });
    row.get()
}
