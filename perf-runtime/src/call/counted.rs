//! Calls that wrappers count or tell of afterwards: those that did not wait, acquisitions of locks, queries that a hook tells of, bytes, rows.
//!
//! They come from wrappers alone, so the path of an annotated call does not know them.

#[cfg(any(feature = "sql", feature = "sync"))]
use super::thread::own;
#[cfg(feature = "sql")]
use super::thread::{ActiveCall, exit_exact};
use super::thread::{Place, fast_shard, on_slow_path, place_of_call};
#[cfg(any(feature = "depths", feature = "sql", feature = "transfers"))]
use super::thread::{set_fast_shard, with_slot};
#[cfg(any(feature = "depths", feature = "sql", feature = "sync"))]
use crate::platform::clock;
use crate::process::site::Site;
#[cfg(any(feature = "depths", feature = "sql", feature = "transfers"))]
use crate::process::state;
#[cfg(any(feature = "depths", feature = "sql", feature = "transfers"))]
use crate::recording::Slot;
#[cfg(any(feature = "depths", feature = "sql", feature = "transfers"))]
use crate::recording::memory::Words;
#[cfg(feature = "sql")]
use crate::recording::{CallBegin, CallOutcome};
#[cfg(any(feature = "depths", feature = "sql"))]
use perf_report::recording::layout::slot;
#[cfg(any(feature = "depths", feature = "sql", feature = "transfers"))]
use std::sync::atomic::{Ordering, compiler_fence};
#[cfg(feature = "sql")]
use std::{thread::panicking, time::Duration};

/// Counts calls of a site that took no time: those of a [`Timing::Waits`](perf_report::Timing::Waits) that did not wait.
#[inline(never)]
pub(crate) fn count(site: &'static Site, calls: u64) {
    if !fast_shard().is_some_and(|shard| shard.count_near(site.near(), calls)) {
        count_slow(site, calls);
    }
}

/// Of so many calls that are counted by [`count_sampled`], one is to be looked at.
#[cfg(feature = "depths")]
pub(crate) const SAMPLED: u64 = 64;

/// As [`count`]. Returns for how many calls one is to be looked at now: the first of a thread stands for itself, a later one for those since the
/// one before; 0 for most.
#[cfg(feature = "depths")]
#[inline(never)]
pub(crate) fn count_sampled(site: &'static Site, calls: u64) -> u64 {
    match fast_shard().and_then(|shard| shard.count_near_from(site.near(), calls)) {
        Some(before) => sampled(before, calls),
        None => count_sampled_slow(site, calls),
    }
}

#[cfg(feature = "depths")]
#[cold]
#[inline(never)]
fn count_sampled_slow(site: &'static Site, calls: u64) -> u64 {
    let sampled = on_slow_path(|| {
        let Place { shard, slot, .. } = place_of_call(site)?;
        let before = slot::planned(slot.counter(shard).get(0));
        slot.count(shard, calls);
        Some(sampled(before, calls))
    });
    sampled.unwrap_or(0)
}

/// For how many calls one is to be looked at, where so many have been counted before.
#[cfg(feature = "depths")]
#[inline(always)]
fn sampled(before: u64, calls: u64) -> u64 {
    // The first one is looked at, and the one that follows each whole period.
    let periods = |calls: u64| calls.wrapping_sub(1) / SAMPLED;
    let after = before.wrapping_add(calls);
    if periods(before) == periods(after) { 0 } else { seen(after).saturating_sub(seen(before)) }
}

/// For how many of so many calls those stand that were looked at.
#[cfg(feature = "depths")]
#[cold]
fn seen(calls: u64) -> u64 {
    calls.checked_sub(1).map_or(0, |calls| calls / SAMPLED * SAMPLED + 1)
}

#[cold]
#[inline(never)]
fn count_slow(site: &'static Site, calls: u64) {
    on_slow_path(|| {
        let Place { shard, slot, .. } = place_of_call(site)?;
        slot.count(shard, calls);
        Some(())
    });
}

