//! Operations on all resources at once. One test after the other, because all resources are the process's.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceState, resources};
use perf_tests::environment;
use perf_tests::wait::until;

static ORDER: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn made(name: &'static str) -> u32 {
    ORDER.lock().unwrap().push(name);
    1
}

#[lazy_resource(depends(MIDDLE))]
static TOP: u32 = made("top");
#[lazy_resource(depends(BOTTOM))]
static MIDDLE: u32 = made("middle");
#[lazy_resource]
static BOTTOM: u32 = made("bottom");
#[lazy_resource]
static BROKEN: Result<u32, String> = Err(String::from("broken"));
#[lazy_resource]
static ASYNC: u32 = async { 7 };

#[lazy_resource(evict, weight = 100)]
static LIGHT: u32 = 1;
#[lazy_resource(evict, weight = 10_000)]
static HEAVY: u32 = 2;
#[lazy_resource(evict, weight = 1_000_000)]
static HELD: u32 = 3;

#[lazy_resource(warm)]
static WARM: u32 = made("warm");

mod one {
    #[super::lazy_resource]
    pub(super) static SAME: u32 = 1;
}
mod other {
    #[super::lazy_resource]
    pub(super) static SAME: u32 = 2;
}

#[test]
fn one_after_the_other() {
    environment::is_cleared();
    session_warms_what_is_marked();
    all_are_warmed_in_order();
    as_much_is_evicted_as_asked_for();
    names_are_found();
    a_failed_resource_rests();
    a_thread_of_any_name_may_tear_down();
}

fn session_warms_what_is_marked() {
    assert_eq!(WARM.state(), ResourceState::Declared);
    let _session = perf_runtime::session().report(perf_runtime::Report::custom(|_| String::new())).start();
    until("it is ready", || WARM.state() == ResourceState::Ready);
    assert_eq!(BOTTOM.state(), ResourceState::Declared, "the others are left alone");
    ORDER.lock().unwrap().clear();
}

fn all_are_warmed_in_order() {
    let told = Mutex::new(Vec::new());
    let errors: Vec<_> = resources()
        .warm_up()
        .only(|resource| !["SAME", "RESTING"].iter().any(|name| resource.name().ends_with(name)))
        .progress(|progress| told.lock().unwrap().push((progress.done, progress.of, progress.error.is_some())))
        .run()
        .unwrap_err()
        .into_iter()
        .collect();
    assert_eq!(*ORDER.lock().unwrap(), ["bottom", "middle", "top"]);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().ends_with("BROKEN: its initialiser failed"));
    assert_eq!(ASYNC.state(), ResourceState::Ready, "polled by a plain thread");
    let mut told = told.into_inner().unwrap();
    told.sort_unstable();
    let of = told.len();
    assert!(told.iter().enumerate().all(|(place, told)| (told.0, told.1) == (place + 1, of)), "{told:?}");
    assert_eq!(told.iter().filter(|told| told.2).count(), 1);
    assert_eq!(one::SAME.state(), ResourceState::Declared);
}

fn as_much_is_evicted_as_asked_for() {
    let lease = HELD.lease();
    LIGHT.warm().unwrap();
    assert_eq!(resources().evict_until(1), 10_000, "the heaviest of those that nobody holds is enough");
    assert_eq!((HEAVY.state(), LIGHT.state()), (ResourceState::Evicted, ResourceState::Ready));
    assert_eq!(resources().evict_until(u64::MAX), 100, "all but what is leased");
    assert_eq!(HELD.state(), ResourceState::Ready);
    drop(lease);
}

fn names_are_found() {
    assert_eq!(resources().find("one::SAME").unwrap(), one::SAME.handle());
    assert_eq!(resources().find("resource_all::other::SAME").unwrap(), other::SAME.handle());
    assert!(resources().find("SAME").is_none(), "there are two");
    assert!(resources().find("AME").is_none());
    assert_eq!(TOP.handle().dependencies().collect::<Vec<_>>(), [MIDDLE.handle()]);
}

fn a_failed_resource_rests() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(retry(times = 2, backoff = "40ms", max = "40ms"))]
    static RESTING: Result<u32, String> = Err(format!("run {}", RUNS.fetch_add(1, Ordering::Relaxed)));

    let error = RESTING.try_get().unwrap_err();
    assert!(error.to_string().ends_with("its initialiser failed (3 attempts)"), "{error}");
    // At once, without another run. On a machine that slept meanwhile the rest is over and it was tried again.
    let again = RESTING.try_get().unwrap_err();
    assert_eq!(
        std::error::Error::source(&again).unwrap().to_string(),
        format!("run {}", RUNS.load(Ordering::Relaxed) - 1)
    );
    let runs = RUNS.load(Ordering::Relaxed);
    thread::sleep(Duration::from_millis(50));
    assert!(RESTING.try_get().is_err());
    assert!(RUNS.load(Ordering::Relaxed) > runs, "nothing is for ever");
}

fn a_thread_of_any_name_may_tear_down() {
    static CLOSED: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(on_shutdown = |_| { CLOSED.fetch_add(1, Ordering::Relaxed); })]
    static CLOSES: u32 = 1;

    CLOSES.get();
    let thread = thread::Builder::new().name(String::from("perf-teardown"));
    thread.spawn(|| resources().shutdown()).unwrap().join().unwrap();
    assert_eq!(CLOSED.load(Ordering::Relaxed), 1);
}
