//! Leases, reloads, evictions and teardowns of one resource at a time: whoever has a lease has a whole value, and each value is
//! dropped once.

use std::pin::pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::thread;

use perf_runtime::lazy_resource;
use perf_runtime::resource::resources;

const ROUNDS: u64 = 2_000;

/// How many values of a resource were made and dropped.
struct Lives {
    made: AtomicU64,
    dropped: AtomicU64,
}

impl Lives {
    const fn new() -> Lives {
        Lives { made: AtomicU64::new(0), dropped: AtomicU64::new(0) }
    }

    fn make(&'static self) -> Value {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Value { numbers: Box::new((number, number)), lives: self }
    }

    fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Waits for the last ones: a sweep may still be about them.
    fn until_all_are_dropped(&self) {
        perf_tests::wait::until("each value is dropped", || self.dropped.load(Ordering::Relaxed) == self.made());
    }
}

/// A value that is whole if both numbers are the same, and on the heap, where a sanitizer sees who uses it late.
struct Value {
    numbers: Box<(u64, u64)>,
    lives: &'static Lives,
}

impl Value {
    fn is_whole(&self) -> bool {
        self.numbers.0 == self.numbers.1
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.numbers.1 = u64::MAX;
        self.lives.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

static OF_CHANGING: Lives = Lives::new();
#[lazy_resource(evict(max_age = "1ms"), health = Value::is_whole, on_shutdown = |value| assert!(value.is_whole()))]
static CHANGING: Value = OF_CHANGING.make();

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
    assert_eq!(CHANGING.handle().initialisations(), OF_CHANGING.made());
    OF_CHANGING.until_all_are_dropped();
}

static OF_AWAITED: Lives = Lives::new();
#[lazy_resource(evict(max_age = "1ms"), health = Value::is_whole, on_shutdown = |value| assert!(value.is_whole()))]
static AWAITED: Value = async {
    tokio::task::yield_now().await;
    OF_AWAITED.make()
};

/// Polls once, and gives up.
fn give_up<T>(future: impl Future<Output = T>) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn tasks_that_wait_give_up_reload_evict_and_tear_down_at_the_same_time() {
    let begin = Barrier::new(6);
    let repeat = |times: u64, what: &(dyn Fn(&tokio::runtime::Runtime) + Sync)| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        begin.wait();
        (0..times).for_each(|_| what(&runtime));
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| repeat(ROUNDS, &|runtime| assert!(runtime.block_on(AWAITED.lease()).is_whole())));
        }
        scope.spawn(|| {
            repeat(ROUNDS, &|_| {
                give_up(AWAITED.lease());
                give_up(AWAITED.reload());
            });
        });
        scope.spawn(|| repeat(ROUNDS, &|runtime| assert!(runtime.block_on(AWAITED.reload()).unwrap().is_whole())));
        scope.spawn(|| repeat(ROUNDS, &|_| assert_ne!(AWAITED.evict(), Some(1))));
        scope.spawn(|| repeat(ROUNDS / 20, &|_| resources().shutdown()));
    });
    AWAITED.evict();
    assert_eq!(AWAITED.handle().leases(), 0);
    OF_AWAITED.until_all_are_dropped();
}
