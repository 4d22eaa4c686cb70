//! Resources with async initialisers, on tokio: nobody's thread is blocked, whoever is cancelled hands over.

use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Context;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{Lease, ResourceError, ResourceState};
use tokio::sync::{Notify, Semaphore};

#[tokio::test]
async fn one_task_initialises_and_the_others_wait_on_one_thread() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static CLIENT: String = async {
        RUNS.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(20)).await;
        String::from("connected")
    };

    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(async { CLIENT.get().await })).collect();
    for task in tasks {
        let client: &'static String = task.await.unwrap();
        assert_eq!(client, "connected");
    }
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    assert_eq!(CLIENT.state(), ResourceState::Ready);
}

#[tokio::test]
async fn a_question_mark_works_in_the_block_and_all_who_waited_get_the_error() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static PORT: Result<u16, std::num::ParseIntError> = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let text = if RUNS.fetch_add(1, Ordering::Relaxed) == 0 { "http" } else { "80" };
        let port = text.parse::<u16>()?;
        Ok(port + 1)
    };

    let (one, other) = tokio::join!(PORT.try_get(), PORT.try_get());
    for result in [one, other] {
        assert!(result.unwrap_err().cause::<std::num::ParseIntError>().is_some());
    }
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    assert_eq!(*PORT.try_get().await.unwrap(), 81);
}

#[tokio::test]
async fn a_panic_in_any_poll_is_an_error() {
    #[lazy_resource(name = "breaks")]
    static BREAKS: u32 = async {
        tokio::task::yield_now().await;
        panic!("in the second poll")
    };

    let error = BREAKS.try_get().await.unwrap_err();
    assert_eq!(error.to_string(), "breaks: its initialiser panicked: in the second poll");
}

#[tokio::test]
async fn a_cancelled_task_leaves_the_run_to_those_who_wait() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static BEGUN: Notify = Notify::const_new();
    static GO_ON: Notify = Notify::const_new();
    #[lazy_resource]
    static HARD: u32 = async {
        RUNS.fetch_add(1, Ordering::Relaxed);
        BEGUN.notify_one();
        GO_ON.notified().await;
        7
    };

    let first = tokio::spawn(async { *HARD.get().await });
    BEGUN.notified().await;
    let second = tokio::spawn(async { *HARD.get().await });
    tokio::task::yield_now().await;
    assert_eq!(HARD.state(), ResourceState::Initialising);
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    GO_ON.notify_one();
    assert_eq!(second.await.unwrap(), 7);
    assert_eq!(RUNS.load(Ordering::Relaxed), 1, "nothing is done twice");
}

/// As in a `select!` that goes on in another branch.
#[tokio::test]
async fn one_that_is_polled_once_and_left_alone_holds_nobody_up() {
    static BEGUN: Notify = Notify::const_new();
    static GO_ON: Notify = Notify::const_new();
    #[lazy_resource]
    static CLIENT: Result<u32, String> = async {
        BEGUN.notify_one();
        GO_ON.notified().await;
        Ok(7)
    };

    let mut left_alone = Box::pin(CLIENT.try_get());
    assert!(left_alone.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
    BEGUN.notified().await;
    GO_ON.notify_one();
    let beside = tokio::time::timeout(Duration::from_secs(60), CLIENT.try_get()).await;
    assert_eq!(*beside.expect("it hangs").unwrap(), 7);
    assert_eq!(*left_alone.await.unwrap(), 7);
}

#[tokio::test]
async fn callers_in_a_hurry_make_no_more_attempts_than_allowed() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(retry(times = 5, backoff = "1h"))]
    static DOWN: Result<u32, String> = async {
        RUNS.fetch_add(1, Ordering::Relaxed);
        Err(String::from("down"))
    };

    for _ in 0..20 {
        assert!(tokio::time::timeout(Duration::from_millis(1), DOWN.try_get()).await.is_err());
    }
    assert_eq!(RUNS.load(Ordering::Relaxed), 1, "the pause after the first attempt is not over");
}

/// Each wait holds its waker as long as it lasts, and no longer.
#[tokio::test]
async fn waits_that_are_given_up_leave_nothing_behind() {
    struct Counted;
    impl std::task::Wake for Counted {
        fn wake(self: Arc<Self>) {}
    }
    #[lazy_resource]
    static NEVER: u32 = async { pending().await };

    let mut first = Box::pin(NEVER.get());
    assert!(first.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
    let counted = Arc::new(Counted);
    for _ in 0..100 {
        let waker = std::task::Waker::from(Arc::clone(&counted));
        let mut given_up = Box::pin(NEVER.get());
        assert!(given_up.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&counted), 1);
}

#[tokio::test]
async fn with_nobody_to_hand_over_to_it_is_as_before() {
    #[lazy_resource]
    static NEVER: u32 = async { pending().await };

    let cancelled = tokio::time::timeout(Duration::from_millis(5), NEVER.get()).await;
    assert!(cancelled.is_err());
    assert_eq!(NEVER.state(), ResourceState::Declared);
}

#[tokio::test]
async fn timeout_stops_the_initialiser() {
    static DROPPED: AtomicU32 = AtomicU32::new(0);
    struct Dropped;
    impl Drop for Dropped {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
    #[lazy_resource(name = "slow", timeout = "10ms", retry(times = 1))]
    static SLOW: u32 = async {
        let _dropped = Dropped;
        pending().await
    };

    let error = SLOW.try_get().await.unwrap_err();
    assert_eq!(error.to_string(), "slow: its initialiser took longer than 10ms (2 attempts)");
    assert_eq!(DROPPED.load(Ordering::Relaxed), 2);
}

/// The timer is the runtime's own: no executor is needed for it.
#[test]
fn timeout_needs_no_executor() {
    #[lazy_resource(timeout = "10ms")]
    static SLOW: u32 = async { pending().await };

    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(SLOW.try_get());
    let result = loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            std::task::Poll::Ready(result) => break result,
            std::task::Poll::Pending => std::thread::park(),
        }
    };
    assert!(matches!(result.unwrap_err(), ResourceError::TimedOut { .. }));
}

