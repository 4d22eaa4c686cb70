//! `profile_block!` refuses `.await`, but can't see one that another macro adds. Blocks that wait all the same, in two
//! tasks of one thread, end in another order than they began. Their callers are then unknown, but every call is counted
//! once.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use perf_runtime::{profile, profile_block};

/// Waits, without a word of it among the tokens of the caller.
macro_rules! pause {
    () => {{
        let mut paused = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }};
}

async fn waits_once() {
    profile_block!("waits once", {
        pause!();
        work();
    });
}

async fn waits_twice() {
    profile_block!("waits twice", {
        pause!();
        pause!();
        work();
    });
}

#[profile]
fn work() {}

fn poll(future: Pin<&mut impl Future<Output = ()>>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn calls_of_blocks_that_wait_are_counted_once() {
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
    let (mut first, mut second) = (pin!(waits_once()), pin!(waits_twice()));
    assert!(!poll(first.as_mut()) && !poll(second.as_mut()), "both wait");
    assert!(poll(first.as_mut()) && !poll(second.as_mut()), "the first ends below the second");
    assert!(poll(second.as_mut()));
    let snapshot = perf_runtime::snapshot().expect("enabled");
    for (name, calls) in [("waits once", 1), ("waits twice", 1), ("block_waits::work", 2)] {
        let row = snapshot.functions.iter().find(|row| row.name == name);
        assert_eq!(row.map(|row| row.calls), Some(calls), "{name}");
    }
    assert!(snapshot.in_flight.is_empty(), "{:?}", snapshot.in_flight);
}
