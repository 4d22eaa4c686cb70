//! The layer of the feature `tracing-layer`: spans are rows, and annotated functions above and below them are their callers and callees.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, Once};
use std::time::Duration;

use perf_report::{Function, Kind, Snapshot};
use perf_runtime::profile;
use perf_tests::figures::{calls, function};
use tracing::{Span, info_span, instrument};
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// Records from the first test on, all spans of this process by one layer.
fn recorded() {
    static START: Once = Once::new();
    START.call_once(|| {
        perf_tests::environment::is_cleared();
        let subscriber = tracing_subscriber::registry().with(perf_runtime::tracing::layer());
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is set");
        perf_runtime::enable();
    });
}

fn snapshot() -> Snapshot {
    perf_runtime::snapshot().expect("it records")
}

/// Calls of a function by each of its callers, by the last part of their names.
fn callers(snapshot: &Snapshot, name: &str) -> Vec<(String, u64)> {
    let last = |function: &Function| function.name.rsplit("::").next().unwrap_or_default().to_owned();
    let name_of = |caller: Option<usize>| caller.map_or("none".into(), |caller| last(&snapshot.functions[caller]));
    let mut callers: Vec<_> =
        function(snapshot, name).callers.iter().map(|one| (name_of(one.caller), one.calls)).collect();
    callers.sort();
    callers
}

fn one(caller: &str, calls: u64) -> (String, u64) {
    (caller.to_owned(), calls)
}

#[profile]
fn above(number: u64) -> u64 {
    instrumented(number) + 1
}

#[instrument]
fn instrumented(number: u64) -> u64 {
    below(number) * 2
}

#[profile]
fn below(number: u64) -> u64 {
    nested(number)
}

#[instrument(name = "nested span", target = "app")]
fn nested(number: u64) -> u64 {
    number + 1
}

#[test]
fn functions_and_spans_call_one_another() {
    recorded();
    assert_eq!((0..100).map(above).sum::<u64>(), 10_200);
    let snapshot = snapshot();
    assert_eq!(callers(&snapshot, "instrumented"), [one("above", 100)]);
    assert_eq!(callers(&snapshot, "below"), [one("instrumented", 100)]);
    assert_eq!(callers(&snapshot, "nested span"), [one("below", 100)]);
    let row = function(&snapshot, "instrumented");
    assert_eq!((row.calls, row.latency.count(), row.name.as_str()), (100, 100, "tracing_spans::instrumented"));
    assert_eq!((row.kind, row.module.as_str()), (Kind::Span, "tracing_spans"));
    assert!(row.file.ends_with("tracing_spans.rs") && row.line > 0, "{row:?}");
    let nested = function(&snapshot, "nested span");
    assert_eq!((nested.name.as_str(), nested.calls), ("app::nested span", 100));
    let (above, below) = (function(&snapshot, "above"), function(&snapshot, "below"));
    assert!(above.total_ns >= row.futures.expect("it has enters").busy_ns && row.total_ns >= below.total_ns);
}

#[instrument]
async fn asynchronous(steps: u32) -> u32 {
    for _ in 0..steps {
        below_async();
        tokio::task::yield_now().await;
    }
    steps
}

#[profile]
fn below_async() {}

#[profile]
async fn above_async(steps: u32) -> u32 {
    asynchronous(steps).await
}

#[test]
fn async_functions_are_followed_over_threads() {
    const TASKS: u64 = 40;
    const STEPS: u32 = 5;
    recorded();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(above_async(STEPS))).collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), STEPS);
        }
    });
    let snapshot = snapshot();
    let row = function(&snapshot, "asynchronous");
    let enters = row.futures.expect("it has enters");
    // `tracing` enters the span once more, to drop the future in it.
    assert_eq!((calls(&snapshot, "asynchronous"), enters.started), (TASKS, TASKS));
    assert!(enters.polls >= TASKS * u64::from(STEPS + 1), "{enters:?}");
    assert_eq!(callers(&snapshot, "asynchronous"), [one("above_async", TASKS)]);
    assert_eq!(callers(&snapshot, "below_async"), [one("asynchronous", TASKS * u64::from(STEPS))]);
    assert!(enters.busy_ns <= row.sum_ns, "{row:?}");
}

#[test]
fn a_span_that_was_never_entered_is_no_call() {
    recorded();
    drop(info_span!("never entered"));
    assert!(snapshot().functions.iter().all(|function| !function.name.contains("never entered")));
}

#[test]
fn a_span_that_is_open_is_no_call_yet() {
    recorded();
    let span = info_span!("open");
    span.in_scope(|| ());
    let calls_and_started = || {
        let snapshot = snapshot();
        let row = function(&snapshot, "open");
        (row.calls, row.futures.expect("it has enters").started)
    };
    assert_eq!(calls_and_started(), (0, 1));
    drop(span);
    assert_eq!(calls_and_started(), (1, 1));
}

