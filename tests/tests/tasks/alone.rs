//! For how long a future is alone: without any of the annotated futures that it polls.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use perf_report::{Function, Kind, Snapshot, Style, View};
use perf_runtime::profile;
use perf_tests::figures::function;
use perf_tests::in_process::recorded;

use super::{found, poll, ready_at};

const PART: Duration = Duration::from_millis(4);
const PART_NS: u64 = PART.as_nanos() as u64;

fn work() {
    let begun = Instant::now();
    while begun.elapsed() < PART {
        std::hint::spin_loop();
    }
}

/// Ready at the poll of that number, and asleep a part of its time before each one but the first.
#[profile]
async fn part(polls: usize) {
    let mut polled = 0;
    poll_fn(move |_| {
        if polled > 0 {
            thread::sleep(PART);
        }
        polled += 1;
        if polled == polls { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

type Parts = Vec<Pin<Box<dyn Future<Output = ()>>>>;

/// All of them at once, each until it is ready.
async fn all(mut parts: Parts) {
    poll_fn(move |context| {
        parts.retain_mut(|part| part.as_mut().poll(context).is_pending());
        if parts.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn to_its_end(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    while !poll(future.as_mut(), Waker::noop()) {}
}

fn rows<'a>(snapshot: &'a Snapshot, name: &str) -> (&'a Function, &'a Function) {
    (function(snapshot, name), function(snapshot, &format!("{name} (alone)")))
}

/// Two of which each sleeps for the other too; then a part of its own.
#[profile]
async fn loads_at_once() {
    all(vec![Box::pin(part(4)), Box::pin(part(2))]).await;
    work();
}

#[test]
fn time_that_several_share_is_left_out_once() {
    let snapshot = recorded(|| to_its_end(loads_at_once()));
    let ((whole, alone), parts) = (rows(&snapshot, "loads_at_once"), function(&snapshot, "part"));
    assert_eq!((alone.kind, alone.calls, alone.latency.count(), alone.line), (Kind::Alone, 1, 1, whole.line));
    assert!(alone.sum_ns >= PART_NS, "{alone:?}");
    // One was on its way for four parts at least. Measuring may have taken some of the last one.
    assert!(alone.sum_ns + 3 * PART_NS <= whole.sum_ns, "{alone:?} {whole:?} {parts:?}");
    // Were the times added up, less than nothing would be left.
    assert!(alone.sum_ns + parts.sum_ns > whole.sum_ns, "{alone:?} {whole:?} {parts:?}");
    assert_eq!((alone.self_ns, alone.callers.len(), alone.futures), (0, 0, None));

    let table = View::Table.render(&snapshot, &Style::plain());
    let titles = table.lines().find(|line| line.starts_with("future ")).expect("a table of futures");
    assert!(titles.contains("alone p50") && titles.contains("alone p99"), "{table}");
    assert!(!table.contains("(alone)"), "it stands in the future's line: {table}");
}

#[profile]
async fn loads_in_turn() {
    part(2).await;
    ready_at(2).await;
    work();
    part(3).await;
}

#[test]
fn time_between_those_that_run_in_turn_is_its_own() {
    let snapshot = recorded(|| to_its_end(loads_in_turn()));
    let (whole, alone) = rows(&snapshot, "loads_in_turn");
    // The others sleep for three parts.
    assert!(alone.sum_ns >= PART_NS && alone.sum_ns + 2 * PART_NS <= whole.sum_ns, "{alone:?} {whole:?}");
}

#[profile]
async fn waits_by_itself() {
    ready_at(3).await;
}

#[profile]
async fn ready_at_once() {
    part(1).await;
}

#[test]
fn who_had_no_company_or_was_ready_at_once_has_no_such_row() {
    let snapshot = recorded(|| {
        to_its_end(waits_by_itself());
        to_its_end(ready_at_once());
    });
    assert_eq!((function(&snapshot, "waits_by_itself").calls, function(&snapshot, "ready_at_once").calls), (1, 1));
    for name in ["waits_by_itself (alone)", "ready_at_once (alone)"] {
        assert!(found(&snapshot, name).is_none(), "{name}");
    }
}

/// Gives one up after a poll, and is alone from then on.
#[profile]
async fn gives_one_up() {
    {
        let mut given_up = pin!(part(9));
        poll_fn(|context| {
            assert!(given_up.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    work();
    ready_at(2).await;
}

#[test]
fn one_that_is_given_up_is_company_until_then() {
    let snapshot = recorded(|| to_its_end(gives_one_up()));
    assert!(rows(&snapshot, "gives_one_up").1.sum_ns >= PART_NS);
}

#[profile]
async fn is_given_up() {
    part(2).await;
    work();
    part(9).await;
}

#[profile]
async fn panics() {
    part(2).await;
    work();
    panic!("a poll that fails");
}

#[test]
fn a_future_that_is_given_up_or_panics_is_told_of_too() {
    let snapshot = recorded(|| {
        {
            let mut future = pin!(is_given_up());
            (0..3).for_each(|_| assert!(!poll(future.as_mut(), Waker::noop())));
        }
        let mut future = Box::pin(panics());
        assert!(!poll(future.as_mut(), Waker::noop()));
        catch_unwind(AssertUnwindSafe(|| poll(future.as_mut(), Waker::noop()))).unwrap_err();
        // A later one has nothing to do with those.
        to_its_end(loads_in_turn());
    });
    for name in ["is_given_up", "panics", "loads_in_turn"] {
        let (whole, alone) = rows(&snapshot, name);
        assert_eq!(alone.calls, 1, "{name}");
        assert!(alone.sum_ns >= PART_NS && alone.sum_ns <= whole.sum_ns, "{name}: {alone:?} {whole:?}");
    }
}

#[profile]
async fn outer() {
    loads_in_turn().await;
}

#[test]
fn company_is_that_of_the_nearest_host() {
    let snapshot = recorded(|| to_its_end(outer()));
    // All its time is that of the one future that it polls.
    let ((whole, alone), inner) = (rows(&snapshot, "outer"), rows(&snapshot, "loads_in_turn").1);
    assert!(alone.sum_ns + 3 * PART_NS <= whole.sum_ns && inner.sum_ns >= PART_NS, "{alone:?} {whole:?} {inner:?}");
}

#[profile]
async fn rests() {
    all(vec![Box::pin(part(2))]).await;
    ready_at(2).await;
}

#[test]
fn one_that_goes_on_in_another_recording_harms_nothing() {
    let mut left = Box::pin(rests());
    recorded(|| assert!(!poll(left.as_mut(), Waker::noop())));
    let snapshot = recorded(|| {
        while !poll(left.as_mut(), Waker::noop()) {}
        to_its_end(rests());
    });
    let (whole, alone) = rows(&snapshot, "rests");
    assert!(alone.calls <= 2 && alone.sum_ns <= whole.sum_ns, "{alone:?} {whole:?}");
}

#[profile]
async fn polls_a_task() {
    perf_runtime::tasks::task("a task of another executor", part(2)).await;
}

#[perf_runtime::lazy_resource]
static SHARED: u32 = async {
    part(2).await;
    7
};

#[profile]
async fn waits_for_a_resource() {
    assert_eq!(*SHARED.get().await, 7);
}

#[test]
fn tasks_and_shared_initialisations_are_in_nobodys_company_and_have_their_own() {
    let snapshot = recorded(|| {
        to_its_end(polls_a_task());
        to_its_end(waits_for_a_resource());
    });
    assert!(found(&snapshot, "a task of another executor (alone)").is_some());
    for name in ["polls_a_task", "waits_for_a_resource"] {
        assert_eq!(function(&snapshot, name).calls, 1, "{name}");
        assert!(found(&snapshot, &format!("{name} (alone)")).is_none(), "{name}");
    }
}

#[profile]
async fn waits_for_others() {
    let lock = perf_runtime::locks::tokio::Mutex::new(());
    let held = lock.try_lock().unwrap();
    let mut other = pin!(lock.lock());
    assert!(!poll(other.as_mut(), Waker::noop()));
    perf_runtime::sql::query_async("SELECT 1", async {
        ready_at(2).await;
        work();
    })
    .await;
    drop(held);
    drop(other.await);
}

#[test]
fn waits_are_no_company_and_have_none() {
    let snapshot = recorded(|| to_its_end(waits_for_others()));
    let query = snapshot.functions.iter().find(|row| row.kind == Kind::Query && row.calls > 0).expect("it ran");
    assert!(query.sum_ns >= PART_NS, "{query:?}");
    for name in ["waits_for_others (alone)", "SELECT ? (alone)"] {
        assert!(found(&snapshot, name).is_none(), "{name}");
    }
}
