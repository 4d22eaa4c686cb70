//! Figures of futures without what measuring took, where that is most of the time that the clock saw.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use perf_runtime::profile;
use perf_tests::in_process::{recorded, row};

const TIMES: u32 = 20_000;

#[profile(name = "tiny")]
fn tiny(number: u32) -> u32 {
    black_box(number)
}

#[profile(name = "ready at once")]
async fn ready_at_once() -> u32 {
    (0..TIMES).map(tiny).fold(0, u32::wrapping_add)
}

#[profile(name = "polled often")]
async fn polled_often() {
    let mut left = TIMES;
    std::future::poll_fn(|_| {
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[profile(name = "polls")]
fn polls(future: impl Future) {
    let mut future = pin!(future);
    while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

#[test]
fn a_future_that_is_ready_at_once_is_no_longer_than_its_total() {
    let snapshot = recorded(|| polls(ready_at_once()));
    let future = row(&snapshot, "ready at once");
    assert_eq!(future.calls, 1);
    // What measuring took is several times the rest, and would be all of the difference.
    assert!(future.max_ns.abs_diff(future.total_ns) < future.measuring_ns / 2, "{future:?}");
}

#[test]
fn the_polls_of_a_caller_take_no_longer_than_those_of_the_future() {
    let snapshot = recorded(|| polls(polled_often()));
    let future = row(&snapshot, "polled often");
    let [caller] = &future.callers[..] else { panic!("{:?}", future.callers) };
    let busy_ns = future.futures.expect("it is polled").busy_ns;
    assert!(future.measuring_ns > 0 && caller.calls == 1, "{future:?}");
    assert!(caller.total_ns.abs_diff(busy_ns) < future.measuring_ns / 2, "{future:?}");
}
