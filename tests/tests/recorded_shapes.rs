//! The report's row of each shape and option: the row that is there, its name, its place, what was counted.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use perf_report::{Function, Kind, Timing};
use perf_runtime::{profile, profile_block, profile_future};

/// The rows of a function of this file, after `run`.
fn rows(name: &str, run: impl FnOnce()) -> Vec<Function> {
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
    run();
    let snapshot = perf_runtime::snapshot().expect("enabled");
    let path = format!("recorded_shapes::{name}");
    let rows = snapshot.functions.into_iter();
    rows.filter(|row| row.name == path || row.name == name || row.name.starts_with(&format!("{path}<"))).collect()
}

fn row(name: &str, run: impl FnOnce()) -> Function {
    let mut rows = rows(name, run);
    assert_eq!(rows.len(), 1, "{name}: {rows:#?}");
    rows.remove(0)
}

/// Polls a future to its end, or so often.
fn drive<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
    }
    None
}

async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

const LINE_OF_PLAIN: u32 = line!() + 3;

#[profile(budget(p99 = "2ms", calls = 7))]
fn plain() {}

#[test]
fn a_function_has_its_path_place_and_budgets() {
    let row = row("plain", || (0..5).for_each(|_| plain()));
    assert_eq!((row.calls, row.timed_calls, row.kind, row.timing), (5, 5, Kind::Function, Timing::Exact));
    assert_eq!((row.module.as_str(), row.file.as_str()), ("recorded_shapes", file!()));
    assert_eq!(row.line, LINE_OF_PLAIN, "the line of the name, not of the attribute");
    let budgets: Vec<_> = row.budgets.iter().map(|budget| (budget.figure.as_str(), budget.limit)).collect();
    assert_eq!(budgets, [("p99", 2_000_000), ("calls", 7)]);
}

#[profile(name = "another name")]
fn renamed() {}

#[test]
fn a_name_replaces_the_path() {
    assert_eq!(row("another name", renamed).calls, 1);
}

struct Shape;

#[profile]
impl Shape {
    fn method(&self) {
        self.skipped();
    }
    #[profile(skip)]
    fn skipped(&self) {}
}

#[test]
fn functions_of_a_block_have_the_type_in_their_path() {
    assert_eq!(row("Shape::method", || Shape.method()).calls, 1);
    assert!(rows("Shape::skipped", || ()).is_empty());
}

#[profile]
mod inside {
    pub(crate) mod deeper {
        pub(crate) fn free() {}
    }
}

#[test]
fn functions_of_a_module_in_a_module() {
    assert_eq!(row("inside::deeper::free", inside::deeper::free).calls, 1);
}

#[profile]
fn never_called() {}

#[test]
fn functions_that_never_ran_are_there() {
    let _ = never_called as fn();
    assert_eq!(row("never_called", || ()).calls, 0);
}

#[profile(timing = adaptive)]
fn adaptive() {}

#[test]
fn adaptive_timing_counts_every_call() {
    let row = row("adaptive", || (0..10_000).for_each(|_| adaptive()));
    assert_eq!((row.calls, row.timing), (10_000, Timing::Adaptive));
}

#[profile(by_type)]
fn by_type<T: Default, U: Default>() -> (T, U) {
    (T::default(), U::default())
}

#[test]
fn instances_have_rows_of_their_own() {
    let rows = rows("by_type", || {
        by_type::<u8, String>();
        by_type::<u8, String>();
        by_type::<u16, String>();
    });
    let mut instances: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.calls)).filter(|row| row.1 > 0).collect();
    instances.sort_unstable();
    let path = "recorded_shapes::by_type";
    let expected =
        [(format!("{path}<u16, alloc::string::String>"), 1), (format!("{path}<u8, alloc::string::String>"), 2)];
    assert_eq!(instances, expected.each_ref().map(|(name, calls)| (name.as_str(), *calls)));
}

#[profile(by_type)]
fn one_type<T>() {
    std::hint::black_box(size_of::<T>());
}

#[profile(by_type)]
fn two_types<T, U>() {
    std::hint::black_box(size_of::<(T, U)>());
}

