//! `perf_runtime::locks::std`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use perf_report::{Kind, Timing};
use perf_runtime::locks::std::{
    Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
};
use perf_runtime::{Named, profile};

use crate::{acquisitions, enable, find, holds, until_waiting};

static STATIC: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());
const STATIC_LINE: u32 = line!() - 1;

#[test]
fn a_lock_without_a_name_has_its_type_and_the_place_of_its_declaration() {
    enable();
    for key in ["a", "b", "a"] {
        *STATIC.lock().unwrap().entry(key.to_owned()).or_default() += 1;
    }
    assert_eq!(*STATIC.lock().unwrap(), BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)]));
    let row = acquisitions("Mutex<BTreeMap<String, u32>>");
    assert_eq!((row.calls, row.timed_calls, row.sum_ns, row.timing), (4, 0, 0, Timing::Waits));
    assert_eq!((row.file.as_str(), row.line), (file!(), STATIC_LINE));
}

#[test]
fn locks_made_at_one_place_are_one_row() {
    enable();
    let locks: Vec<Mutex<u8>> = (0..10).map(|number| Mutex::new(number).named("ten of them")).collect();
    for lock in locks.iter().chain(&locks) {
        *lock.lock().unwrap() += 1;
    }
    drop(locks);
    assert_eq!(acquisitions("ten of them").calls, 20);
}

#[profile(name = "wants it")]
fn wants_it(lock: &Mutex<u32>) {
    *lock.lock().unwrap() += 1;
}

#[test]
fn contended_acquisitions_are_timed_with_who_waited_and_who_held() {
    enable();
    let (lock, held) = (Mutex::new(0).named("contended"), Barrier::new(3));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                held.wait();
                wants_it(&lock);
            });
        }
        // Held before the others begin: their first attempt fails.
        let outer = lock.lock().unwrap();
        held.wait();
        until_waiting("contended", 2);
        drop(outer);
    });
    *lock.lock().unwrap() += 1;
    assert_eq!(lock.into_inner().unwrap(), 3);

    let snapshot = perf_runtime::snapshot().unwrap();
    let row = find(&snapshot, "contended", Kind::Lock).unwrap();
    // Both waited, and not this thread's two acquisitions.
    assert_eq!((row.calls, row.timed_calls, row.latency.count(), row.is_sampled()), (4, 2, 2, false));
    assert!(row.sum_ns > 0 && row.max_ns > 0);
    let [caller] = &row.callers[..] else { panic!("{:?}", row.callers) };
    let waiter = &snapshot.functions[caller.caller.unwrap()];
    assert_eq!((waiter.name.as_str(), caller.calls), ("wants it", 2));
    assert_eq!((waiter.waiting_ns, waiter.waiting_sampled), (caller.total_ns, false));
    // Who waited holds it next, and that hold is timed; so is the first one.
    let held = holds("contended");
    assert_eq!((held.calls, held.unwound, held.self_ns), (4, 0, 0));
    assert!(held.timed_calls >= 3 && held.max_ns > 0, "{held:?}");
}

#[test]
fn many_acquisitions_are_counted_exactly_while_few_holds_are_timed() {
    enable();
    let lock = Mutex::new(0_u64).named("hot");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50_000).for_each(|_| *lock.lock().unwrap() += 1));
        }
    });
    assert_eq!(lock.into_inner().unwrap(), 200_000);
    let (row, held) = (acquisitions("hot"), holds("hot"));
    assert_eq!(row.calls, 200_000);
    // Of how many one is timed at least, so that none is unseen that is held long after many short ones.
    const MOST: u64 = 128 + 128 / 2 + 1;
    // Acquisitions after the last timed hold of a thread belong to none yet: at most as many as are ever left out.
    assert!(held.calls <= row.calls && held.calls + 4 * MOST > row.calls, "{held:?} {row:?}");
    assert!((row.calls / MOST..row.calls).contains(&held.timed_calls), "{held:?} {row:?}");
}

#[test]
fn a_panic_poisons_and_is_counted_once() {
    enable();
    let lock = Mutex::new(1).named("poisoned");
    for _ in 0..2 {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.lock().unwrap_or_else(|error| error.into_inner());
            panic!("on purpose");
        }));
        assert!(panicked.is_err() && lock.is_poisoned());
    }
    assert_eq!(**lock.lock().unwrap_err().get_ref(), 1);
    assert!(matches!(lock.try_lock(), Err(TryLockError::Poisoned(_))));
    assert_eq!(holds("poisoned").unwound, 1, "it was poisoned already");
    lock.clear_poison();
    assert!(!lock.is_poisoned() && lock.lock().is_ok());
    assert_eq!(acquisitions("poisoned").calls, 5);
    assert_eq!(format!("{lock:?}"), "Mutex { data: 1, poisoned: false, .. }");
}

