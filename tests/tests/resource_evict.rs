//! Resources that can be given up: leases, eviction by hand, by rule, by weight, reloads, replacements, scopes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use perf_runtime::lazy_resource;
use perf_runtime::resource::{Lease, ResourceScope, ResourceState, resources};
use perf_tests::wait::until;

/// Counts those of its kind that are alive.
struct Counted(&'static AtomicU32, u32);

impl Counted {
    fn new(alive: &'static AtomicU32, value: u32) -> Counted {
        alive.fetch_add(1, Ordering::Relaxed);
        Counted(alive, value)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a_value_lives_until_its_last_lease_ends() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    static MADE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(evict, weight = 100)]
    static VALUE: Counted = Counted::new(&ALIVE, MADE.fetch_add(1, Ordering::Relaxed));

    let lease = VALUE.lease();
    let clone = lease.clone();
    assert_eq!(VALUE.handle().leases(), 2);
    assert_eq!(VALUE.evict(), Some(100));
    assert_eq!(VALUE.state(), ResourceState::Evicted);
    assert_eq!(VALUE.evict(), None, "there is nothing to evict");
    drop(lease);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 1);
    assert_eq!(VALUE.lease().1, 1, "a new value");
    assert_eq!(clone.1, 0, "the lease is of the old one");
    assert_eq!(ALIVE.load(Ordering::Relaxed), 2);
    drop(clone);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 1);
    VALUE.evict();
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0, "nobody had a lease");
}

#[test]
fn a_reload_is_for_new_leases() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    static MADE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(evict)]
    static VALUE: Result<Counted, String> = match MADE.fetch_add(1, Ordering::Relaxed) {
        2 => Err(String::from("not this time")),
        made => Ok(Counted::new(&ALIVE, made)),
    };

    let old = VALUE.try_lease().unwrap();
    let new = VALUE.reload().unwrap();
    assert_eq!((old.1, new.1, VALUE.try_lease().unwrap().1), (0, 1, 1));
    drop(old);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 1);
    VALUE.reload().map(drop).unwrap_err();
    assert_eq!(VALUE.try_lease().unwrap().1, 1, "a reload that fails leaves the value there was");
    assert_eq!(VALUE.state(), ResourceState::Ready);
}

#[test]
fn the_old_value_is_leased_while_the_new_one_is_made() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    static LEASED_MEANWHILE: Mutex<Option<u32>> = Mutex::new(None);
    #[lazy_resource(evict)]
    static VALUE: u32 = {
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        if made == 1 {
            // Another thread, as this one is the initialiser.
            let leased = thread::spawn(|| *VALUE.lease()).join().unwrap();
            *LEASED_MEANWHILE.lock().unwrap() = Some(leased);
        }
        made
    };

    assert_eq!(*VALUE.lease(), 0);
    assert_eq!(*VALUE.reload().unwrap(), 1);
    assert_eq!(*LEASED_MEANWHILE.lock().unwrap(), Some(0));
}

#[test]
fn idle_values_go_by_themselves() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(evict(idle = "40ms"))]
    static VALUE: Counted = Counted::new(&ALIVE, 0);

    let lease = VALUE.lease();
    thread::sleep(Duration::from_millis(120));
    assert_eq!(VALUE.state(), ResourceState::Ready, "a lease is use");
    drop(lease);
    until("an idle value is evicted", || ALIVE.load(Ordering::Relaxed) == 0);
    assert_eq!(VALUE.state(), ResourceState::Evicted);
}

#[test]
fn old_values_go_by_themselves() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(evict(max_age = "30ms"))]
    static VALUE: u32 = MADE.fetch_add(1, Ordering::Relaxed);

    until("a value in use is renewed", || *VALUE.lease() >= 2);
}

#[test]
fn unhealthy_values_go_at_the_next_sweep() {
    static BROKEN: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(evict, health = |_| BROKEN.load(Ordering::Relaxed) == 0)]
    static VALUE: u32 = 5;

    assert_eq!(VALUE.is_healthy(), None, "there is none yet");
    VALUE.warm().unwrap();
    assert_eq!(VALUE.is_healthy(), Some(true));
    resources().evict_idle();
    assert_eq!(VALUE.state(), ResourceState::Ready);
    BROKEN.store(1, Ordering::Relaxed);
    resources().evict_idle();
    assert_eq!(VALUE.state(), ResourceState::Evicted);
}

