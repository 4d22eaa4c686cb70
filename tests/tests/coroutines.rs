//! Coroutines that have stacks of their own and take turns in one thread: each call is counted once, as ended or as given up.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use corosensei::{Coroutine, CoroutineResult, Yielder};
use perf_report::Snapshot;
use perf_runtime::profile;

/// A coroutine that only takes turns.
type Turns = Coroutine<(), (), ()>;

#[profile]
fn outer(turns: &Yielder<(), ()>, calls: u64) {
    for call in 0..calls {
        inner(turns, call);
    }
}

#[profile]
fn inner(turns: &Yielder<(), ()>, call: u64) {
    if call.is_multiple_of(3) {
        turns.suspend(());
    }
    tiny(turns, call);
}

#[profile(timing = adaptive)]
fn tiny(turns: &Yielder<(), ()>, call: u64) {
    if call.is_multiple_of(5) {
        turns.suspend(());
    }
}

#[profile]
fn between() {}

const COROUTINES: u64 = 4;
const CALLS: u64 = 300;

fn coroutines() -> Vec<Option<Turns>> {
    let coroutine = |_| Some(Coroutine::new(|turns: &Yielder<(), ()>, ()| outer(turns, CALLS)));
    (0..COROUTINES).map(coroutine).collect()
}

/// Resumes coroutines in an order that has no pattern, at most so many times, until all have ended.
fn take_turns(coroutines: &mut [Option<Turns>], most: usize) {
    let mut random = 1_u64;
    for _ in 0..most {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let place = &mut coroutines[(random >> 33) as usize % COROUTINES as usize];
        let Some(coroutine) = place else { continue };
        between();
        if let CoroutineResult::Return(()) = coroutine.resume(()) {
            *place = None;
        }
    }
}

/// Calls of a function that ended, and that were given up.
fn counts(snapshot: &Snapshot, name: &str) -> (u64, u64) {
    let name = format!("coroutines::{name}");
    let function = snapshot.functions.iter().find(|function| function.name == name).expect("it is annotated");
    (function.calls, function.abandoned)
}

#[test]
fn every_call_is_counted_once() {
    perf_tests::environment::is_cleared();
    let session = perf_runtime::session().start();
    let mut turns = coroutines();
    take_turns(&mut turns, usize::MAX >> 40);
    assert!(turns.iter().all(Option::is_none), "all have ended");
    let snapshot = session.snapshot().expect("a session is open");
    assert_eq!(counts(&snapshot, "outer"), (COROUTINES, 0));
    assert_eq!(counts(&snapshot, "inner"), (COROUTINES * CALLS, 0));
    // Of calls that are only counted, it is not known which of them were given up.
    assert_eq!(counts(&snapshot, "tiny").0, COROUTINES * CALLS);
    assert_eq!(snapshot.in_flight, []);
    drop(session);

    // Half-way, and never resumed again: what is left of each stack will not end.
    let session = perf_runtime::session().start();
    let mut turns = coroutines();
    take_turns(&mut turns, 200);
    let unended = turns.iter().filter(|turns| turns.is_some()).count() as u64;
    // Forgotten, because to drop them would unwind their stacks.
    turns.into_iter().flatten().for_each(std::mem::forget);
    between();
    let snapshot = session.snapshot().expect("a session is open");
    let in_flight = |name: &str| {
        let name = format!("coroutines::{name}");
        snapshot.in_flight.iter().filter(|call| snapshot.functions[call.function].name == name).count() as u64
    };
    assert_eq!(unended, COROUTINES);
    let (ended, given_up) = counts(&snapshot, "outer");
    assert_eq!(ended + given_up + in_flight("outer"), COROUTINES);
}
