//! Calls that destructors make while their thread unwinds: a panic that began before them does not leave them.

use std::panic::{catch_unwind, set_hook};

use perf_runtime::profile;
use perf_tests::figures::{calls, function};

const PANICS: u64 = 50;

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        cleans();
    }
}

#[profile]
fn cleans() {
    returns();
}

#[profile(timing = adaptive)]
fn returns() {}

#[profile]
fn throws() {
    let _guard = Guard;
    panic!("as it is told");
}

#[test]
fn what_a_destructor_calls_and_returns_is_not_unwound() {
    perf_tests::environment::is_cleared();
    set_hook(Box::new(|_| {}));
    let session = perf_runtime::session().start();
    for _ in 0..PANICS {
        cleans();
        assert!(catch_unwind(throws).is_err());
    }
    let snapshot = session.snapshot().expect("a session is open");
    let counts = |name: &str| (calls(&snapshot, name), function(&snapshot, name).unwound);
    assert_eq!(counts("throws"), (PANICS, PANICS));
    assert_eq!(counts("cleans"), (2 * PANICS, 0));
    assert_eq!(counts("returns"), (2 * PANICS, 0));
}
