//! Sweeps beside hooks that hang, and how often they ask.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceError, ResourceState};
use perf_tests::wait::until;

/// For ever, as far as a test can tell.
fn hang() {
    loop {
        std::thread::park();
    }
}

#[test]
fn a_health_check_that_hangs_stops_no_timeout_and_no_eviction() {
    static HANGS: AtomicBool = AtomicBool::new(false);
    #[lazy_resource(evict(idle = "10ms"), health = |_| { HANGS.store(true, Ordering::Relaxed); hang(); true })]
    static HANGING: u32 = 1;
    #[lazy_resource(evict(idle = "10ms"))]
    static BESIDE: u32 = 2;
    #[lazy_resource(timeout = "10ms", retry(times = 2, backoff = "1ms"))]
    static SLOW: u32 = async { pending().await };

    drop(HANGING.lease());
    until("the check hangs", || HANGS.load(Ordering::Relaxed));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(SLOW.try_get()).unwrap_err();
    assert!(matches!(error, ResourceError::TimedOut { .. }), "{error}");
    drop(BESIDE.lease());
    until("it is evicted", || BESIDE.state() == ResourceState::Evicted);
}

#[test]
fn a_short_limit_hastens_no_check_of_another_resource() {
    static CHECKS: AtomicU32 = AtomicU32::new(0);
    static SWEPT: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(health = |_| { CHECKS.fetch_add(1, Ordering::Relaxed); true })]
    static KEPT: u32 = 1;
    #[lazy_resource(evict(max_age = "1ms"), on_evict = |_| { SWEPT.fetch_add(1, Ordering::Relaxed); })]
    static SHORT: u32 = 1;

    let began = std::time::Instant::now();
    KEPT.get();
    until("it was swept many times", || {
        drop(SHORT.lease());
        SWEPT.load(Ordering::Relaxed) >= 30
    });
    // However slow the machine is: at most one in each second that passed, and the first.
    let most = u32::try_from(began.elapsed().as_secs()).unwrap() + 2;
    assert!(CHECKS.load(Ordering::Relaxed) <= most, "{CHECKS:?} checks, {most} expected");
}
