//! Calls of sites that are timed adaptively: their begin and end.
//!
//! Most are only counted. The others are timed in place, if they are ordinary ones, and else by the slow path.

use std::hint::cold_path;
use std::thread::panicking;

use super::in_place;
use super::thread::{
    ActiveCall, Place, end_call, fast_shard, on_slow_path, outcome, own, place_of_call, trace_end_of_counted,
};
use crate::platform::clock;
use crate::platform::thread_word::{Offset, OffsetOrPointer};
use crate::process::site::{Site, Timing};
use crate::process::state::{self, Position};
use crate::recording::memory::Words;
use crate::recording::{CallBegin, CountedCall, Shard, Slot};

/// A call of a site that is timed adaptively: timed, only counted, or not recorded. Two words, which fit into registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdaptiveCall {
    /// Of a call that is timed its slot, of one that is only counted the offset of the threads' words, else null.
    how: OffsetOrPointer,
    /// The clock at the start of a call that is timed, or the place of one that is only counted.
    place: u64,
}

impl AdaptiveCall {
    const NOT_RECORDED: AdaptiveCall = AdaptiveCall { how: OffsetOrPointer::NULL, place: 0 };

    fn timed(call: ActiveCall) -> AdaptiveCall {
        let Slot(words) = call.slot;
        AdaptiveCall { how: OffsetOrPointer::of_pointer(Words::to_pointer(Some(words))), place: call.start }
    }

    #[inline(always)]
    fn counted(call: CountedCall, offset: Offset) -> AdaptiveCall {
        AdaptiveCall { how: OffsetOrPointer::of_offset(offset), place: call.place() }
    }

    /// As [`counted`](Self::counted), where the offset is not at hand.
    fn counted_far(call: CountedCall) -> AdaptiveCall {
        AdaptiveCall::counted(call, Offset::find())
    }

    /// Ends it.
    #[inline(always)]
    pub(crate) fn exit(self) {
        let AdaptiveCall { how, place } = self;
        let ended = match how.offset() {
            Some(offset) => shard_at(offset).is_some_and(|shard| shard.end_counted_alone(CountedCall::at(place))),
            None => how == OffsetOrPointer::NULL,
        };
        if !ended {
            cold_path();
            exit_adaptive(how, place);
        }
    }
}

/// The thread's shard while calls may take the fast path in it, as [`fast_shard`], for code that is inlined into other crates.
#[inline(always)]
fn shard_at(offset: Offset) -> Option<Shard> {
    Words::from_pointer(offset.get()).map(Shard)
}

/// Begins a call of a site that is timed adaptively. Most are only counted, without a call of a function of ours: on a machine
/// where two bare clock reads take 17.6 ns, such a call costs 1.3 ns so and 4 with two functions.
#[inline(always)]
pub(crate) fn enter(site: &'static Site) -> AdaptiveCall {
    match state::position() {
        Position::On(offset) => enter_at(offset, site),
        Position::Off => AdaptiveCall::NOT_RECORDED,
        Position::Other => {
            cold_path();
            enter_adaptive_far(site)
        }
    }
}

/// As [`enter`], whether the switch is on or not.
#[inline(always)]
pub(super) fn enter_at(offset: Offset, site: &'static Site) -> AdaptiveCall {
    match shard_at(offset).and_then(|shard| shard.begin_counted(site.near())) {
        Some(call) => AdaptiveCall::counted(call, offset),
        None => {
            cold_path();
            enter_adaptive_far(site)
        }
    }
}

/// Of a site whose slot is not near, or a call that is to be timed.
#[inline(never)]
fn enter_adaptive_far(site: &'static Site) -> AdaptiveCall {
    if let Some(shard) = fast_shard()
        && let Some(slot) = shard.slot(site.id())
    {
        if let Some(call) = shard.begin_counted_of(slot) {
            return AdaptiveCall::counted_far(call);
        }
        return enter_timed(shard, slot, site);
    }
    enter_adaptive_slow(site)
}

/// A call that is to be timed. Apart, so that those which are only counted have no registers to save.
#[inline(never)]
fn enter_timed(shard: Shard, slot: Slot, site: &'static Site) -> AdaptiveCall {
    if !panicking()
        && let Some(frame) = in_place::begin_for_others(shard, slot)
    {
        // The last thing done here, as in the exact path.
        let start = clock::counter();
        Shard::set_start(frame, start);
        return AdaptiveCall::timed(ActiveCall { slot, start });
    }
    enter_adaptive_slow(site)
}

/// As [`AdaptiveCall::exit`], of any that is recorded.
#[inline(never)]
extern "C" fn exit_adaptive(how: OffsetOrPointer, place: u64) {
    if how.offset().is_none() {
        return exit_timed(how, place);
    }
    let ended = fast_shard().is_some_and(|shard| shard.end_counted(CountedCall::at(place)));
    if !ended {
        exit_counted_slow(place);
    }
}

/// Ends a call that was timed.
#[inline(never)]
extern "C" fn exit_timed(how: OffsetOrPointer, start: u64) {
    let counter = clock::counter();
    let Some(slot) = Words::from_pointer(how.pointer()).map(Slot) else { return };
    let (call, outcome) = (ActiveCall { slot, start }, outcome(Timing::Adaptive));
    if !in_place::end_for_others(call, counter, outcome) {
        end_call(call, clock::now_or(counter), outcome);
    }
}

/// Ends a call that is only counted and not the innermost one: where guards were leaked above it, or stacks are switched.
#[inline(never)]
extern "C" fn exit_counted_slow(place: u64) {
    on_slow_path(|| {
        let (shard, call) = (own()?, CountedCall::at(place));
        trace_end_of_counted(shard, shard.counted_site(call));
        shard.end_counted_slow(call);
        Some(())
    });
}

/// The first call of a thread or of a site in it, one that interrupts the recorder, or one that is to be timed and is no ordinary one; and
/// every one where the clock is not the counter.
#[cold]
#[inline(never)]
fn enter_adaptive_slow(site: &'static Site) -> AdaptiveCall {
    let call = on_slow_path(|| {
        let Place { recording, shard, slot } = place_of_call(site)?;
        if let Some(call) = shard.begin_counted_of(slot) {
            shard.trace_begin(recording, site.id(), clock::now);
            return Some(AdaptiveCall::counted_far(call));
        }
        // Above the frame stack.
        if slot.only_count(shard) {
            return None;
        }
        let begin = CallBegin { counted: Some(slot.take_counted(shard)), unwinding: panicking() };
        let start = shard.begin_call(slot, begin, clock::now);
        shard.trace_begin(recording, site.id(), || start);
        Some(AdaptiveCall::timed(ActiveCall { slot, start }))
    });
    call.unwrap_or(AdaptiveCall::NOT_RECORDED)
}
