//! Alerts about rows that are made while the program runs: of locks, statements, polls, and of the types of a generic function.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use perf_report::monitor::Impossible;
use perf_runtime::locks::std::Mutex;
use perf_runtime::monitor::{Alert, AlertEvent, Monitor};
use perf_runtime::{Named, Report, profile, session, sql};
use perf_tests::wait::{PATIENCE, until};

#[profile(by_type)]
fn generic<T: Default>() -> T {
    T::default()
}

#[profile]
async fn waits_once() {
    let mut polls = 0;
    std::future::poll_fn(|_| {
        polls += 1;
        if polls > 1 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Waits until the alert is raised.
#[track_caller]
fn expect(events: &Receiver<AlertEvent>, rule: &str) {
    while events.recv_timeout(PATIENCE).expect("it is raised").rule() != rule {}
}

#[test]
fn rows_made_at_run_time_are_watched_from_then_on_and_what_none_has_is_told() {
    const LOCK: &str = "calls(guards rows) > 0/s";
    const POLL: &str = "calls(waits_once (poll)) > 0/s";
    const QUERY: &str = "calls(SELECT count (*) FROM rows WHERE id = ?) > 0/s";
    const TYPE: &str = "calls(generic<u32>) > 0/s";
    const GENERIC: &str = "calls(generic) > 0/s";
    const NOWHERE: &str = "calls(guards rwos) > 0/s";
    perf_tests::environment::is_cleared();
    let (sender, events) = channel();
    let mut monitor = Monitor::every(Duration::from_millis(5)).alerts_to(sender);
    for rule in [LOCK, POLL, QUERY, TYPE, GENERIC, NOWHERE] {
        monitor = monitor.alert(rule.parse::<Alert>().unwrap_or_else(|error| panic!("{error}")));
    }
    let report = Report::custom(|_| String::new());
    let session = session().signals(false).monitor(monitor).report(report).start();
    let why = |rule: &str| {
        let monitor = session.snapshot().and_then(|snapshot| snapshot.monitor)?;
        monitor.alerts.into_iter().find(|alert| alert.rule == rule)?.impossible
    };
    until("a sample has been taken", || why(LOCK) == Some(Impossible::UnknownName));

    drop(Mutex::new(0).named("guards rows").lock());
    expect(&events, LOCK);
    assert_eq!(sql::query("SELECT count(*) FROM rows WHERE id = 7", || 1), 1);
    expect(&events, QUERY);
    let mut future = pin!(waits_once());
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending() && future.as_mut().poll(&mut context).is_ready());
    expect(&events, POLL);
    assert_eq!(generic::<u32>(), 0);
    expect(&events, TYPE);

    until("the generic name is refused", || why(GENERIC) == Some(Impossible::AmbiguousName));
    assert_eq!([LOCK, QUERY, POLL, TYPE].map(why), [None; 4]);
    assert_eq!(why(NOWHERE), Some(Impossible::UnknownName));
}
