//! A recursive async function: of its futures that wait for one another, the outermost alone makes the total.

use std::future::poll_fn;
use std::task::Poll;

use perf_runtime::profile;
use perf_tests::figures::{calls, function};

const DEPTH: u64 = 10;

#[profile]
async fn descend(depth: u64) -> u64 {
    if depth == 0 {
        yield_now().await;
        return 0;
    }
    1 + Box::pin(descend(depth - 1)).await
}

/// Is ready at the second poll.
async fn yield_now() {
    let mut is_ready = false;
    poll_fn(|context| {
        if is_ready {
            return Poll::Ready(());
        }
        is_ready = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn the_outermost_future_makes_the_total() {
    perf_tests::environment::is_cleared();
    let session = perf_runtime::session().start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(runtime.block_on(descend(DEPTH)), DEPTH);
    // One that is dropped half-way.
    runtime.block_on(async {
        let mut half = Box::pin(descend(DEPTH));
        let _ = poll_fn(|context| Poll::Ready(half.as_mut().poll(context).is_ready())).await;
    });
    let snapshot = session.snapshot().expect("a session is open");
    let descend = function(&snapshot, "descend");
    assert_eq!(calls(&snapshot, "descend"), 2 * (DEPTH + 1));
    assert_eq!(descend.futures.expect("it is async").cancelled, DEPTH + 1);
    assert!(descend.total_ns <= snapshot.process.recorded_ns, "{descend:?}");
    // All futures of the first one were begun in one poll and ended in another, in which it ended too.
    assert!(descend.total_ns < descend.sum_ns, "{} of {}", descend.total_ns, descend.sum_ns);
}