#[tokio::test]
async fn a_retry_pauses_without_blocking_the_thread() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(retry(times = 2, backoff = "5ms"))]
    static THIRD_TIME: Result<u32, String> = async {
        match RUNS.fetch_add(1, Ordering::Relaxed) {
            2 => Ok(3),
            run => Err(format!("not at run {run}")),
        }
    };

    let turns = AtomicU32::new(0);
    let others = async {
        while RUNS.load(Ordering::Relaxed) < 3 {
            turns.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    };
    let (value, ()) = tokio::join!(THIRD_TIME.try_get(), others);
    assert_eq!(*value.unwrap(), 3);
    // Each was polled first when the other one waited, so there are turns unless the pauses blocked the thread.
    assert!(turns.load(Ordering::Relaxed) > 0, "the thread was free meanwhile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cycle_across_tasks_is_an_error_in_one_of_them() {
    static MEETING: Semaphore = Semaphore::const_new(0);
    async fn meet() {
        MEETING.add_permits(1);
        MEETING.acquire_many(2).await.unwrap().forget();
        MEETING.add_permits(2);
    }
    #[lazy_resource(name = "chicken")]
    static CHICKEN: Result<u32, ResourceError> = async {
        meet().await;
        EGG.try_get().await.copied()
    };
    #[lazy_resource(name = "egg")]
    static EGG: Result<u32, ResourceError> = async {
        meet().await;
        CHICKEN.try_get().await.copied()
    };

    let chicken = tokio::spawn(async { CHICKEN.try_get().await.unwrap_err() });
    let egg = tokio::spawn(async { EGG.try_get().await.unwrap_err() });
    for mut error in [chicken.await.unwrap(), egg.await.unwrap()] {
        while let Some(cause) = error.cause::<ResourceError>() {
            error = cause.clone();
        }
        let text = error.to_string();
        assert!(text.ends_with("chicken → egg → chicken") || text.ends_with("egg → chicken → egg"), "{text}");
    }
}

#[tokio::test]
async fn a_cycle_within_a_task_is_an_error_also_where_it_waits_for_two() {
    #[lazy_resource(name = "leaf")]
    static LEAF: u32 = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        1
    };
    #[lazy_resource(name = "inner")]
    static INNER: Result<u32, ResourceError> = async {
        let (leaf, outer) = tokio::join!(LEAF.try_get(), OUTER.try_get());
        Ok(leaf? + outer?)
    };
    #[lazy_resource(name = "outer")]
    static OUTER: Result<u32, ResourceError> = async { INNER.try_get().await.copied() };

    let error = OUTER.try_get().await.unwrap_err();
    let inner = error.cause::<ResourceError>().unwrap();
    assert!(inner.cause::<ResourceError>().unwrap().to_string().ends_with("outer → inner → outer"));
    assert_eq!(*LEAF.get().await, 1);
}

/// One after the other is no cycle, and neither is a diamond.
#[tokio::test]
async fn what_only_looks_like_a_cycle_is_none() {
    #[lazy_resource]
    static BOTTOM: u32 = async {
        tokio::task::yield_now().await;
        1
    };
    #[lazy_resource]
    static LEFT: u32 = async { *BOTTOM.get().await + 1 };
    #[lazy_resource]
    static RIGHT: u32 = async { *BOTTOM.get().await + 2 };
    #[lazy_resource]
    static TOP: u32 = async {
        let (left, right) = tokio::join!(LEFT.get(), RIGHT.get());
        left + right
    };
    let (top, left) = tokio::join!(TOP.get(), LEFT.get());
    assert_eq!((*top, *left), (5, 2));
}

#[tokio::test]
async fn async_functions_become_accessors() {
    #[lazy_resource]
    async fn client() -> String {
        tokio::task::yield_now().await;
        String::from("client")
    }
    #[lazy_resource(evict)]
    async fn cache() -> Result<Vec<u8>, std::io::Error> {
        Ok(vec![1, 2])
    }
    let client: &'static String = client().await;
    assert_eq!(client, "client");
    let lease: Lease<Vec<u8>> = cache().await.unwrap();
    assert_eq!(lease.len(), 2);
}

#[tokio::test]
async fn futures_of_accessors_are_send() {
    fn send<T: Send>(future: T) -> T {
        future
    }
    #[lazy_resource]
    static KEPT: u32 = async { 1 };
    #[lazy_resource(evict)]
    static LEASED: u32 = async { 2 };
    assert_eq!(*send(KEPT.get()).await, 1);
    assert_eq!(*send(LEASED.lease()).await, 2);
    assert_eq!(*send(LEASED.reload()).await.unwrap(), 2);
    LEASED.evict();
    assert_eq!(LEASED.state(), ResourceState::Evicted);
    send(LEASED.warm()).await.unwrap();
    assert_eq!(LEASED.state(), ResourceState::Ready);
}
