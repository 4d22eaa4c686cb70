//! The counting allocator: what each function allocated, exactly, whatever its calls are like; and what the process holds.

use std::alloc::System;
use std::future::Future;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

use perf_report::Allocations;
use perf_runtime::allocations::CountingAllocator;
use perf_runtime::profile;
use perf_runtime::report::Snapshot;

#[global_allocator]
static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);

fn after(run: impl FnOnce()) -> Snapshot {
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
    run();
    perf_runtime::snapshot().expect("enabled")
}

fn of(snapshot: &Snapshot, name: &str) -> (u64, Allocations) {
    let function = snapshot.functions.iter().find(|function| function.name == name).expect("it is annotated");
    (function.calls, function.allocations.expect("the allocator is installed"))
}

fn figures(allocations: Allocations) -> [u64; 4] {
    [allocations.count, allocations.bytes, allocations.self_count, allocations.self_bytes]
}

#[profile(name = "leaf")]
fn leaf(bytes: usize) {
    drop(black_box(Vec::<u8>::with_capacity(bytes)));
}

#[profile(name = "trunk")]
fn trunk() -> Vec<u8> {
    leaf(300);
    leaf(400);
    black_box(Vec::with_capacity(1_000))
}

#[test]
fn callers_have_what_they_and_their_callees_allocated() {
    let snapshot = after(|| (0..10).for_each(|_| drop(trunk())));
    let (calls, trunk) = of(&snapshot, "trunk");
    assert_eq!((calls, figures(trunk)), (10, [30, 17_000, 10, 10_000]));
    let (calls, leaf) = of(&snapshot, "leaf");
    assert_eq!((calls, figures(leaf)), (20, [20, 7_000, 20, 7_000]));
}

#[profile(name = "nothing")]
fn nothing() {}

#[test]
fn a_function_that_allocates_nothing_says_so() {
    assert_eq!(of(&after(nothing), "nothing"), (1, Allocations::default()));
}

#[profile(name = "recursive")]
fn recursive(depth: u32) {
    let own = black_box(vec![1_u8; 10]);
    if depth > 0 {
        recursive(depth - 1);
    }
    drop(own);
}

#[test]
fn of_recursive_calls_the_outermost_counts() {
    let (calls, recursive) = of(&after(|| recursive(9)), "recursive");
    assert_eq!((calls, figures(recursive)), (10, [10, 100, 10, 100]));
}

#[profile(name = "deep")]
fn deep(depth: u32) {
    drop(black_box(vec![1_u8; 8]));
    if depth > 0 {
        deep(depth - 1);
    }
}

#[test]
fn above_the_frame_stack_allocations_are_those_of_the_call_at_its_limit() {
    let work = || thread::Builder::new().stack_size(64 << 20).spawn(|| deep(4_999)).unwrap().join().unwrap();
    let (calls, deep) = of(&after(work), "deep");
    assert_eq!((calls, figures(deep)), (5_000, [5_000, 40_000, 5_000, 40_000]));
}

#[profile(name = "unwinding")]
fn unwinding() {
    let _held = black_box(vec![1_u8; 50]);
    std::panic::resume_unwind(Box::new(7_u64));
}

#[test]
fn a_panic_ends_a_call_like_a_return() {
    let (calls, unwinding) = of(&after(|| assert!(catch_unwind(unwinding).is_err())), "unwinding");
    // The payload, and what the system makes of it, are allocated too.
    assert!(calls == 1 && unwinding.count >= 2 && unwinding.bytes >= 58, "{unwinding:?}");
}

#[profile(name = "reallocating")]
fn reallocating() {
    let mut text = String::with_capacity(10);
    text.reserve_exact(100);
    drop(black_box(text));
}

#[test]
fn a_reallocation_is_an_allocation_of_the_new_size() {
    assert_eq!(figures(of(&after(reallocating), "reallocating").1), [2, 110, 2, 110]);
}

#[profile(name = "adaptive", timing = adaptive)]
fn adaptive() {
    drop(black_box(vec![1_u8; 16]));
}

#[test]
fn adaptive_timing_leaves_no_allocation_out() {
    let snapshot = after(|| (0..100_000).for_each(|_| adaptive()));
    let (calls, allocations) = of(&snapshot, "adaptive");
    assert_eq!((calls, figures(allocations)), (100_000, [100_000, 1_600_000, 100_000, 1_600_000]));
}

#[profile(name = "adaptive caller", timing = adaptive)]
fn adaptive_caller(depth: u32) {
    now_and_then(depth);
    if depth > 0 {
        adaptive_caller(depth - 1);
    }
}

#[profile(name = "now and then")]
fn now_and_then(number: u32) {
    if number.is_multiple_of(3) {
        drop(black_box(vec![1_u8; 30]));
    }
}

