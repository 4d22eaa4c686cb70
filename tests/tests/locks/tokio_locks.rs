//! `perf_runtime::locks::tokio`.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use perf_report::{Kind, Timing};
use perf_runtime::locks::tokio::{
    Mutex, MutexGuard, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockReadGuard,
    RwLockWriteGuard,
};
use perf_runtime::{Named, profile};

use perf_tests::panics::panics_here;

use crate::{acquisitions, enable, find, holds};

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[profile(name = "async with lock")]
async fn increment(lock: &Mutex<u32>) -> u32 {
    let mut guard = lock.lock().await;
    *guard += 1;
    *guard
}

#[test]
fn only_acquisitions_that_are_not_ready_at_once_are_waits() {
    enable();
    let lock = Mutex::new(0).named("async lock");
    assert_eq!(poll(pin!(increment(&lock))), Poll::Ready(1));
    let guard = lock.try_lock().unwrap();
    let (mut waits, mut given_up) = (pin!(increment(&lock)), Box::pin(increment(&lock)));
    assert!(poll(waits.as_mut()).is_pending() && poll(given_up.as_mut()).is_pending());
    assert!(lock.try_lock().is_err() && poll(waits.as_mut()).is_pending());
    drop(given_up);
    drop(guard);
    assert_eq!(poll(waits.as_mut()), Poll::Ready(2));

    let row = acquisitions("async lock");
    // Two without a wait, one with, one that was given up.
    assert_eq!((row.calls, row.timed_calls, row.timing), (4, 2, Timing::Waits));
    let futures = row.futures.unwrap();
    assert_eq!((futures.started, futures.cancelled, futures.polls), (2, 1, 2));
    assert_eq!(holds("async lock").calls, 3);

    let snapshot = perf_runtime::snapshot().unwrap();
    let function = find(&snapshot, "async with lock", Kind::Future).unwrap();
    let busy = function.futures.unwrap().busy_ns;
    assert_eq!((function.calls, function.waiting_ns), (3, function.total_ns - busy));
}

#[test]
fn readers_share_and_writers_wait() {
    enable();
    let lock = RwLock::with_max_readers(vec![1], 10).named("async read and written");
    let (one, other) = (lock.try_read().unwrap(), lock.try_read().unwrap());
    assert_eq!(one.len() + other.len(), 2);
    let mut writer = Box::pin(lock.write());
    assert!(poll(writer.as_mut()).is_pending());
    drop((one, other));
    let Poll::Ready(mut guard) = poll(writer.as_mut()) else { panic!("nobody reads") };
    guard.push(2);
    let guard = guard.downgrade();
    assert_eq!((guard.len(), lock.try_read().is_ok(), lock.try_write().is_err()), (2, true, true));
    drop(guard);
    let row = acquisitions("async read and written");
    assert_eq!((row.calls, row.timed_calls), (4, 1));
}

#[test]
fn blocking_ones_and_the_traits_of_the_original() {
    enable();
    let mut lock: Mutex<String> = Mutex::default().named("blocking");
    lock.blocking_lock().push('x');
    lock.get_mut().push('y');
    let original = tokio::sync::Mutex::new("xy".to_owned());
    assert_eq!(format!("{lock:?}"), format!("{original:?}"));
    assert_eq!(acquisitions("blocking").calls, 1);
    assert_eq!(lock.into_inner(), "xy");
    static CONST: RwLock<u8> = RwLock::const_new(1);
    *CONST.blocking_write() += 1;
    assert_eq!(*CONST.blocking_read(), 2);
    fn is_send_and_sync<T: Send + Sync>(_: T) {}
    is_send_and_sync(Mutex::new(1).lock());
}

#[test]
fn a_read_guard_may_live_for_less_long_than_it_says() {
    fn shorter<'a>(guard: RwLockReadGuard<'a, &'static str>, _: &'a str) -> RwLockReadGuard<'a, &'a str> {
        guard
    }
    let (lock, local) = (RwLock::new("static"), String::from("local"));
    assert_eq!(*shorter(lock.try_read().unwrap(), &local), "static");
}