#[test]
fn instances_are_named_by_whole_types_tuples_and_functions_too() {
    let rows = rows("one_type", || {
        one_type::<u8>();
        one_type::<(u8,)>();
        one_type::<(u8, (u16,))>();
        one_type::<()>();
        one_type::<fn((u8, u8))>();
        one_type::<fn(u8) -> ((), u8)>();
    });
    let mut instances: Vec<_> = rows.iter().filter(|row| row.calls > 0).map(|row| row.name.as_str()).collect();
    instances.sort_unstable();
    let types = ["()", "(u8, (u16,))", "(u8,)", "fn((u8, u8))", "fn(u8) -> ((), u8)", "u8"];
    assert_eq!(instances, types.map(|name| format!("recorded_shapes::one_type<{name}>")));
    let rows = self::rows("two_types", two_types::<(), (u8, ())>);
    assert!(rows.iter().any(|row| row.name == "recorded_shapes::two_types<(), (u8, ())>"), "{rows:?}");
}

#[profile]
#[tokio::main(flavor = "current_thread")]
async fn above_tokio_main() {
    tokio::task::yield_now().await;
}

#[tokio::main(flavor = "current_thread")]
#[profile]
async fn below_tokio_main() {
    tokio::task::yield_now().await;
}

#[test]
fn above_tokio_main_a_future_is_timed_and_below_it_a_function() {
    let above = row("above_tokio_main", above_tokio_main);
    assert_eq!((above.kind, above.calls, above.futures.map(|futures| futures.polls)), (Kind::Future, 1, Some(2)));
    let below = row("below_tokio_main", below_tokio_main);
    assert_eq!((below.kind, below.calls, below.futures), (Kind::Function, 1, None));
}

fn generic<T: Default>() -> T {
    #[profile]
    fn inner() {}
    inner();
    T::default()
}

#[test]
fn nested_functions_of_generic_ones_share_a_row() {
    let row = row("generic::inner", || {
        generic::<u8>();
        generic::<u16>();
    });
    assert_eq!(row.calls, 2);
}

#[profile]
async fn asynchronous(n: u32) -> u32 {
    pause().await;
    n
}

#[test]
fn futures_are_followed_from_the_first_poll_to_the_end() {
    let row = row("asynchronous", || {
        assert_eq!(drive(asynchronous(3), 9), Some(3));
        assert_eq!(drive(asynchronous(3), 1), None);
        drop(asynchronous(3));
    });
    let futures = row.futures.expect("a future");
    assert_eq!((row.kind, row.calls), (Kind::Future, 2));
    assert_eq!((futures.started, futures.cancelled, futures.polls), (2, 1, 3));
}

#[profile(future)]
fn returns_a_box(early: bool) -> Pin<Box<dyn Future<Output = ()>>> {
    if early {
        return Box::pin(std::future::ready(()));
    }
    Box::pin(pause())
}

#[profile(future)]
fn returns_opaque() -> impl Future<Output = ()> {
    pause()
}

/// As `#[async_trait]` makes it.
#[profile]
fn box_pin_async() -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move { pause().await })
}

#[test]
fn returned_futures_are_followed_too() {
    let row = row("returns_a_box", || {
        drive(returns_a_box(true), 9);
        drive(returns_a_box(false), 9);
    });
    assert_eq!((row.calls, row.futures.expect("a future").polls), (2, 3));
    for (name, run) in [
        ("returns_opaque", (|| assert!(drive(returns_opaque(), 9).is_some())) as fn()),
        ("box_pin_async", || {
            drive(box_pin_async(), 9);
        }),
    ] {
        let row = self::row(name, run);
        assert_eq!((row.calls, row.futures.expect("a future").polls), (1, 2), "{name}");
    }
}

#[test]
fn blocks_and_futures_with_a_label() {
    let block = row("a block", || {
        for n in 0..4 {
            profile_block!("a block", {
                if n == 1 {
                    continue;
                }
            });
        }
    });
    assert_eq!((block.calls, block.kind), (4, Kind::Block));
    let future = row("a future", || assert!(drive(profile_future!("a future", pause()), 9).is_some()));
    assert_eq!((future.calls, future.kind), (1, Kind::Future));
}
