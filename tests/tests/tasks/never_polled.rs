//! Futures that are dropped without ever being polled.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Waker;

use perf_report::{Futures, Style, View};
use perf_runtime::{profile, profile_future};
use perf_tests::figures::function;
use perf_tests::in_process::{recorded, row};

fn poll<F: Future>(future: Pin<&mut F>) -> bool {
    super::poll(future, Waker::noop())
}

#[profile]
async fn refresh(pending: bool) -> u8 {
    if pending {
        std::future::pending::<()>().await;
    }
    7
}

#[profile(future)]
fn reload() -> impl Future<Output = u8> {
    std::future::ready(3)
}

fn futures(of: &perf_report::Function) -> Futures {
    of.futures.expect("it is a future")
}

#[test]
fn those_that_were_dropped_before_their_first_poll_are_counted() {
    let snapshot = recorded(|| {
        for _ in 0..12 {
            drop(refresh(false));
        }
        assert!(poll(pin!(refresh(false))));
        assert!(!poll(pin!(refresh(true))), "cancelled is not the same");
        drop(reload());
        drop(profile_future!("a labelled future", async {}));
        // It moves before it is dropped, and in another thread, which never recorded anything and ends.
        let moved = Box::pin(refresh(true));
        std::thread::spawn(move || drop(moved)).join().unwrap();
    });
    let refresh = function(&snapshot, "refresh");
    let figures = futures(refresh);
    assert_eq!((figures.never_polled, figures.started, figures.cancelled, refresh.calls), (13, 2, 1, 2));
    assert_eq!((futures(function(&snapshot, "reload")).never_polled, function(&snapshot, "reload").calls), (1, 0));
    assert_eq!(futures(row(&snapshot, "a labelled future")).never_polled, 1);

    let table = View::Table.render(&snapshot, &Style::plain()).replace("\n  ", " ");
    let path = "tasks::never_polled";
    assert!(table.contains(&format!("Dropped before their first poll: {path}::refresh 13 of 15. ")), "{table}");
    assert!(table.contains(&format!("Never awaited: {path}::reload 1, a labelled future 1. ")), "{table}");
    let rows = table.lines().skip_while(|line| !line.starts_with("future "));
    let reload = rows.filter(|line| line.contains("reload")).map(|row| row.split_whitespace().collect::<Vec<_>>());
    assert_eq!(reload.map(|row| row[1..5].join(" ")).next().as_deref(), Some("0 0 0 1"), "{table}");
    let json = View::Json.render(&snapshot, &Style::plain());
    assert!(json.contains("\"never_polled\":13") || json.contains("\"never_polled\": 13"), "{json}");
}

#[profile]
async fn unseen() {}

#[test]
fn those_that_were_made_or_polled_while_nothing_was_recorded_are_not() {
    let snapshot = recorded(|| {
        let mut made_on = Box::pin(unseen());
        let kept = unseen();
        perf_runtime::disable();
        drop(unseen());
        let made_off = unseen();
        assert!(poll(made_on.as_mut()), "it is polled, if nobody sees it");
        perf_runtime::enable();
        drop((made_on, made_off));
        drop(kept);
    });
    assert_eq!(futures(function(&snapshot, "unseen")).never_polled, 1, "the one that was kept");
}

/// Future and thread end together: the destructor of a thread-local value drops it.
#[test]
fn one_that_the_end_of_a_thread_drops_is_harmless() {
    #[profile]
    async fn forgotten() {}
    thread_local! {
        static KEPT: std::cell::RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = const { std::cell::RefCell::new(None) };
    }
    let snapshot = recorded(|| {
        std::thread::spawn(|| KEPT.with(|kept| *kept.borrow_mut() = Some(Box::pin(forgotten())))).join().unwrap();
    });
    let counted = futures(function(&snapshot, "forgotten")).never_polled + snapshot.losses.lost_calls;
    assert_eq!(counted, 1);
}
