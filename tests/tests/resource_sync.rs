//! Resources with blocking initialisers: one initialisation at a time, errors, panics, what an access gives.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{ResourceError, ResourceState, resources};
use perf_tests::wait::{thread_id, until, until_asleep};

/// Threads that access a resource at once: its initialiser waits until all the others wait for it.
struct Together {
    number: usize,
    threads: Mutex<Vec<i32>>,
}

impl Together {
    const fn new(number: usize) -> Together {
        Together { number, threads: Mutex::new(Vec::new()) }
    }

    fn threads(&self) -> Vec<i32> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has each thread access the resource, and returns what they got.
    fn access<R: Send>(&self, access: impl Fn() -> R + Sync) -> Vec<R> {
        thread::scope(|scope| {
            let one = || {
                self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread_id());
                access()
            };
            let threads: Vec<_> = (0..self.number).map(|_| scope.spawn(one)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    /// For the initialiser, in one of the threads.
    fn wait_for_the_others(&self) {
        until("all are about to access it", || self.threads().len() == self.number);
        let others: Vec<i32> = self.threads().into_iter().filter(|thread| *thread != thread_id()).collect();
        until_asleep(&others);
    }
}

#[test]
fn the_first_access_initialises_and_all_get_the_same() {
    static TOGETHER: Together = Together::new(8);
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static NUMBERS: Vec<u32> = {
        RUNS.fetch_add(1, Ordering::Relaxed);
        TOGETHER.wait_for_the_others();
        vec![1, 2, 3]
    };

    assert_eq!(NUMBERS.state(), ResourceState::Declared);
    let addresses: Vec<usize> = TOGETHER.access(|| std::ptr::from_ref(NUMBERS.get()).addr());
    assert!(addresses.iter().all(|address| *address == addresses[0]));
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    assert_eq!(NUMBERS.state(), ResourceState::Ready);
    assert_eq!(NUMBERS.len(), 3, "it dereferences");
    let kept: &'static Vec<u32> = NUMBERS.get();
    assert_eq!(kept[2], 3);
}

#[test]
fn an_error_is_for_everybody_who_waited_and_the_next_access_tries_again() {
    static TOGETHER: Together = Together::new(4);
    static RUNS: AtomicU32 = AtomicU32::new(0);
    fn parse() -> Result<u16, std::num::ParseIntError> {
        if RUNS.fetch_add(1, Ordering::Relaxed) > 0 {
            return "80".parse();
        }
        TOGETHER.wait_for_the_others();
        "http".parse()
    }
    #[lazy_resource]
    static PORT: Result<u16, std::num::ParseIntError> = {
        let port = parse()?;
        Ok(port.max(1))
    };

    for result in TOGETHER.access(|| PORT.try_get()) {
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
