//! The first calls of a function are timed each, even where timing is adaptive: few calls say little about those that were not timed.

use perf_runtime::profile;
use perf_tests::figures::function;
use perf_tests::in_process::recorded;

/// As many as the page on `timing` says.
const FIRST: u64 = 32;

#[profile]
fn exact() {}

#[profile(timing = adaptive)]
fn rare() {}

#[profile(timing = adaptive)]
fn frequent() {}

#[test]
fn the_first_calls_are_timed_and_of_many_others_some() {
    let snapshot = recorded(|| {
        (0..FIRST).for_each(|_| rare());
        (0..50_000).for_each(|_| frequent());
    });
    let (rare, frequent) = (function(&snapshot, "rare"), function(&snapshot, "frequent"));
    assert_eq!((rare.calls, rare.timed_calls, rare.is_sampled()), (FIRST, FIRST, false));
    // However busy the machine is: a call that was interrupted has the next ones timed too, but not all.
    assert!(frequent.calls == 50_000 && frequent.timed_calls < 50_000 && frequent.is_sampled(), "{frequent:?}");
    assert!(frequent.timed_calls >= FIRST);
}

/// The counters of the first functions lie close together, however many functions a program has.
#[test]
fn functions_whose_calls_are_counted_are_the_first_of_a_recording() {
    let snapshot = recorded(exact);
    let place = |name: &str| snapshot.functions.iter().position(|function| function.name.ends_with(name)).unwrap();
    assert!(place("rare").max(place("frequent")) < place("exact"), "{:?}", snapshot.functions);
}