/// Records a call that has just ended, and took so long. It begins no earlier than the latest call of the thread ended, nor than the one
/// around it began.
#[cfg(feature = "sql")]
pub(crate) fn record_ended(site: &'static Site, took: Duration) {
    on_slow_path(|| {
        let place = place_of_call(site)?;
        let end = clock::now();
        let ticks = clock::to_ticks(took, place.shard.bucket_scale());
        record_call(site, &place, end.saturating_sub(ticks), end);
        Some(())
    });
}

/// Records a query that was awaited, has just ended in the innermost call of this thread, and took so long.
///
/// Its polls are not known. They are time of that call, as those of any future are, and the rest is time that it waited.
#[cfg(feature = "sql-sqlx")]
pub(crate) fn record_ended_future(site: &'static Site, took: Duration) {
    with_slot(site, |recording, shard, slot| {
        let ticks = clock::to_ticks(took, shard.bucket_scale());
        shard.future_started(slot, 0);
        shard.span_closed(recording, slot, ticks, shard.innermost_site(), panicking());
    });
}

/// Ends a call that need not be the innermost one. If it was given up, as the call around it has ended, it is recorded with what nobody else
/// has of its time.
#[cfg(feature = "sql")]
pub(crate) fn end_in_any_order(site: &'static Site, call: ActiveCall) {
    if own().is_some_and(|shard| shard.has_frame(call.slot, call.start)) {
        return exit_exact(call);
    }
    on_slow_path(|| {
        let place = place_of_call(site)?;
        // Else it is of another recording, with which it was lost.
        if place.recording.site_of(call.slot).is_some() {
            place.slot.was_not_abandoned();
            record_call(site, &place, call.start, clock::now());
        }
        Some(())
    });
}

/// Records a call from the earliest time that no other call has.
#[cfg(feature = "sql")]
fn record_call(site: &'static Site, &Place { recording, shard, slot }: &Place, start: u64, end: u64) {
    let start = start.max(shard.last_tick()).max(shard.innermost_start()).min(end);
    let (begin, outcome) = (CallBegin { counted: None, unwinding: panicking() }, CallOutcome::Call { unwound: false });
    shard.begin_call(slot, begin, || start);
    shard.trace_begin(recording, site.id(), || start);
    shard.trace_end(recording, site.id(), outcome, || end);
    shard.end_call(recording, slot, start, end, outcome);
}

/// How an acquisition of a lock was recorded.
#[cfg(feature = "sync")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acquisition {
    /// For how many holds this one stands, which is to be timed; 0 if it is not.
    pub(crate) weight: u32,
    /// Where it is noted that the thread holds the lock; 0 if it is not.
    pub(crate) place: u64,
}

/// Counts an acquisition that did not wait, unless its hold is to be timed.
#[cfg(feature = "sync-tokio")]
#[inline(never)]
pub(crate) fn count_acquisition(site: &'static Site) -> bool {
    fast_shard().is_some_and(|shard| shard.count_acquisition_near(site.near()))
}

/// As [`count_acquisition`], and notes that the thread holds the lock with this address. Returns 0 if it was not counted, else the place of
/// the note and one more.
#[cfg(feature = "sync")]
#[inline(never)]
pub(crate) fn count_hold(site: &'static Site, lock: u64) -> u64 {
    match fast_shard() {
        Some(shard) if shard.count_acquisition_near(site.near()) => 1 + shard.begin_hold(lock),
        _ => 0,
    }
}

/// As [`count_acquisition`] or, if there is a lock that a thread holds, [`count_hold`]; and says whether the hold is to be timed.
#[cfg(feature = "sync")]
#[cold]
#[inline(never)]
pub(crate) fn count_acquisition_slow(site: &'static Site, lock: Option<u64>) -> Acquisition {
    let acquisition = on_slow_path(|| {
        let Place { recording, shard, slot } = place_of_call(site)?;
        let place = lock.map_or(0, |lock| {
            shard.prepare_locks(recording);
            shard.begin_hold(lock)
        });
        let weight = if slot.only_count(shard) { 0 } else { slot.plan_next_hold(shard, clock::now(), true) };
        Some(Acquisition { weight, place })
    });
    acquisition.unwrap_or_default()
}

