//! `Semaphore` and `Notify` of `perf_runtime::locks::tokio`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use perf_report::Timing;
use perf_runtime::Named;
use perf_runtime::locks::tokio::{Notify, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use perf_tests::panics::panics_here;

use crate::{acquisitions, enable, holds};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn who_waits_for_permits_is_timed() {
    enable();
    let semaphore = Semaphore::new(3).named("permits");
    let Poll::Ready(Ok(permits)) = poll(pin!(semaphore.acquire_many(2))) else { panic!("there are three") };
    let one = semaphore.try_acquire().unwrap();
    assert_eq!((permits.num_permits(), semaphore.available_permits()), (2, 0));
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    let mut waits = Box::pin(semaphore.acquire_many(2));
    let mut given_up = Box::pin(semaphore.acquire());
    assert!(poll(waits.as_mut()).is_pending() && poll(given_up.as_mut()).is_pending());
    drop(given_up);
    drop(permits);
    let Poll::Ready(Ok(permits)) = poll(waits.as_mut()) else { panic!("two were given back") };
    assert!(std::ptr::eq(permits.semaphore(), &raw const semaphore));
    drop((one, permits));
    semaphore.blocking_acquire().unwrap().forget();
    assert_eq!(semaphore.available_permits(), 2);

    let row = acquisitions("permits");
    // Two without a wait, one with, one that was given up, and one in this thread.
    assert_eq!((row.calls, row.timed_calls, row.timing), (5, 3, Timing::Waits));
    let futures = row.futures.unwrap();
    assert_eq!((futures.started, futures.cancelled), (2, 1));
    assert_eq!(holds("permits").calls, 4);
}

#[test]
fn permits_are_joined_and_parted_and_those_that_own_the_semaphore_keep_it() {
    enable();
    let semaphore = Arc::new(Semaphore::const_new(4).named("owned permits"));
    let Poll::Ready(Ok(mut permits)) = poll(pin!(semaphore.clone().acquire_many_owned(3))) else {
        panic!("there are four")
    };
    let part: OwnedSemaphorePermit = permits.split(1).unwrap();
    assert!(permits.split(3).is_none());
    assert_eq!((permits.num_permits(), part.num_permits()), (2, 1));
    permits.merge(part);
    permits.merge(semaphore.clone().try_acquire_owned().unwrap());
    assert_eq!((permits.num_permits(), semaphore.clone().try_acquire_owned().is_err()), (4, true));
    let mut waits = Box::pin(semaphore.clone().acquire_owned());
    assert!(poll(waits.as_mut()).is_pending());
    let weak = Arc::downgrade(&semaphore);
    assert!(Arc::ptr_eq(permits.semaphore(), &semaphore));
    drop((semaphore, permits));
    let Poll::Ready(Ok(permit)) = poll(waits.as_mut()) else { panic!("all were given back") };
    drop(waits);
    assert_eq!((weak.strong_count(), permit.semaphore().available_permits()), (1, 3), "the permit keeps it");
    permit.semaphore().add_permits(1);
    assert_eq!(permit.semaphore().forget_permits(2), 2);
    permit.forget();
    assert_eq!(weak.strong_count(), 0);
    let row = acquisitions("owned permits");
    assert_eq!((row.calls, row.timed_calls), (3, 1));
    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
    let mut permit = one.try_acquire().unwrap();
    panics_here("SemaphorePermit::merge", || permit.merge(other.try_acquire().unwrap()));
}

#[test]
fn a_closed_semaphore_has_the_errors_of_the_original() {
    enable();
    let semaphore = Arc::new(Semaphore::new(1).named("closed"));
    let permit = semaphore.try_acquire().unwrap();
    let mut waits = pin!(semaphore.acquire());
    assert!(poll(waits.as_mut()).is_pending());
    semaphore.close();
    assert!(semaphore.is_closed() && matches!(poll(waits), Poll::Ready(Err(_))));
    assert!(matches!(poll(pin!(semaphore.acquire())), Poll::Ready(Err(_))));
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
    assert!(semaphore.blocking_acquire().is_err() && semaphore.clone().blocking_acquire_owned().is_err());
    drop(permit);
    let original = tokio::sync::Semaphore::new(1);
    original.close();
    assert_eq!(format!("{semaphore:?}"), format!("{original:?}"));
    // An attempt that brought no permit at once is no acquisition; one that waited is a call.
    let row = acquisitions("closed");
    assert_eq!((row.calls, row.timed_calls), (4, 3));
}

#[test]
fn who_waits_for_a_notification_is_timed() {
    enable();
    let notify = Notify::new().named("news");
    notify.notify_one();
    assert_eq!(poll(pin!(notify.notified())), Poll::Ready(()));
    let (mut one, mut other) = (Box::pin(notify.notified()), Box::pin(notify.notified()));
    assert!(poll(one.as_mut()).is_pending() && !other.as_mut().enable());
    notify.notify_waiters();
    assert_eq!((poll(one.as_mut()), poll(other.as_mut())), (Poll::Ready(()), Poll::Ready(())));
    let mut given_up = Box::pin(notify.notified());
    assert!(poll(given_up.as_mut()).is_pending());
    drop(given_up);
    let row = acquisitions("news");
    // The one that was enabled was ready when it was polled.
    assert_eq!((row.calls, row.timed_calls, row.futures.unwrap().cancelled), (4, 2, 1));
}

#[test]
fn futures_that_own_the_notify_keep_it() {
    enable();
    let notify = Arc::new(Notify::const_new().named("owned news"));
    let weak = Arc::downgrade(&notify);
    let (mut waits, mut last) = (Box::pin(notify.clone().notified_owned()), Box::pin(notify.clone().notified_owned()));
    assert!(poll(waits.as_mut()).is_pending() && !last.as_mut().enable());
    notify.notify_last();
    assert!(poll(waits.as_mut()).is_pending());
    assert_eq!(poll(last.as_mut()), Poll::Ready(()));
    drop((notify, last));
    assert_eq!(weak.strong_count(), 1);
    weak.upgrade().unwrap().notify_one();
    assert_eq!(poll(waits.as_mut()), Poll::Ready(()));
    drop(waits);
    assert_eq!(weak.strong_count(), 0);
    let row = acquisitions("owned news");
    assert_eq!((row.calls, row.timed_calls), (2, 1));
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let notify = Notify::default();
    is_send_and_sync(&notify.notified());
}