#[test]
fn hooks_see_each_value_once() {
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    static MADE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(
        evict,
        on_init = |value| SEEN.lock().unwrap().push(format!("init {value}")),
        on_evict = |value: &u32| SEEN.lock().unwrap().push(format!("evict {value}"))
    )]
    static VALUE: u32 = MADE.fetch_add(1, Ordering::Relaxed);

    let lease = VALUE.lease();
    VALUE.evict();
    SEEN.lock().unwrap().push(String::from("lease ends"));
    drop(lease);
    VALUE.warm().unwrap();
    VALUE.reload().map(drop).unwrap();
    assert_eq!(*SEEN.lock().unwrap(), ["init 0", "lease ends", "evict 0", "init 1", "init 2", "evict 1"]);
}

#[test]
fn a_panicking_hook_changes_nothing_else() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(
        evict,
        weight = |_| panic!("weight"),
        on_init = |_| panic!("init"),
        on_evict = |_| panic!("evict")
    )]
    static VALUE: Counted = Counted::new(&ALIVE, 3);
    #[lazy_resource(health = |_| panic!("health"))]
    static ASKED: u32 = 4;

    assert_eq!(VALUE.lease().1, 3);
    assert_eq!(*ASKED, 4);
    assert_eq!(ASKED.is_healthy(), None, "it does not know, and is not asked again");
    assert_eq!(VALUE.evict(), Some(0));
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}

#[test]
fn a_replacement_lasts_as_long_as_its_guard() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource]
    static KEPT: u32 = MADE.fetch_add(1, Ordering::Relaxed) + 1;
    #[lazy_resource(evict)]
    static LEASED: u32 = 10;

    {
        let _outer = KEPT.replace(20);
        assert_eq!(*KEPT, 20);
        let inner = KEPT.replace(30);
        assert_eq!(*KEPT, 30);
        drop(inner);
        assert_eq!(*KEPT, 20);
    }
    assert_eq!(KEPT.state(), ResourceState::Declared, "as it was");
    assert_eq!(*KEPT, 1);

    let own = LEASED.lease();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _replaced = LEASED.replace(40);
        assert_eq!((*LEASED.lease(), *own), (40, 10));
        assert_eq!(LEASED.evict(), None, "a replacement is not evicted");
        panic!("the test fails");
    }));
    assert!(panic.is_err());
    assert_eq!(*LEASED.lease(), 10);
}

#[test]
fn a_scope_evicts_what_was_initialised_in_it() {
    #[lazy_resource(evict)]
    static BEFORE: u32 = 1;
    #[lazy_resource(evict)]
    static INSIDE: u32 = 2;
    #[lazy_resource(evict)]
    static NESTED: u32 = 3;
    #[lazy_resource(evict)]
    static ELSEWHERE: u32 = 4;

    BEFORE.warm().unwrap();
    let panic = catch_unwind(|| {
        let _scope = ResourceScope::enter();
        INSIDE.warm().unwrap();
        BEFORE.warm().unwrap();
        {
            let _inner = ResourceScope::enter();
            NESTED.warm().unwrap();
        }
        assert_eq!(NESTED.state(), ResourceState::Evicted);
        assert_eq!(INSIDE.state(), ResourceState::Ready);
        thread::spawn(|| ELSEWHERE.warm().unwrap()).join().unwrap();
        panic!("on every path");
    });
    assert!(panic.is_err());
    assert_eq!(INSIDE.state(), ResourceState::Evicted);
    assert_eq!(BEFORE.state(), ResourceState::Ready);
    assert_eq!(ELSEWHERE.state(), ResourceState::Ready);
}

/// Leases taken, cloned and given back by some threads, evictions and reloads by others: every value is dropped once, none while
/// leased, and in the end none is left.
#[test]
fn leases_hold_under_contention() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    static MADE: AtomicU32 = AtomicU32::new(0);
    struct Checked(u32, Counted);
    impl Drop for Checked {
        fn drop(&mut self) {
            self.0 = u32::MAX;
        }
    }
    #[lazy_resource(evict)]
    static VALUE: Checked = {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Checked(number, Counted::new(&ALIVE, number))
    };

    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut kept: Option<Lease<Checked>> = None;
                for turn in 0..3_000 {
                    let lease = VALUE.lease();
                    let clone = lease.clone();
                    drop(lease);
                    assert_eq!(clone.0, clone.1.1, "a value that was dropped");
                    if turn % 7 == 0 {
                        kept = Some(clone);
                    }
                }
                drop(kept);
            });
        }
        scope.spawn(|| {
            for turn in 0..1_000 {
                if turn % 3 == 0 {
                    VALUE.reload().map(drop).unwrap();
                } else {
                    VALUE.evict();
                }
                thread::yield_now();
            }
        });
    });
    VALUE.evict();
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
    assert_eq!(VALUE.handle().leases(), 0);
}
