//! Warm-ups with an executor of the program's own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceHandle, ResourceState, resources};

/// Which of this file's resources a warm-up is about: each test has its own.
fn only(name: &'static str) -> impl Fn(&ResourceHandle) -> bool {
    move |resource| resource.name().ends_with(name)
}

#[test]
fn an_executor_is_given_the_futures_that_need_it() {
    #[lazy_resource]
    static NEEDS_TIMERS: u32 = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    };

    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let given = AtomicU32::new(0);
    let runtime = Mutex::new(runtime);
    resources()
        .warm_up()
        .only(only("NEEDS_TIMERS"))
        .executor(|future| {
            given.fetch_add(1, Ordering::Relaxed);
            runtime.lock().unwrap().block_on(future);
        })
        .run()
        .unwrap();
    assert_eq!((given.into_inner(), NEEDS_TIMERS.state()), (1, ResourceState::Ready));
}

#[test]
fn without_one_an_initialiser_that_needs_it_is_an_error() {
    #[lazy_resource]
    static LACKS_TIMERS: u32 = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    };

    let errors = resources().warm_up().only(only("LACKS_TIMERS")).run();
    let errors: Vec<_> = errors.unwrap_err().into_iter().collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().contains("LACKS_TIMERS: its initialiser panicked: "), "{}", errors[0]);
    assert_eq!(LACKS_TIMERS.state(), ResourceState::Failed);
}

#[test]
fn an_executor_is_not_asked_for_what_needs_none() {
    #[lazy_resource]
    static PLAIN: u32 = 7;

    resources().warm_up().only(only("PLAIN")).executor(|_| unreachable!("nothing is async")).run().unwrap();
    assert_eq!(PLAIN.state(), ResourceState::Ready);
}
