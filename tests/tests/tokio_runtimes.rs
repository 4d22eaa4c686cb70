//! The workers and queues of a runtime of tokio, as the monitor samples them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::future::pending;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use perf_report::monitor::{Metric, Monitor as Sampled};
use perf_report::{Style, View};
use perf_runtime::monitor::{Alert, Monitor};
use perf_runtime::{Report, Session, session, tasks};
use tokio::runtime::Builder;

const LONGEST: Duration = Duration::from_secs(60);

/// Waits until the samples show something.
fn until(session: &Session, what: &str, is_so: impl Fn(&Sampled) -> bool) {
    let deadline = Instant::now() + LONGEST;
    while !session.snapshot().and_then(|snapshot| snapshot.monitor).is_some_and(|monitor| is_so(&monitor)) {
        assert!(Instant::now() < deadline, "{what} was not seen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn last(monitor: &Sampled, metric: Metric) -> Option<u64> {
    monitor.series.iter().find(|series| series.metric == metric)?.last()
}

fn highest(monitor: &Sampled, metric: Metric) -> u64 {
    let series = monitor.series.iter().find(|series| series.metric == metric);
    series.and_then(|series| series.highest()).unwrap_or(0)
}

#[test]
fn tasks_queues_and_workers_are_sampled_and_alerts_watch_them() {
    perf_tests::environment::is_cleared();
    let (raised, is_raised) = mpsc::channel();
    let alert: Alert = "tokio_queue > 9".parse().unwrap();
    let monitor = Monitor::every(Duration::from_millis(2)).alert(alert).alerts_to(raised);
    let session = session().signals(false).report(Report::custom(|_| String::new())).monitor(monitor).start();

    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let watched = [tasks::watch(runtime.handle()), tasks::watch(runtime.handle())];
    let waiting: Vec<_> = (0..5).map(|_| runtime.spawn(pending::<()>())).collect();
    until(&session, "five tasks of two workers", |monitor| {
        (last(monitor, Metric::TokioTasks), last(monitor, Metric::TokioWorkers)) == (Some(5), Some(2))
    });
    // A rate is of what happens between two samples, so workers are given something to do, and then nothing.
    until(&session, "a worker that slept", |monitor| {
        runtime.block_on(runtime.spawn(async {})).unwrap();
        highest(monitor, Metric::TokioParks) > 0
    });
    waiting.iter().for_each(|task| task.abort());
    until(&session, "the end of the tasks", |monitor| last(monitor, Metric::TokioTasks) == Some(0));

    // Both workers are held in a poll, so those that are spawned from outside wait in the queue.
    let (held, is_held) = mpsc::channel();
    let releases: Vec<_> = (0..2)
        .map(|_| {
            let (release, is_released) = mpsc::channel::<()>();
            let held = held.clone();
            runtime.spawn(async move {
                held.send(()).unwrap();
                is_released.recv().unwrap_err();
            });
            // One after the other: a worker would take both into its own queue.
            is_held.recv_timeout(LONGEST).unwrap();
            release
        })
        .collect();
    let queued: Vec<_> = (0..10).map(|_| runtime.spawn(async {})).collect();
    let event = is_raised.recv_timeout(LONGEST).unwrap();
    assert!(event.is_raised() && event.value() >= 10.0, "{event:?}");
    drop(releases);
    runtime.block_on(async {
        for task in queued {
            task.await.unwrap();
        }
    });
    until(&session, "an empty queue", |monitor| last(monitor, Metric::TokioQueue) == Some(0));
    // They were held for at least one sample of the queue.
    until(&session, "the time in those polls", |monitor| {
        let busiest = highest(monitor, Metric::TokioBusiest);
        busiest > 0 && highest(monitor, Metric::TokioBusy) >= busiest
    });

    let table = View::Table.render(&session.snapshot().unwrap(), &Style::plain());
    assert!(table.contains("tokio: tasks") && table.contains("tokio: queue"), "{table}");

    // A runtime that has ended can still be asked.
    drop(runtime);
    let samples = session.snapshot().unwrap().monitor.unwrap().samples;
    until(&session, "further samples", |monitor| {
        monitor.samples > samples + 1 && last(monitor, Metric::TokioTasks) == Some(0)
    });

    // It is sampled until nobody watches it any more.
    let other = Builder::new_current_thread().build().unwrap();
    let _watched = tasks::watch(other.handle());
    until(&session, "the workers of both", |monitor| last(monitor, Metric::TokioWorkers) == Some(3));
    drop(watched);
    until(&session, "the worker of the other one", |monitor| last(monitor, Metric::TokioWorkers) == Some(1));
}
