//! Costs of futures that report, beside those of bare ones: `cargo bench -p perf-runtime --features tasks --bench tasks`; without the
//! rows of single polls, the feature is `waits`.
//!
//! Each figure is the best of several rounds, in ns per poll, or per future. Rounds of all alternate, so that a disturbance of the machine
//! hits each.

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use perf_runtime::profile_future;
#[cfg(feature = "tasks")]
use perf_runtime::tasks::task;

const TIMES: u32 = 200_000;
const ROUNDS: usize = 31;

/// A waker that does nothing, but counts its owners as that of an executor.
struct Idle;

impl Wake for Idle {
    fn wake(self: Arc<Self>) {}
}

/// Never ready; wakes its task at each poll if it is to.
fn yields(wakes: bool) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        if wakes {
            context.waker().wake_by_ref();
        }
        black_box(Poll::Pending)
    })
}

/// ns per poll of one future.
fn per_poll(future: impl Future) -> f64 {
    let waker = Waker::from(Arc::new(Idle));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let mut poll = || black_box(Pin::as_mut(&mut future).poll(&mut context).is_ready());
    // The first poll finds the row.
    poll();
    each(|| {
        poll();
    })
}

/// ns per future that is made and polled once, if it is to be.
fn per_future<F: Future>(is_polled: bool, make: impl Fn() -> F) -> f64 {
    let mut context = Context::from_waker(Waker::noop());
    each(|| {
        let mut future = pin!(make());
        if is_polled {
            let _ = black_box(future.as_mut().poll(&mut context).is_ready());
        }
    })
}

fn each(mut work: impl FnMut()) -> f64 {
    let began = Instant::now();
    (0..TIMES).for_each(|_| work());
    began.elapsed().as_nanos() as f64 / f64::from(TIMES)
}

/// The best of all rounds of each.
fn row<const N: usize>(name: &str, contenders: [&dyn Fn() -> f64; N]) {
    let mut best = [f64::MAX; N];
    for _ in 0..ROUNDS {
        for (best, contender) in best.iter_mut().zip(contenders) {
            *best = best.min(contender());
        }
    }
    let figures: String = best.iter().map(|ns| format!(" {ns:9.2}")).collect();
    println!("{name:36}{figures}");
}

#[cfg(not(feature = "tasks"))]
fn task<F: Future>(_name: &'static str, future: F) -> F {
    future
}

fn rows(mode: &str) {
    for wakes in [false, true] {
        let name = if wakes { "a poll that wakes its task" } else { "a poll" };
        row(
            &format!("{name}, {mode}"),
            [&|| per_poll(yields(wakes)), &|| per_poll(profile_future!("profiled", yields(wakes))), &|| {
                per_poll(task("spawned", yields(wakes)))
            }],
        );
    }
    for is_polled in [true, false] {
        let name = if is_polled { "ready at its first poll" } else { "made and dropped" };
        row(
            &format!("{name}, {mode}"),
            [
                &|| per_future(is_polled, || async { black_box(1) }),
                &|| per_future(is_polled, || profile_future!("ready", async { black_box(1) })),
                &|| per_future(is_polled, || task("ready task", async { black_box(1) })),
            ],
        );
    }
}

fn main() {
    println!("{:36} {:>9} {:>9} {:>9}", "ns each", "bare", "profiled", "task");
    perf_runtime::disable();
    rows("off");
    perf_runtime::enable();
    rows("recording");
}
