//! Calls of sites that are timed adaptively: their begin and end.
//!
//! Most are only counted. The others are timed by the slow path.

use std::thread::panicking;

use super::thread::{
    ActiveCall, Place, end_call, fast_shard, on_slow_path, outcome, own, place_of_call, trace_end_of_counted,
};
use crate::platform::clock;
use crate::process::site::{Site, Timing};
use crate::recording::{CallBegin, CountedCall, Slot};

/// A call of a site that is timed adaptively: timed, only counted, or not recorded. Two words, which fit into registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdaptiveCall {
    /// Of a call that is timed.
    slot: Option<Slot>,
    /// The clock at the start of a call that is timed, or the place of one that is only counted.
    place: u64,
}

impl AdaptiveCall {
    pub(crate) const NOT_RECORDED: AdaptiveCall = AdaptiveCall { slot: None, place: u64::MAX };

    fn timed(call: ActiveCall) -> AdaptiveCall {
        AdaptiveCall { slot: Some(call.slot), place: call.start }
    }

    #[inline(always)]
    fn counted(call: CountedCall) -> AdaptiveCall {
        AdaptiveCall { slot: None, place: call.place() }
    }

    #[inline(always)]
    pub(crate) fn is_recorded(self) -> bool {
        self.place != u64::MAX
    }

    /// Ends it.
    #[inline(always)]
    pub(crate) fn exit(self) {
        exit_adaptive(self.slot, self.place);
    }
}

/// Begins a call of a site that is timed adaptively. Most are only counted.
#[inline(never)]
pub(crate) fn enter_adaptive(site: &'static Site) -> AdaptiveCall {
    match fast_shard().and_then(|shard| shard.begin_counted(site.near())) {
        Some(call) => AdaptiveCall::counted(call),
        None => enter_adaptive_far(site),
    }
}

/// Of a site whose slot is not near, or a call that is to be timed.
#[inline(never)]
fn enter_adaptive_far(site: &'static Site) -> AdaptiveCall {
    if let Some(shard) = fast_shard()
        && let Some(slot) = shard.slot(site.id())
        && let Some(call) = shard.begin_counted_of(slot)
    {
        return AdaptiveCall::counted(call);
    }
    enter_adaptive_slow(site)
}

/// Ends a call of a site that is timed adaptively.
#[inline(never)]
extern "C" fn exit_adaptive(slot: Option<Slot>, place: u64) {
    let ended = slot.is_none() && fast_shard().is_some_and(|shard| shard.end_counted(CountedCall::at(place)));
    if !ended {
        exit_adaptive_slow(slot, place);
    }
}

/// Ends a call that was timed, or one that is not the innermost: where guards were leaked above it, or stacks are switched.
#[inline(never)]
extern "C" fn exit_adaptive_slow(slot: Option<Slot>, place: u64) {
    if let Some(slot) = slot {
        let end = clock::now();
        return end_call(ActiveCall { slot, start: place }, end, outcome(Timing::Adaptive));
    }
    on_slow_path(|| {
        let (shard, call) = (own()?, CountedCall::at(place));
        trace_end_of_counted(shard, shard.counted_site(call));
        shard.end_counted_slow(call);
        Some(())
    });
}

/// The first call of a thread or of a site in it, one that interrupts the recorder, or one that is to be timed; and every one
/// where the clock is not the counter.
#[cold]
#[inline(never)]
fn enter_adaptive_slow(site: &'static Site) -> AdaptiveCall {
    let call = on_slow_path(|| {
        let Place { recording, shard, slot } = place_of_call(site)?;
        if let Some(call) = shard.begin_counted_of(slot) {
            shard.trace_begin(recording, site.id(), clock::now);
            return Some(AdaptiveCall::counted(call));
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