/// For how many holds that of an acquisition stands that waited, until `now`, if it is to be timed; 0 if it is not.
#[cfg(feature = "sync")]
#[inline(never)]
pub(crate) fn plan_hold_after_wait(site: &'static Site, now: u64) -> u32 {
    if fast_shard().is_some_and(|shard| shard.skip_hold_near(site.near())) {
        return 0;
    }
    let weight = on_slow_path(|| {
        let Place { shard, slot, .. } = place_of_call(site)?;
        Some(if slot.skip_hold(shard) { 0 } else { slot.plan_next_hold(shard, now, false) })
    });
    weight.unwrap_or(0)
}

/// When the last call of the thread ended, by the clock.
#[cfg(feature = "sync")]
pub(crate) fn last_end() -> Option<u64> {
    own().map(crate::recording::Shard::last_tick).filter(|&tick| tick != 0)
}

/// Adds to words of a site's slot: of a file, stream or request, which is recorded in this thread just now.
#[cfg(feature = "transfers")]
#[inline(never)]
pub(crate) fn add_figures(site: &'static Site, figures: &[(usize, u64)]) {
    in_slot(site, |words| figures.iter().for_each(|&(word, more)| words.add(word, more)));
}

/// Notes the rows of a statement's result.
#[cfg(feature = "sql")]
#[inline(never)]
pub(crate) fn add_rows(site: &'static Site, rows: u64) {
    in_slot(site, |words| add_size(words, rows, 1));
}

/// Notes how many messages wait in a channel, as so many that passed have found it.
#[cfg(feature = "depths")]
#[inline(never)]
pub(crate) fn add_depth(site: &'static Site, depth: u64, room: Option<u64>, messages: u64) {
    let now = clock::now();
    in_slot(site, |words| {
        add_size(words, depth, messages);
        let room = room.map_or(0, |room| room.saturating_add(1));
        words.set(slot::CAPACITY, words.get(slot::CAPACITY).max(room));
        words.set(slot::LATEST, depth);
        words.set(slot::LATEST_AT, now);
    });
}

/// Adds a size that stands for so many.
#[cfg(any(feature = "depths", feature = "sql"))]
fn add_size(words: Words, size: u64, weight: u64) {
    words.add(slot::SIZES, weight);
    words.set(slot::SIZE_SUM, words.get(slot::SIZE_SUM).saturating_add(size.saturating_mul(weight)));
    words.set(slot::LARGEST, words.get(slot::LARGEST).max(size));
}

/// Changes words of a site's slot.
#[cfg(any(feature = "depths", feature = "sql", feature = "transfers"))]
#[inline(always)]
fn in_slot(site: &'static Site, change: impl Fn(Words)) {
    if let Some(Slot(words)) = fast_shard().and_then(|shard| shard.slot(site.id())) {
        // Keeps everybody out who interrupts this.
        let shard = fast_shard();
        set_fast_shard(None);
        compiler_fence(Ordering::AcqRel);
        change(words);
        compiler_fence(Ordering::AcqRel);
        set_fast_shard(shard);
    } else if state::is_on() {
        with_slot(site, |_, _, Slot(words)| change(words));
    }
}

#[cfg(all(test, not(loom), feature = "depths"))]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_looked_at_stand_for_all_before_them() {
        let one_by_one: Vec<u64> = (0..200).map(|before| sampled(before, 1)).collect();
        let looks: Vec<_> = one_by_one.iter().enumerate().filter(|look| *look.1 > 0).collect();
        assert_eq!(looks, [(0, &1), (64, &64), (128, &64), (192, &64)]);
        // Several at once, in whatever pieces.
        for step in 1..70 {
            let (mut before, mut stood_for) = (0, 0);
            while before < 1_000 {
                stood_for += sampled(before, step);
                before += step;
            }
            assert_eq!(stood_for, seen(before), "steps of {step}");
        }
    }
}