#[test]
fn a_condition_that_panics_poisons_and_is_counted() {
    enable();
    let condvar = Condvar::new();
    let long = Duration::from_secs(60);
    let timed = Mutex::new(1).named("poisoned by a condition with a limit");
    let endless = Mutex::new(1).named("poisoned by a condition");
    for lock in [&timed, &endless] {
        // The second time it is poisoned already.
        for _ in 0..2 {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let guard = lock.lock().unwrap_or_else(|error| error.into_inner());
                if std::ptr::eq(lock, &timed) {
                    drop(condvar.wait_timeout_while(guard, long, |_| panic!("on purpose")));
                } else {
                    drop(condvar.wait_while(guard, |_| panic!("on purpose")));
                }
            }));
            assert!(panicked.is_err() && lock.is_poisoned());
        }
    }
    assert_eq!(holds("poisoned by a condition with a limit").unwound, 1);
    assert_eq!(holds("poisoned by a condition").unwound, 1);
    timed.clear_poison();
    let (guard, timed_out) = condvar.wait_timeout_while(timed.lock().unwrap(), long, |_| false).unwrap();
    assert!(*guard == 1 && !timed_out.timed_out());
    drop(guard);
    assert_eq!(holds("poisoned by a condition with a limit").unwound, 1);
}

#[test]
fn an_attempt_that_fails_is_no_acquisition() {
    enable();
    let lock = Mutex::new(()).named("tried");
    let (guard, original) = (lock.lock().unwrap(), std::sync::Mutex::new(()));
    assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
    let of_original = original.lock().unwrap();
    assert_eq!(format!("{lock:?}"), format!("{original:?}"));
    drop((guard, of_original));
    assert!(lock.try_lock().is_ok());
    assert_eq!(acquisitions("tried").calls, 2);
}

#[test]
fn readers_share_and_writers_wait() {
    enable();
    let lock = RwLock::new(5).named("read and written");
    {
        let (one, other) = (lock.read().unwrap(), lock.try_read().unwrap());
        assert_eq!((*one, *other, lock.try_write().is_err()), (5, 5, true));
        thread::scope(|scope| {
            let writer = scope.spawn(|| *lock.write().unwrap() = 6);
            until_waiting("read and written", 1);
            drop((one, other));
            writer.join().unwrap();
        });
    }
    let written = lock.write().unwrap();
    assert!(lock.try_read().is_err());
    let read = RwLockWriteGuard::downgrade(written);
    assert_eq!((*read, lock.try_read().is_ok()), (6, true));
    drop(read);
    let row = acquisitions("read and written");
    assert_eq!((row.calls, row.timed_calls), (5, 1));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = lock.write().unwrap();
        panic!("on purpose");
    }));
    assert!(panicked.is_err() && lock.is_poisoned() && lock.read().is_err());
    assert_eq!(holds("read and written").unwound, 1);
}

#[test]
fn a_wait_for_a_condition_is_a_call_and_no_hold() {
    enable();
    let pair = (Mutex::new(false).named("flag"), Condvar::new().named("flag is set"));
    thread::scope(|scope| {
        scope.spawn(|| {
            until_waiting("flag is set", 1);
            *pair.0.lock().unwrap() = true;
            pair.1.notify_all();
        });
        let guard = pair.1.wait_while(pair.0.lock().unwrap(), |set| !*set).unwrap();
        assert!(*guard);
    });
    let row = acquisitions("flag is set");
    assert!(row.calls >= 1 && row.timed_calls == row.calls, "{row:?}");
    let (guard, _) = pair.1.wait_timeout(pair.0.lock().unwrap(), Duration::ZERO).unwrap();
    assert!(*guard);
    drop(guard);
    let waits = acquisitions("flag is set").calls;
    let never = pair.1.wait_timeout_while(pair.0.lock().unwrap(), Duration::ZERO, |_| true).unwrap();
    assert!(never.1.timed_out());
    drop(never);
    assert_eq!(acquisitions("flag is set").calls, waits + 1);
}

#[test]
fn unsized_contents_and_the_traits_of_the_original() {
    enable();
    let shared: Arc<Mutex<dyn Fn() -> u32 + Send>> = Arc::new(Mutex::new(|| 7));
    assert_eq!(shared.lock().unwrap()(), 7);
    let slice: Box<RwLock<[u8]>> = Box::new(RwLock::new([1, 2, 3]));
    assert_eq!(slice.read().unwrap().len(), 3);
    let mut lock: Mutex<String> = Mutex::default();
    lock.get_mut().unwrap().push('x');
    assert_eq!(lock.lock().unwrap().to_string(), "x");
    assert_eq!(format!("{} {:?}", lock.lock().unwrap(), Mutex::from(3).lock().unwrap()), "x 3");
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<(Mutex<Vec<u8>>, RwLock<u8>, Condvar)>();
    fn is_sync<T: Sync>() {}
    // Contents that may be shared and not sent, as whoever shares a guard need not be able to do.
    type Unsendable<'a> = std::sync::MutexGuard<'a, u8>;
    is_sync::<RwLockReadGuard<'_, Unsendable<'_>>>();
    is_sync::<RwLockWriteGuard<'_, Unsendable<'_>>>();
    is_sync::<MutexGuard<'_, Unsendable<'_>>>();
}

#[test]
fn a_read_guard_may_live_for_less_long_than_it_says() {
    fn shorter<'a>(guard: RwLockReadGuard<'a, &'static str>, _: &'a str) -> RwLockReadGuard<'a, &'a str> {
        guard
    }
    let (lock, local) = (RwLock::new("static"), String::from("local"));
    assert_eq!(*shorter(lock.read().unwrap(), &local), "static");
}

#[test]
fn nothing_is_recorded_of_a_lock_that_nobody_used() {
    enable();
    let _lock = Mutex::new(0).named("unused");
    assert!(find(&perf_runtime::snapshot().unwrap(), "unused", Kind::Lock).is_none());
}