#[test]
fn callers_that_are_only_counted_have_what_their_callees_allocated_once() {
    let snapshot = after(|| (0..10_000).for_each(|_| adaptive_caller(8)));
    let (calls, callee) = of(&snapshot, "now and then");
    assert_eq!((calls, figures(callee)), (90_000, [30_000, 900_000, 30_000, 900_000]));
    let (calls, caller) = of(&snapshot, "adaptive caller");
    assert_eq!((calls, figures(caller)), (90_000, [30_000, 900_000, 0, 0]));
}

#[profile(name = "ping")]
fn ping(depth: u32) {
    if depth > 0 {
        drop(black_box(vec![1_u8; 10]));
        pong(depth);
    }
}

#[profile(name = "pong")]
fn pong(depth: u32) {
    ping(depth - 1);
    if depth == 3 {
        drop(black_box(vec![1_u8; 1]));
    }
}

#[test]
fn two_functions_that_call_each_other_keep_their_allocations_apart() {
    let snapshot = after(|| (0..100).for_each(|_| ping(4)));
    let (calls, ping) = of(&snapshot, "ping");
    assert_eq!((calls, figures(ping)), (500, [500, 4_100, 400, 4_000]));
    let (calls, pong) = of(&snapshot, "pong");
    assert_eq!((calls, figures(pong)), (400, [400, 3_100, 100, 100]));
}

#[profile(name = "ready")]
async fn ready() {
    drop(black_box(vec![1_u8; 20]));
}

#[test]
fn a_future_that_is_ready_at_once_has_its_allocations() {
    let poll = |mut future: Pin<&mut dyn Future<Output = ()>>| {
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    };
    let snapshot = after(|| (0..100).for_each(|_| poll(pin!(ready()))));
    let (calls, ready) = of(&snapshot, "ready");
    assert_eq!((calls, figures(ready)), (100, [100, 2_000, 100, 2_000]));
}

#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[profile(name = "moving")]
async fn moving() {
    let first = black_box(vec![1_u8; 100]);
    Pause::default().await;
    drop(first);
    drop(black_box(vec![1_u8; 200]));
}

#[test]
fn a_future_may_be_polled_in_one_thread_and_dropped_in_another() {
    let poll = |future: Pin<&mut dyn Future<Output = ()>>| future.poll(&mut Context::from_waker(Waker::noop()));
    let snapshot = after(|| {
        let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(moving());
        assert!(poll(future.as_mut()).is_pending());
        thread::spawn(move || assert!(poll(future.as_mut()).is_ready())).join().unwrap();
        let mut dropped = pin!(moving());
        assert!(poll(dropped.as_mut()).is_pending());
    });
    let (calls, moving) = of(&snapshot, "moving");
    assert_eq!((calls, figures(moving)), (2, [3, 400, 3, 400]));
}

#[profile(name = "in threads")]
fn in_threads() -> Box<[u8; 64]> {
    black_box(Box::new([1; 64]))
}

#[test]
fn what_one_thread_allocates_and_another_frees_is_counted_once() {
    const THREADS: u64 = 2_000;
    let snapshot = after(|| {
        for _ in 0..THREADS / 4 {
            let threads: Vec<_> = (0..4).map(|_| thread::spawn(in_threads)).collect();
            threads.into_iter().for_each(|thread| drop(thread.join().unwrap()));
        }
    });
    assert_eq!(figures(of(&snapshot, "in threads").1), [THREADS, THREADS * 64, THREADS, THREADS * 64]);
}

#[test]
fn the_process_knows_what_it_holds_and_the_most_that_it_held() {
    const BIG: u64 = 64 << 20;
    // More than all other tests of this file hold together, and what each thread may hide of the peak.
    const SLACK: u64 = 4 << 20;
    let before = after(|| ()).heap.expect("installed");
    let big = black_box(vec![1_u8; BIG as usize]);
    let with = after(|| ()).heap.expect("installed");
    drop(big);
    let without = after(|| ()).heap.expect("installed");
    assert!(with.live_bytes.abs_diff(before.live_bytes + BIG) < SLACK, "{before:?} {with:?}");
    assert!(without.live_bytes.abs_diff(before.live_bytes) < SLACK, "{before:?} {without:?}");
    assert!(without.peak_bytes >= with.live_bytes && without.peak_bytes < with.live_bytes + SLACK, "{without:?}");
    assert!(without.allocations > with.allocations && without.frees > with.frees);
}

#[test]
fn the_table_has_the_columns() {
    let text = perf_report::View::Table.render(&after(|| drop(trunk())), &perf_report::Style::plain());
    let title = text.lines().find(|line| line.starts_with("function")).expect("a table");
    assert!(title.contains("allocs") && title.contains("bytes") && title.contains("self bytes"), "{title}");
}