#[test]
fn a_task_yields_as_often_as_with_the_original() {
    enable();
    // Tokio has a task pause after so many operations that did not wait.
    let pauses = |lock: bool| {
        let (own, original) = (Mutex::new(0_u32).named("budget"), tokio::sync::Mutex::new(0_u32));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut pauses = 0;
            let mut many = Box::pin(async {
                for _ in 0..1_000 {
                    if lock {
                        *own.lock().await += 1;
                    } else {
                        *original.lock().await += 1;
                    }
                }
            });
            std::future::poll_fn(|context| {
                let result = many.as_mut().poll(context);
                pauses += u32::from(result.is_pending());
                result
            })
            .await;
            pauses
        })
    };
    let of_original = pauses(false);
    assert!(of_original > 0);
    assert_eq!(pauses(true), of_original);
}

#[test]
fn guards_that_own_their_lock_keep_it_and_are_holds() {
    enable();
    let lock = Arc::new(Mutex::new((1, 2)).named("owned"));
    let guard = lock.clone().try_lock_owned().unwrap();
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &lock));
    let mut waits = Box::pin(lock.clone().lock_owned());
    let mut given_up = Box::pin(lock.clone().lock_owned());
    assert!(poll(waits.as_mut()).is_pending() && poll(given_up.as_mut()).is_pending());
    drop(given_up);
    let guard = OwnedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    drop(guard);
    let Poll::Ready(guard) = poll(waits.as_mut()) else { panic!("nobody holds it") };
    let weak = Arc::downgrade(&lock);
    drop((waits, lock));
    let mut part = OwnedMutexGuard::map(guard, |pair| &mut pair.1);
    *part += 1;
    assert_eq!((*part, weak.strong_count()), (3, 1), "the guard keeps the lock");
    drop(part);
    assert_eq!(weak.strong_count(), 0);
    let row = acquisitions("owned");
    assert_eq!((row.calls, row.timed_calls, row.futures.unwrap().cancelled), (3, 2, 1));
    assert!(holds("owned").calls >= 2);
}

#[test]
fn readers_that_own_their_lock_and_guards_of_a_part() {
    enable();
    let lock = Arc::new(RwLock::new((1, 2)).named("owned readers"));
    let written: OwnedRwLockWriteGuard<_> = lock.clone().try_write_owned().unwrap();
    assert!(lock.clone().try_read_owned().is_err());
    let read = OwnedRwLockWriteGuard::downgrade_map(written, |pair| &pair.0);
    let other: OwnedRwLockReadGuard<_> = lock.clone().try_read_owned().unwrap();
    assert_eq!((*read, other.1, Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&read), &lock)), (1, 2, true));
    drop((read, other));
    let mut part = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.0);
    *part += 1;
    drop(part);
    let part = RwLockWriteGuard::try_downgrade_map(lock.try_write().unwrap(), |pair| Some(&pair.0)).unwrap();
    assert_eq!((*part, lock.try_read().is_ok(), lock.try_write().is_err()), (2, true, true));
    drop(part);
    assert_eq!(acquisitions("owned readers").calls, 5);
    let lock = Mutex::new([1, 2]);
    *MutexGuard::map(lock.try_lock().unwrap(), |pair| &mut pair[1]) += 1;
    assert_eq!(lock.into_inner(), [1, 3]);
}

#[test]
fn blocking_ones_panic_where_they_are_called() {
    enable();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let within = |block: &dyn Fn()| runtime.block_on(async { block() });
    let (lock, shared, readers) = (Mutex::new(0), Arc::new(Mutex::new(0)), RwLock::new(0));
    panics_here("Mutex::blocking_lock", || within(&|| drop(lock.blocking_lock())));
    panics_here("Mutex::blocking_lock_owned", || within(&|| drop(shared.clone().blocking_lock_owned())));
    panics_here("RwLock::blocking_read", || within(&|| drop(readers.blocking_read())));
    panics_here("RwLock::blocking_write", || within(&|| drop(readers.blocking_write())));
}
