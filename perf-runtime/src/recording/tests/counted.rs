//! Calls that are counted and not timed, interrupted by signal handlers at the worst moments.

use perf_report::recording::layout::{shard as shard_layout, slot as slot_layout};
use perf_report::{Kind, Timing};

use super::{START_TICK, TICKS_PER_NS, add_site, recording, slot, snapshot};
use crate::recording::{CallBegin, CallOutcome, Recording, Shard, Slot};

const COUNTERS: usize = shard_layout::COUNTERS;

/// Calls of one site that is timed adaptively, in one thread.
struct Calls {
    recording: Recording,
    shard: Shard,
    site: usize,
    place: Slot,
    tick: u64,
    made: u64,
}

impl Calls {
    fn new() -> Calls {
        let recording = recording(1 << 17);
        let shard = recording.acquire_shard().unwrap();
        let site = add_site(&recording, Kind::Function, Timing::Adaptive).unwrap();
        let place = slot(&recording, shard, site).unwrap();
        Calls { recording, shard, site, place, tick: START_TICK, made: 0 }
    }

    /// Makes a call if it is only counted.
    fn count(&mut self) -> bool {
        let Some(call) = self.shard.begin_counted(self.site) else { return false };
        assert!(self.shard.end_counted(call));
        self.made += 1;
        true
    }

    fn time(&mut self) {
        let begin = CallBegin { counted: Some(self.place.take_counted(self.shard)), unwinding: false };
        let start = self.shard.begin_call(self.place, begin, || self.tick);
        self.tick += 10 * TICKS_PER_NS;
        let outcome = CallOutcome::AdaptiveCall { unwound: false };
        self.shard.end_call(&self.recording, self.place, start, self.tick, outcome);
        self.made += 1;
    }

    fn check(&self) {
        let snapshot = snapshot(&self.recording);
        assert_eq!(snapshot.functions[0].calls, self.made);
    }
}

#[test]
fn a_call_between_the_look_at_a_counter_and_what_follows_from_it_is_counted() {
    let mut calls = Calls::new();
    for _ in 0..if cfg!(miri) { 50 } else { 500 } {
        while calls.count() {}
        calls.check();
        // A call takes one off where there is none; a handler's call of the same function comes before it is put back, and is timed.
        assert!(calls.shard.0.falls_below_0::<COUNTERS, { slot_layout::ONE_TO_COME.wrapping_neg() }>(calls.site));
        assert!(!calls.count());
        calls.time();
        calls.shard.0.falls_below_0::<COUNTERS, { slot_layout::ONE_TO_COME }>(calls.site);
        calls.check();
        if !calls.count() {
            calls.time();
        }
        calls.check();
    }
}

#[test]
fn one_step_changes_the_whole_word_and_tells_its_sign() {
    const DOWN: u64 = slot_layout::ONE_TO_COME.wrapping_neg();
    let calls = Calls::new();
    let counters = calls.shard.0.at(COUNTERS);
    counters.set(calls.site, 5 + 2 * slot_layout::ONE_TO_COME);
    for (left, is_below) in [(1, false), (0, false), (-1, true), (-2, true)] {
        assert_eq!(calls.shard.0.falls_below_0::<COUNTERS, DOWN>(calls.site), is_below);
        let word = counters.get(calls.site).cast_signed();
        assert_eq!((word >> slot_layout::PLANNED_BITS, slot_layout::planned(word.cast_unsigned())), (left, 5));
    }
    assert!(counters.falls_below_0::<0, { slot_layout::ONE_TO_COME }>(calls.site), "-1 is below 0");
    assert!(!counters.falls_below_0::<0, { slot_layout::ONE_TO_COME }>(calls.site));
    assert_eq!(counters.get(calls.site), 5);
}

/// A site that is not near looks for its counter in the place of site 0, which never has calls to come: also not after as many looks as would
/// take a number round.
#[test]
fn where_no_calls_are_to_come_looking_for_them_changes_nothing() {
    let calls = Calls::new();
    for _ in 0..if cfg!(miri) { 20 } else { 5_000 } {
        assert_eq!(calls.shard.begin_counted(0), None);
    }
    assert_eq!(calls.shard.0.at(COUNTERS).get(0), 0);
    assert_eq!(snapshot(&calls.recording).functions[0].calls, 0);
}
