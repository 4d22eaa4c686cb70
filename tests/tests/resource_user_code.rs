//! The user's code around a value (weight, health, clean-up): it may use resources, its own one too, and nothing hangs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceError, ResourceState};
use perf_tests::wait::until;

/// What `f` returns, in a thread of its own, which the test does not wait for if it hangs.
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
