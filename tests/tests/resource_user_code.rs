//! The user's code around a value (weight, health, clean-up): it may use resources, its own one too, and nothing hangs.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceError, ResourceState};
use perf_tests::wait::until;

/// Runs `f` in a thread of its own, which the test does not wait for if it hangs.
#[track_caller]
fn ends<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(f()));
    result.recv_timeout(Duration::from_secs(60)).expect("it hangs")
}

#[test]
fn a_weight_that_leases_its_own_resource_is_a_cycle_and_no_deadlock() {
    #[lazy_resource(evict, weight = |_| { SELF_WEIGHED.lease().len() })]
    static SELF_WEIGHED: Vec<u8> = vec![1, 2];

    assert_eq!(ends(|| SELF_WEIGHED.lease().len()), 2);
    assert_eq!(SELF_WEIGHED.handle().weight(), 0);
}

#[test]
fn a_weight_that_leases_a_dependent_is_a_cycle_and_no_deadlock() {
    #[lazy_resource(evict, weight = |_| { DEPENDENT.lease().len() })]
    static BASE: Vec<u8> = vec![1];
    #[lazy_resource(evict)]
    static DEPENDENT: Vec<u8> = BASE.lease().to_vec();

    assert_eq!(ends(|| DEPENDENT.lease().len()), 1);
    assert_eq!(ends(|| BASE.lease().len()), 1);
}

#[test]
fn a_thread_cannot_warm_an_async_resource_and_harms_nobody_by_trying() {
    #[lazy_resource(name = "client", retry(times = 1, backoff = "1min"))]
    static CLIENT: u32 = async { 7 };

    let error = CLIENT.handle().warm().unwrap_err();
    assert!(matches!(error, ResourceError::Async { .. }));
    assert_eq!(error.to_string(), "client: its initialiser is async; await `warm_async()` instead of `warm()`");
    assert_eq!((CLIENT.state(), CLIENT.handle().failures()), (ResourceState::Declared, 0));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(CLIENT.try_get()).copied().unwrap(), 7);
    CLIENT.handle().warm().unwrap();
}

#[test]
fn a_health_check_is_no_access() {
    static CHECKS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(evict(idle = "50ms"), health = |_| { CHECKS.fetch_add(1, Ordering::Relaxed); true })]
    static CHECKED: u32 = 1;

    drop(CHECKED.lease());
    assert_eq!(CHECKED.is_healthy(), Some(true));
    until("it is evicted, though it is checked", || CHECKED.state() == ResourceState::Evicted);
    assert!(CHECKS.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_health_check_may_lease_its_own_resource() {
    #[lazy_resource(evict, health = |_| { *ASKS_ITSELF.lease() == 1 })]
    static ASKS_ITSELF: u32 = 1;

    drop(ASKS_ITSELF.lease());
    assert_eq!(ends(|| ASKS_ITSELF.is_healthy()), Some(true));
    assert_eq!(ASKS_ITSELF.handle().leases(), 0);
}

#[test]
fn the_clean_up_of_a_value_may_have_the_next_one_made() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    struct Renewing(u32);
    impl Drop for Renewing {
        fn drop(&mut self) {
            if self.0 == 2 {
                drop(RENEWED.lease());
            }
        }
    }
    #[lazy_resource(evict, on_evict = |value| if value.0 == 1 { drop(RENEWED.lease()) })]
    static RENEWED: Renewing = Renewing(MADE.fetch_add(1, Ordering::Relaxed) + 1);

    // The first value's hook makes the second one, and the second one's drop the third.
    drop(RENEWED.lease());
    ends(|| (RENEWED.evict(), RENEWED.evict()));
    assert_eq!((RENEWED.lease().0, MADE.load(Ordering::Relaxed)), (3, 3));
}

