//! From a wake to its poll, with executors made by hand.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use perf_report::{Kind, Style, View};
use perf_runtime::tasks::task;
use perf_tests::in_process::{recorded, row};

use super::{Woken, found, poll};

/// Where a future leaves its latest waker.
type Left = Arc<Mutex<Option<Waker>>>;

/// A future that is never ready, and leaves its waker, as futures do: unless the one that is there would do.
fn leaves(left: &Left) -> impl Future<Output = ()> + use<> {
    let left = Arc::clone(left);
    poll_fn(move |context| {
        let mut left = left.lock().unwrap();
        if !left.as_ref().is_some_and(|left| left.will_wake(context.waker())) {
            *left = Some(context.waker().clone());
        }
        Poll::Pending
    })
}

fn taken(left: &Left) -> Waker {
    left.lock().unwrap().take().expect("it was polled")
}

fn woken(snapshot: &perf_report::Snapshot, name: &str) -> u64 {
    found(snapshot, &format!("{name} (woken)")).map_or(0, |row| row.calls)
}

#[test]
fn the_first_of_several_wakes_begins_the_wait() {
    let pause = Duration::from_millis(20);
    let snapshot = recorded(|| {
        let (executor, waker) = Woken::new();
        let left = Left::default();
        let mut future = pin!(task("several", leaves(&left)));
        assert!(!poll(future.as_mut(), &waker));
        let waker_of_task = taken(&left);
        waker_of_task.wake_by_ref();
        std::thread::sleep(pause);
        // From another thread, as most wakes are.
        std::thread::spawn(move || waker_of_task.wake()).join().unwrap();
        assert_eq!(executor.times(), 2, "each is passed on");
        assert!(!poll(future.as_mut(), &waker));
        // Polled without a wake, as by a `join!` for the sake of another future.
        assert!(!poll(future.as_mut(), &waker));
    });
    let wakes = row(&snapshot, "several (woken)");
    assert_eq!(
        (wakes.kind, wakes.calls, wakes.self_ns, wakes.callers.len()),
        (Kind::Wake, 2, 0, 0),
        "the first is its making"
    );
    assert!(wakes.max_ns >= pause.as_nanos() as u64, "{wakes:?}");
    let task = row(&snapshot, "several");
    assert_eq!((task.kind, task.futures.unwrap().polls, task.futures.unwrap().started), (Kind::Future, 3, 1));
    assert_eq!(row(&snapshot, "several (poll)").calls, 3);
    let table = View::Table.render(&snapshot, &Style::plain());
    assert!(table.contains("woken p50") && table.contains("woken p99"), "{table}");
}

#[test]
fn a_wake_while_it_is_polled_is_for_the_next_poll() {
    let snapshot = recorded(|| {
        let (executor, waker) = Woken::new();
        let mut future = pin!(task(
            "restless",
            poll_fn(|context| {
                context.waker().wake_by_ref();
                Poll::<()>::Pending
            })
        ));
        for times in 1..=5 {
            assert!(!poll(future.as_mut(), &waker));
            assert_eq!(executor.times(), times);
        }
    });
    assert_eq!(woken(&snapshot, "restless"), 5);
}

#[test]
fn a_changed_waker_is_the_one_that_is_woken() {
    let snapshot = recorded(|| {
        let (first, second) = (Woken::new(), Woken::new());
        let left = Left::default();
        let mut future = pin!(task("moved", leaves(&left)));
        assert!(!poll(future.as_mut(), &first.1));
        let old = left.lock().unwrap().clone().unwrap();
        assert!(!poll(future.as_mut(), &first.1));
        assert!(
            left.lock().unwrap().as_ref().unwrap().will_wake(&old),
            "the same executor's waker is not wrapped anew"
        );
        // As if the task had moved to another executor: `select!`, `FuturesUnordered`.
        assert!(!poll(future.as_mut(), &second.1));
        taken(&left).wake();
        assert_eq!((first.0.times(), second.0.times()), (0, 1));
        // Whoever kept the old one wakes the one that it was.
        old.wake();
        assert_eq!((first.0.times(), second.0.times()), (1, 1));
        assert!(!poll(future.as_mut(), &second.1));
    });
    assert_eq!(woken(&snapshot, "moved"), 2);
}

#[test]
fn wakes_after_the_end_are_passed_on_and_nothing_else() {
    let snapshot = recorded(|| {
        let (executor, waker) = Woken::new();
        let left = Left::default();
        let mut ended = Box::pin(task("ended", {
            let left = Arc::clone(&left);
            async move {
                *left.lock().unwrap() = Some(poll_fn(|context| Poll::Ready(context.waker().clone())).await);
            }
        }));
        assert!(poll(ended.as_mut(), &waker));
        taken(&left).wake_by_ref();
        drop(ended);
        let mut dropped = Box::pin(task("ended", leaves(&left)));
        assert!(!poll(dropped.as_mut(), &waker));
        drop(dropped);
        taken(&left).wake();
        assert_eq!(executor.times(), 2);
    });
    let task = row(&snapshot, "ended");
    assert_eq!(
        (task.calls, task.futures.unwrap().cancelled, woken(&snapshot, "ended")),
        (2, 1, 2),
        "their making, twice"
    );
}

/// An executor as small as can be: a task lives for as long as somebody can wake it.
struct Running(Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>);

impl Wake for Running {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        if let Some(future) = &mut *self.0.lock().unwrap() {
            assert!(!poll(future.as_mut(), &waker));
        }
    }
}

#[test]
fn a_task_that_nobody_can_wake_any_more_is_let_go_of() {
    let snapshot = recorded(|| {
        let left = Left::default();
        let running = Arc::new(Running(Mutex::new(Some(Box::pin(task("forsaken", leaves(&left)))))));
        let lives = Arc::downgrade(&running);
        running.wake();
        assert_eq!(lives.strong_count(), 1, "by the waker that the future left");
        taken(&left).wake();
        assert_eq!(lives.strong_count(), 1, "it was polled again, and left another");
        drop(taken(&left));
        assert_eq!(lives.strong_count(), 0);
    });
    let task = row(&snapshot, "forsaken");
    assert_eq!((task.futures.unwrap().cancelled, woken(&snapshot, "forsaken")), (1, 2));
}

#[test]
fn a_wait_over_a_time_in_which_nothing_was_recorded_is_none() {
    let snapshot = recorded(|| {
        let (executor, waker) = Woken::new();
        let left = Left::default();
        let mut future = pin!(task("interrupted", leaves(&left)));
        assert!(!poll(future.as_mut(), &waker));
        taken(&left).wake();
        perf_runtime::disable();
        let made_off = task("made while off", leaves(&left));
        assert!(!poll(future.as_mut(), &waker));
        taken(&left).wake();
        assert_eq!(executor.times(), 2);
        perf_runtime::enable();
        assert!(!poll(future.as_mut(), &waker));
        assert!(!poll(pin!(made_off), &waker));
    });
    assert_eq!((woken(&snapshot, "interrupted"), woken(&snapshot, "made while off")), (1, 0));
    assert_eq!(row(&snapshot, "made while off").futures.unwrap().polls, 1);
}

#[test]
fn a_panicking_waker_panics_where_it_would() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("the executor's");
        }
    }
    recorded(|| {
        let left = Left::default();
        let mut future = pin!(task("unlucky", leaves(&left)));
        assert!(!poll(future.as_mut(), &Waker::from(Arc::new(Panics))));
        let waker = taken(&left);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waker.wake())).unwrap_err();
        assert!(!poll(future.as_mut(), Waker::noop()));
    });
}
