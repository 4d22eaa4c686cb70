//! Tasks that tokio runs.

use perf_runtime::tasks::task;
use perf_tests::in_process::{recorded, row};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::yield_now;

#[test]
fn each_time_that_a_task_yields_it_is_woken_and_polled() {
    let snapshot = recorded(|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..10_u64)
                .map(|number| {
                    tokio::spawn(task("yields", async move {
                        for _ in 0..number {
                            yield_now().await;
                        }
                        number
                    }))
                })
                .collect();
            for (number, task) in (0..).zip(tasks) {
                assert_eq!(task.await.unwrap(), number);
            }
        });
    });
    let futures = row(&snapshot, "yields").futures.unwrap();
    assert_eq!((futures.started, futures.polls, futures.cancelled), (10, 55, 0));
    // Once when it is spawned, then once per yield.
    assert_eq!(row(&snapshot, "yields (woken)").calls, 55);
    // The first is ready at once.
    assert_eq!(row(&snapshot, "yields (poll)").calls, 54);
}

#[test]
fn a_task_is_woken_from_other_threads_of_its_runtime() {
    const ROUNDS: u64 = 100;
    let snapshot = recorded(|| {
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let (send, mut receive) = tokio::sync::mpsc::channel::<oneshot::Sender<u64>>(1);
            let answers = tokio::spawn(async move {
                let mut next = 0;
                while let Some(asks) = receive.recv().await {
                    asks.send(next).unwrap();
                    next += 1;
                }
                next
            });
            let asking = tokio::spawn(task("asks", async move {
                for round in 0..ROUNDS {
                    let (asks, answer) = oneshot::channel();
                    send.send(asks).await.unwrap();
                    assert_eq!(answer.await.unwrap(), round);
                }
            }));
            asking.await.unwrap();
            assert_eq!(answers.await.unwrap(), ROUNDS);
        });
    });
    let (task, wakes) = (row(&snapshot, "asks"), row(&snapshot, "asks (woken)"));
    let futures = task.futures.unwrap();
    assert_eq!((task.calls, futures.cancelled), (1, 0));
    // It is polled when it is spawned, and for each wake; a wake during a poll may have found nothing left to do in the next.
    assert!((1..=futures.polls).contains(&wakes.calls), "{futures:?} {}", wakes.calls);
}

#[test]
fn a_task_that_is_aborted_before_its_first_poll_was_never_awaited() {
    let snapshot = recorded(|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let spawned = tokio::spawn(task("aborted", async {}));
            spawned.abort();
            assert!(spawned.await.unwrap_err().is_cancelled());
        });
    });
    let futures = row(&snapshot, "aborted").futures.unwrap();
    assert_eq!((futures.started, futures.never_polled), (0, 1));
}
