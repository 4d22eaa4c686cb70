//! Leases, reloads, evictions and teardowns of one resource at a time: whoever has a lease has a whole value, and each value is
//! dropped once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use perf_runtime::lazy_resource;
use perf_runtime::resource::resources;

const ROUNDS: u64 = 2_000;

static MADE: AtomicU64 = AtomicU64::new(0);
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// A value that is whole if both are the same, and on the heap, where a sanitizer sees who uses it late.
struct Value(Box<(u64, u64)>);

impl Value {
    fn make() -> Value {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Value(Box::new((number, number)))
    }

    fn is_whole(&self) -> bool {
        self.0.0 == self.0.1
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.1 = u64::MAX;
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

#[lazy_resource(evict(max_age = "1ms"), health = Value::is_whole, on_shutdown = |value| assert!(value.is_whole()))]
static CHANGING: Value = Value::make();

#[test]
fn leases_reloads_evictions_and_teardowns_at_the_same_time() {
    let begin = Barrier::new(5);
    let repeat = |times: u64, what: &(dyn Fn() + Sync)| {
        begin.wait();
        (0..times).for_each(|_| what());
    };
    thread::scope(|scope| {
        scope.spawn(|| repeat(ROUNDS, &|| assert!(CHANGING.lease().is_whole())));
        scope.spawn(|| {
            repeat(ROUNDS, &|| {
                let (one, other) = (CHANGING.lease(), CHANGING.lease().clone());
                assert!(one.is_whole() && other.is_whole());
            });
        });
        scope.spawn(|| repeat(ROUNDS, &|| assert!(CHANGING.reload().unwrap().is_whole())));
        scope.spawn(|| repeat(ROUNDS, &|| assert_ne!(CHANGING.evict(), Some(1))));
        scope.spawn(|| repeat(ROUNDS / 20, &|| resources().shutdown()));
    });
    CHANGING.evict();
    assert_eq!(CHANGING.handle().leases(), 0);
    assert_eq!(CHANGING.handle().initialisations(), MADE.load(Ordering::Relaxed));
    // A sweep may still be about the last one.
    perf_tests::wait::until("each value is dropped", || {
        DROPPED.load(Ordering::Relaxed) == MADE.load(Ordering::Relaxed)
    });
}