#[test]
fn a_span_may_be_cloned_and_closed_by_another_thread() {
    recorded();
    let span = info_span!("closed elsewhere");
    holder(&span);
    let clone = span.clone();
    drop(span);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        drop(clone);
    })
    .join()
    .unwrap();
    let snapshot = snapshot();
    let row = function(&snapshot, "closed elsewhere");
    assert_eq!((row.calls, row.futures.expect("it has enters").polls), (1, 1));
    assert_eq!(callers(&snapshot, "closed elsewhere"), [one("holder", 1)]);
    assert!(row.total_ns > row.futures.expect("it has enters").busy_ns, "{row:?}");
}

#[profile]
fn holder(span: &Span) {
    span.in_scope(|| ());
}

#[test]
fn a_span_may_be_entered_twice() {
    recorded();
    let span = info_span!("entered twice");
    span.in_scope(|| span.in_scope(within_both));
    span.in_scope(|| ());
    drop(span);
    let snapshot = snapshot();
    let row = function(&snapshot, "entered twice");
    let enters = row.futures.expect("it has enters");
    assert_eq!((row.calls, enters.polls, enters.started), (1, 3, 1));
    assert!(enters.busy_ns <= row.total_ns, "the inner enter is part of the outer one: {row:?}");
    assert_eq!(callers(&snapshot, "within_both"), [one("entered twice", 1)]);
}

#[profile]
fn within_both() {}

#[test]
fn a_span_may_be_entered_by_two_threads_at_once() {
    recorded();
    let span = info_span!("in two threads");
    let both = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| (span.clone(), Arc::clone(&both)))
        .map(|(span, both)| std::thread::spawn(move || span.in_scope(|| both.wait())))
        .collect();
    drop(span);
    for thread in threads {
        thread.join().unwrap();
    }
    let snapshot = snapshot();
    let enters = function(&snapshot, "in two threads").futures.expect("it has enters");
    assert_eq!((calls(&snapshot, "in two threads"), enters.polls, enters.started), (1, 2, 1));
}

#[test]
fn spans_may_be_left_in_another_order() {
    recorded();
    for _ in 0..10 {
        let (first, second) = (info_span!("left first").entered(), info_span!("left second").entered());
        drop(first);
        drop(second);
    }
    let snapshot = snapshot();
    for name in ["left first", "left second"] {
        let row = function(&snapshot, name);
        assert_eq!((row.calls, row.abandoned, row.futures.expect("it has enters").polls), (10, 0, 10), "{name}");
    }
}

#[instrument]
fn panics() {
    panic!("as it should");
}

#[test]
fn a_panic_that_leaves_a_span_is_counted() {
    recorded();
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    let snapshot = snapshot();
    let row = function(&snapshot, "panics");
    assert_eq!((row.calls, row.unwound), (1, 1));
}

#[instrument]
fn recursive(depth: u32) -> u32 {
    if depth == 0 { 0 } else { 1 + recursive(depth - 1) }
}

#[test]
fn of_recursive_spans_the_outermost_makes_the_total() {
    recorded();
    assert_eq!(recursive(10), 10);
    let snapshot = snapshot();
    let row = function(&snapshot, "recursive");
    assert_eq!((row.calls, row.callers.len()), (11, 2));
    assert!(row.total_ns < row.sum_ns, "{row:?}");
}

#[test]
fn of_two_layers_one_records() {
    recorded();
    let layer = perf_runtime::tracing::layer;
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer()).with(layer()), || {
        info_span!("in two layers").in_scope(|| ());
    });
    assert_eq!(calls(&snapshot(), "in two layers"), 1);
}

#[test]
fn subscribers_with_the_same_ids_are_told_apart() {
    recorded();
    let subscriber = || tracing::Dispatch::new(tracing_subscriber::registry().with(perf_runtime::tracing::layer()));
    let spans = || tracing::dispatcher::with_default(&subscriber(), || info_span!("of two subscribers"));
    let (one, other) = (spans(), spans());
    assert_eq!(one.id(), other.id(), "each is the first of its registry");
    let (one_entered, other_entered) = (one.entered(), other.entered());
    // Taken for the other one, it would end that one's call, and its own would stay.
    drop(one_entered);
    drop(other_entered);
    let snapshot = snapshot();
    assert_eq!((calls(&snapshot, "of two subscribers"), function(&snapshot, "of two subscribers").abandoned), (2, 0));
}

#[test]
fn a_filter_of_the_layer_chooses_spans() {
    recorded();
    let layer = perf_runtime::tracing::layer()
        .with_filter(tracing_subscriber::filter::filter_fn(|metadata| metadata.name() != "left out"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        info_span!("left out").in_scope(|| info_span!("chosen").in_scope(|| ()));
    });
    let snapshot = snapshot();
    assert_eq!(callers(&snapshot, "chosen"), [one("none", 1)]);
    assert!(snapshot.functions.iter().all(|function| !function.name.contains("left out")));
}