#[test]
fn on_init_gets_the_cycle_if_it_asks_for_the_value_that_it_is_told_of() {
    static CYCLES: AtomicU32 = AtomicU32::new(0);
    fn ask(_: &u32) {
        if let Err(ResourceError::Cycle { .. }) = ASKED_FOR.try_lease() {
            CYCLES.fetch_add(1, Ordering::Relaxed);
        }
    }
    #[lazy_resource(evict, on_init = ask)]
    static ASKED_FOR: Result<u32, String> = Ok(1);

    assert_eq!(ends(|| *ASKED_FOR.try_lease().unwrap()), 1);
    assert_eq!(CYCLES.load(Ordering::Relaxed), 1);
}

/// Something of an initialisation that does something when it is dropped.
struct AtDrop(fn());

impl Drop for AtDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn an_initialisation_that_panics_when_it_is_cancelled_is_made_anew() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static CANCELLED: u32 = async {
        if RUNS.fetch_add(1, Ordering::Relaxed) == 0 {
            let _panics = AtDrop(|| panic!("no way back"));
            std::future::pending::<()>().await;
        }
        7
    };

    let cancelled = thread::spawn(|| poll_once(CANCELLED.try_get()).is_pending());
    assert!(cancelled.join().is_err(), "the panic is that of the one who gave up");
    assert!(matches!(ends(|| poll_once(CANCELLED.try_get()).map(Result::unwrap)), Poll::Ready(7)));
}

#[test]
fn a_cancelled_initialisation_that_asks_for_its_own_resource_gets_the_cycle() {
    static SEEN: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static OWN: u32 = async {
        let _asks = AtDrop(|| {
            if let Poll::Ready(Err(ResourceError::Cycle { .. })) = poll_once(OWN.try_get()) {
                SEEN.fetch_add(1, Ordering::Relaxed);
            }
        });
        std::future::pending::<()>().await;
        7
    };

    assert!(ends(|| poll_once(OWN.try_get()).is_pending()));
    assert_eq!(SEEN.load(Ordering::Relaxed), 1);
}

#[test]
fn a_waker_that_panics_stops_no_other_task() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("nobody wakes me");
        }
    }
    #[lazy_resource(retry(times = 1, backoff = "20ms"))]
    static FIRST: Result<u32, String> = async { Err(String::from("not yet")) };
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(retry(times = 1, backoff = "40ms"))]
    static SECOND: Result<u32, String> =
        async { if RUNS.fetch_add(1, Ordering::Relaxed) == 0 { Err(String::from("not yet")) } else { Ok(1) } };

    let mut access = Box::pin(FIRST.try_get());
    let waker = Waker::from(Arc::new(Panics));
    assert!(access.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(ends(move || runtime().block_on(SECOND.try_get()).copied()).unwrap(), 1);
}

#[test]
fn a_panic_of_what_is_told_of_a_warm_up_is_the_callers() {
    use perf_runtime::resource::resources;
    #[lazy_resource(name = "warmed and told")]
    static TOLD: u32 = 1;

    let warm_up =
        || resources().warm_up().only(|resource| resource.name() == "warmed and told").progress(|_| panic!("told"));
    assert!(thread::spawn(move || warm_up().run()).join().is_err());
    assert_eq!(TOLD.state(), ResourceState::Ready);
}

#[test]
fn a_large_value_needs_no_large_stack() {
    const LEN: usize = 600 << 10;
    #[lazy_resource]
    static LARGE: [u8; LEN] = [7; LEN];
    #[lazy_resource(evict)]
    static LARGE_LEASED: Result<[u8; LEN], String> = Ok([8; LEN]);

    // Two or three values' worth: the initialiser's own and what a debug build copies on the way into the box.
    let thread = thread::Builder::new().stack_size(4 * LEN);
    let sum = thread.spawn(|| u32::from(LARGE.get()[LEN - 1]) + u32::from(LARGE_LEASED.try_lease().unwrap()[0]));
    assert_eq!(sum.unwrap().join().unwrap(), 15);
}
