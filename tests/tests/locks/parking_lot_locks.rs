//! `perf_runtime::locks::parking_lot`.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::Named;
use perf_runtime::locks::parking_lot::{
    Condvar, FairMutex, MappedMutexGuard, MappedRwLockReadGuard, Mutex, MutexGuard, RecursiveRwLock, RwLock,
    RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
};

use crate::{acquisitions, enable, holds, until_waiting};

static STATIC: Mutex<(u8, &str)> = Mutex::new((0, "it"));
const STATIC_LINE: u32 = line!() - 1;

#[test]
fn a_lock_has_its_type_and_the_place_of_its_declaration() {
    enable();
    STATIC.lock().0 += 1;
    assert_eq!(*STATIC.try_lock().unwrap(), (1, "it"));
    let row = acquisitions("Mutex<(u8, &str)>");
    assert_eq!((row.calls, row.timed_calls, row.file.as_str(), row.line), (2, 0, file!(), STATIC_LINE));
}

#[test]
fn contended_acquisitions_are_timed_and_limits_hold() {
    enable();
    let lock = Mutex::new(1).named("parked");
    thread::scope(|scope| {
        let guard = lock.lock();
        let waiter = scope.spawn(|| *lock.lock() += 1);
        until_waiting("parked", 1);
        assert!(lock.try_lock().is_none());
        assert!(lock.try_lock_for(Duration::ZERO).is_none() && lock.try_lock_until(Instant::now()).is_none());
        drop(guard);
        waiter.join().unwrap();
    });
    assert!(lock.try_lock_for(Duration::from_secs(60)).is_some_and(|guard| *guard == 2));
    let row = acquisitions("parked");
    // Both limits passed in a wait, which is a call.
    assert_eq!((row.calls, row.timed_calls), (5, 3));
    assert_eq!(holds("parked").calls, 3);
}

#[test]
fn mapped_guards_remain_one_hold() {
    enable();
    let lock = Mutex::new((1, 2)).named("mapped");
    let mut mapped: MappedMutexGuard<'_, i32> = MutexGuard::map(lock.lock(), |pair| &mut pair.1);
    *mapped += 1;
    assert!(lock.is_locked());
    drop(mapped);
    assert!(!lock.is_locked());
    MutexGuard::unlock_fair(lock.lock());
    assert_eq!(MutexGuard::unlocked(&mut lock.lock(), || lock.try_lock().map(|pair| *pair)), Some((1, 3)));
    assert_eq!(acquisitions("mapped").calls, 5);
    // The first two are timed always, later ones if there is the time.
    assert!((2..=5).contains(&holds("mapped").calls));
}

#[test]
fn readers_upgrade_and_writers_downgrade() {
    enable();
    let lock = RwLock::new(1).named("upgraded");
    let upgradable = lock.upgradable_read();
    let is_read = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let reader = lock.read();
            is_read.wait();
            until_waiting("upgraded", 1);
            assert!(lock.try_upgradable_read().is_none() && lock.try_write().is_none());
            drop(reader);
        });
        is_read.wait();
        let mut writer = RwLockUpgradableReadGuard::upgrade(upgradable);
        *writer += 1;
        let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
        let reader = RwLockUpgradableReadGuard::downgrade(upgradable);
        assert_eq!((*reader, lock.try_read().is_some()), (2, true));
    });
    assert!(!lock.is_locked());
    let row = acquisitions("upgraded");
    assert_eq!((row.calls, row.timed_calls), (4, 1), "an upgrade that waits is a call");
}

#[test]
fn a_condition_ends_the_hold_and_is_waited_for() {
    enable();
    let (lock, condition) = (Mutex::new(false).named("state"), Condvar::new().named("state changed"));
    thread::scope(|scope| {
        scope.spawn(|| {
            until_waiting("state changed", 1);
            *lock.lock() = true;
            assert!(condition.notify_one());
        });
        let mut guard = lock.lock();
        condition.wait_while(&mut guard, |changed| !*changed);
        assert!(*guard && condition.wait_for(&mut guard, Duration::ZERO).timed_out());
        assert!(condition.wait_while_for(&mut guard, |_| true, Duration::ZERO).timed_out());
    });
    assert_eq!((condition.notify_one(), condition.notify_all()), (false, 0));
    let row = acquisitions("state changed");
    assert!(row.calls == 3 && row.timed_calls == 3, "{row:?}");
}

#[test]
fn fair_recursive_and_unsized_ones_have_what_the_originals_have() {
    enable();
    let fair = FairMutex::new(1).named("fair");
    *fair.lock() += 1;
    assert_eq!(fair.into_inner(), 2);
    let again = RecursiveRwLock::new(1).named("recursive");
    assert_eq!(*again.read() + *again.read(), 2);
    assert_eq!((acquisitions("fair").calls, acquisitions("recursive").calls), (1, 2));
    let shared: std::sync::Arc<RwLock<[u8]>> = std::sync::Arc::new(RwLock::new([1, 2, 3]));
    assert_eq!(shared.read().len(), 3);
    let mut lock: Mutex<String> = Mutex::default();
    lock.get_mut().push('x');
    let original = parking_lot::Mutex::new("x".to_owned());
    assert_eq!(format!("{lock:?} {}", lock.lock()), format!("{original:?} {}", original.lock()));
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<(Mutex<Vec<u8>>, RwLock<u8>, Condvar)>();
}

#[test]
fn a_mapped_read_guard_may_live_for_less_long_than_it_says() {
    fn shorter<'a>(guard: MappedRwLockReadGuard<'a, &'static str>, _: &'a str) -> MappedRwLockReadGuard<'a, &'a str> {
        guard
    }
    let (lock, local) = (RwLock::new(("static", 1)), String::from("local"));
    assert_eq!(*shorter(RwLockReadGuard::map(lock.read(), |content| &content.0), &local), "static");
}

#[test]
fn common_methods_can_be_handed_on() {
    enable();
    let locks = [1, 2].map(|value| Mutex::new(value).named("by path"));
    assert_eq!(locks.iter().map(Mutex::lock).map(|guard| *guard).sum::<u8>(), 3);
    assert_eq!(locks.iter().filter_map(Mutex::try_lock).count(), 2);
    assert!(!locks.iter().any(Mutex::is_locked));
    assert_eq!(acquisitions("by path").calls, 4);
    let lock = RwLock::new(1);
    *RwLock::write(&lock) += 1;
    assert!(*RwLock::upgradable_read(&lock) == 2 && RwLock::try_read(&lock).is_some_and(|guard| *guard == 2));
    assert_eq!(*FairMutex::lock(&FairMutex::new(1)) + *RecursiveRwLock::read(&RecursiveRwLock::new(1)), 2);
}
