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

#[test]
fn an_executor_that_panics_is_an_error_of_its_resource() {
    #[lazy_resource]
    static WITH_A_BAD_EXECUTOR: u32 = async { 7 };

    let errors =
        resources().warm_up().only(only("WITH_A_BAD_EXECUTOR")).executor(|_| panic!("no runtime")).run().unwrap_err();
    let text = "its initialiser panicked: the executor of the warm-up panicked: no runtime";
    let error = errors.iter().next().unwrap();
    assert!(error.to_string().ends_with(text), "{error}");
    assert_eq!(WITH_A_BAD_EXECUTOR.state(), ResourceState::Declared);
}

#[test]
fn an_executor_that_only_spawns_is_an_error_of_its_resource() {
    #[lazy_resource]
    static ONLY_SPAWNED: u32 = async { 7 };

    let later = Mutex::new(Vec::new());
    let errors =
        resources().warm_up().only(only("ONLY_SPAWNED")).executor(|f| later.lock().unwrap().push(f)).run().unwrap_err();
    let error = errors.iter().next().unwrap();
    assert!(matches!(error, perf_runtime::resource::ResourceError::Unfinished { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_task_may_warm_with_the_handle_of_its_own_runtime() {
    #[lazy_resource]
    static FROM_A_TASK: u32 = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    };

    let handle = tokio::runtime::Handle::current();
    resources().warm_up().only(only("FROM_A_TASK")).executor(|future| handle.block_on(future)).run().unwrap();
}
