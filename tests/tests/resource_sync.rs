//! Resources with blocking initialisers: one initialisation at a time, errors, panics, what an access gives.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceError, ResourceState, resources};

#[test]
fn the_first_access_initialises_and_all_get_the_same() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static NUMBERS: Vec<u32> = {
        RUNS.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
        vec![1, 2, 3]
    };

    assert_eq!(NUMBERS.state(), ResourceState::Declared);
    let barrier = Barrier::new(8);
    let addresses: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    std::ptr::from_ref(NUMBERS.get()).addr()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(addresses.iter().all(|address| *address == addresses[0]));
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    assert_eq!(NUMBERS.state(), ResourceState::Ready);
    assert_eq!(NUMBERS.len(), 3, "it dereferences");
    let kept: &'static Vec<u32> = NUMBERS.get();
    assert_eq!(kept[2], 3);
}

#[test]
fn an_error_is_for_everybody_who_waited_and_the_next_access_tries_again() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    fn parse() -> Result<u16, std::num::ParseIntError> {
        thread::sleep(Duration::from_millis(30));
        if RUNS.fetch_add(1, Ordering::Relaxed) == 0 { "http".parse() } else { "80".parse() }
    }
    #[lazy_resource]
    static PORT: Result<u16, std::num::ParseIntError> = {
        let port = parse()?;
        Ok(port.max(1))
    };

    let barrier = Barrier::new(4);
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    PORT.try_get()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for result in results {
        let error = result.unwrap_err();
        assert!(error.cause::<std::num::ParseIntError>().is_some(), "{error:?}");
        assert!(error.to_string().ends_with("::PORT: its initialiser failed"), "{error}");
    }
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    assert_eq!(PORT.state(), ResourceState::Failed);
    assert_eq!(*PORT.try_get().unwrap(), 80);
    assert_eq!(PORT.handle().failures(), 1);
}

#[test]
fn a_panic_is_an_error_with_its_text_and_poisons_nothing() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(name = "fragile")]
    static FRAGILE: u32 = {
        assert!(RUNS.fetch_add(1, Ordering::Relaxed) > 0, "broken at first");
        7
    };

    let error = FRAGILE.try_get().unwrap_err();
    assert!(matches!(&error, ResourceError::Panicked { message, .. } if &**message == "broken at first"));
    assert_eq!(error.to_string(), "fragile: its initialiser panicked: broken at first");
    assert_eq!(*FRAGILE.get(), 7);
}

#[test]
fn get_panics_with_all_that_is_known() {
    #[lazy_resource(name = "doomed")]
    static DOOMED: u32 = panic!("no luck");

    let panic = std::panic::catch_unwind(|| *DOOMED.get()).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "doomed: its initialiser panicked: no luck");
}

#[test]
fn on_a_function_it_becomes_the_accessor() {
    #[lazy_resource]
    fn words() -> Vec<&'static str> {
        vec!["a", "b"]
    }
    #[lazy_resource]
    fn port() -> Result<u16, std::num::ParseIntError> {
        "8080".parse()
    }
    #[lazy_resource(evict)]
    fn index() -> String {
        String::from("index")
    }

    let words_for_ever: &'static Vec<&'static str> = words();
    assert_eq!(words_for_ever.len(), 2);
    let result: Result<&'static u16, ResourceError> = port();
    assert_eq!(*result.unwrap(), 8080);
    assert_eq!(index().len(), 5);
    let found = resources().find("index").unwrap();
    assert_eq!(found.state(), ResourceState::Ready);
    found.evict();
    assert_eq!(found.state(), ResourceState::Evicted);
    assert_eq!(&*index(), "index");
}
