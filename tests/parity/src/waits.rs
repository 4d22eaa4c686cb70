//! Locks and channels: every name, and without measuring the very types of the originals.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use perf_runtime::Named;
use perf_runtime::channels::{
    async_channel, crossbeam, flume, std::mpsc, tokio::broadcast, tokio::mpsc as tokio_mpsc, tokio::oneshot,
    tokio::watch,
};
use perf_runtime::locks::{parking_lot, std as std_locks, tokio};

/// Ready at once, as all here is.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// They are the originals, by their types.
#[cfg(not(feature = "measured"))]
pub(crate) fn are_the_originals() {
    let _: &::std::sync::Mutex<u8> = &std_locks::Mutex::new(1);
    let _: &::std::sync::RwLock<u8> = &std_locks::RwLock::new(1);
    let _: &::std::sync::Condvar = &std_locks::Condvar::new();
    let _: (::std::sync::mpsc::Sender<u8>, ::std::sync::mpsc::Receiver<u8>) = mpsc::channel();
    let lock: ::std::sync::Mutex<u8> = std_locks::Mutex::new(1).named("a name");
    drop(lock);
    assert!(std::any::type_name::<parking_lot::Mutex<u8>>().starts_with("lock_api::"));
    assert!(std::any::type_name::<tokio::RwLock<u8>>().starts_with("tokio::"));
    assert!(std::any::type_name::<crossbeam::Sender<u8>>().starts_with("crossbeam_channel::"));
    assert!(std::any::type_name::<flume::Sender<u8>>().starts_with("flume::"));
    assert!(std::any::type_name::<async_channel::Sender<u8>>().starts_with("async_channel::"));
    assert!(std::any::type_name::<tokio::Semaphore>().starts_with("tokio::"));
    assert!(std::any::type_name::<oneshot::Sender<u8>>().starts_with("tokio::"));
    assert!(std::any::type_name::<tokio::OwnedMutexGuard<u8>>().starts_with("tokio::"));
    assert!(std::any::type_name::<tokio_mpsc::UnboundedReceiver<u8>>().starts_with("tokio::"));
}

#[cfg(feature = "measured")]
pub(crate) fn are_the_originals() {}

static LOCK: std_locks::Mutex<u32> = std_locks::Mutex::new(0);

fn std_ones() {
    *LOCK.lock().unwrap() += 1;
    let mut guard: std_locks::MutexGuard<'_, u32> = LOCK.try_lock().unwrap();
    *guard += 1;
    assert!(matches!(LOCK.try_lock(), Err(std_locks::TryLockError::WouldBlock)));
    drop(guard);
    let mut lock = std_locks::Mutex::from(1).named("parity lock");
    *lock.get_mut().unwrap() += 1;
    lock.clear_poison();
    let condition = std_locks::Condvar::default().named("parity condition");
    let (guard, timed_out) = condition.wait_timeout(lock.lock().unwrap(), Duration::ZERO).unwrap();
    let _: std_locks::WaitTimeoutResult = timed_out;
    let guard = condition.wait_while(guard, |_| false).unwrap();
    let (guard, _) = condition.wait_timeout_while(guard, Duration::ZERO, |_| true).unwrap();
    drop(guard);
    condition.notify_one();
    condition.notify_all();
    assert!(!lock.is_poisoned() && lock.into_inner().is_ok());

    let lock = std_locks::RwLock::<u8>::default().named("parity readers");
    let readers: [std_locks::RwLockReadGuard<'_, u8>; 2] = [lock.read().unwrap(), lock.try_read().unwrap()];
    assert!(lock.try_write().is_err());
    drop(readers);
    let written: std_locks::RwLockWriteGuard<'_, u8> = lock.write().unwrap();
    assert_eq!(*std_locks::RwLockWriteGuard::downgrade(written), 0);
}

fn parking_lot_ones() {
    let lock = parking_lot::Mutex::new((1, 2)).named("parity parked");
    let mapped: parking_lot::MappedMutexGuard<'_, i32> = parking_lot::MutexGuard::map(lock.lock(), |pair| &mut pair.0);
    assert!(lock.try_lock().is_none() && lock.try_lock_for(Duration::ZERO).is_none());
    drop(mapped);
    assert!(lock.try_lock_until(Instant::now()).is_some() && !lock.is_locked());
    let condition = parking_lot::Condvar::new().named("parity parked condition");
    let mut guard = lock.lock();
    assert!(condition.wait_for(&mut guard, Duration::ZERO).timed_out());
    assert!(condition.wait_until(&mut guard, Instant::now()).timed_out());
    assert!(condition.wait_while_for(&mut guard, |_| true, Duration::ZERO).timed_out());
    condition.wait_while(&mut guard, |_| false);
    assert_eq!((condition.notify_one(), condition.notify_all()), (false, 0));
    drop(guard);
    assert_eq!(lock.into_inner(), (1, 2));

    let lock = parking_lot::RwLock::default().named("parity parked readers");
    let upgradable: parking_lot::RwLockUpgradableReadGuard<'_, u8> = lock.upgradable_read();
    let mut written = parking_lot::RwLockUpgradableReadGuard::upgrade(upgradable);
    *written += 1;
    let read: parking_lot::RwLockReadGuard<'_, u8> = parking_lot::RwLockWriteGuard::downgrade(written);
    assert_eq!((*read, lock.try_read_for(Duration::ZERO).is_some()), (1, true));
    drop(read);
    assert_eq!(*parking_lot::FairMutex::new(1).named("parity fair").lock(), 1);
    assert_eq!(*parking_lot::RecursiveRwLock::new(1).named("parity again").read(), 1);
}

fn tokio_ones() {
    let lock = tokio::Mutex::new(1).named("parity async");
    let mut guard: tokio::MutexGuard<'_, i32> = now(lock.lock());
    *guard += 1;
    let refused: Result<_, tokio::TryLockError> = lock.try_lock();
    assert!(refused.is_err());
    drop((guard, refused));
    assert_eq!(*lock.blocking_lock(), 2);
    assert_eq!(lock.into_inner(), 2);
    let lock = tokio::RwLock::with_max_readers(1, 2).named("parity async readers");
    let written: tokio::RwLockWriteGuard<'_, i32> = now(lock.write());
    let read: tokio::RwLockReadGuard<'_, i32> = written.downgrade();
    assert_eq!((*read, *now(lock.read()), lock.try_write().is_err()), (1, 1, true));
}

fn permits_and_notifications() {
    let semaphore = Arc::new(tokio::Semaphore::new(4).named("parity permits"));
    let mut permits: tokio::SemaphorePermit<'_> = now(semaphore.acquire_many(2)).unwrap();
    drop(permits.split(1));
    let refused: Result<_, tokio::TryAcquireError> = semaphore.try_acquire_many(4);
    assert!(refused.is_err() && permits.num_permits() == 1 && permits.semaphore().available_permits() == 3);
    drop(refused);
    permits.merge(semaphore.try_acquire().unwrap());
    let owned: tokio::OwnedSemaphorePermit = now(semaphore.clone().acquire_owned()).unwrap();
    owned.forget();
    drop(permits);
    drop((semaphore.clone().try_acquire_owned(), now(semaphore.clone().acquire_many_owned(2))));
    semaphore.add_permits(tokio::Semaphore::MAX_PERMITS - 3);
    semaphore.close();
    let closed: Result<_, tokio::AcquireError> = semaphore.blocking_acquire();
    assert!(closed.is_err() && semaphore.is_closed());
    static NOTIFY: tokio::Notify = tokio::Notify::const_new();
    NOTIFY.notify_one();
    let mut notified: std::pin::Pin<Box<tokio::futures::Notified<'_>>> = Box::pin(NOTIFY.notified());
    assert!(notified.as_mut().enable());
    now(notified);
    let notify = Arc::new(tokio::Notify::new().named("parity news"));
    let owned: tokio::futures::OwnedNotified = notify.clone().notified_owned();
    notify.notify_waiters();
    now(owned);
}

fn async_channels() {
    let (sender, receiver) = async_channel::bounded(2).named("parity async channel");
    now(sender.send(1)).unwrap();
    sender.send_blocking(2).unwrap();
    assert!(matches!(sender.try_send(3), Err(async_channel::TrySendError::Full(3))));
    assert_eq!((sender.force_send(4), now(receiver.recv()), receiver.len()), (Ok(Some(1)), Ok(2), 1));
    let weak: async_channel::WeakSender<i32> = sender.downgrade();
    let weak_receiver: async_channel::WeakReceiver<i32> = receiver.downgrade();
    assert!(weak.upgrade().is_some() && weak_receiver.upgrade().is_some());
    assert_eq!((receiver.recv_blocking(), receiver.try_recv()), (Ok(4), Err(async_channel::TryRecvError::Empty)));
    drop(async_channel::unbounded::<u8>().named("parity async unbounded"));
}

fn owned_and_mapped_ones() {
    let lock = Arc::new(tokio::Mutex::new((1, 2)));
    let owned: tokio::OwnedMutexGuard<(i32, i32)> = now(lock.clone().lock_owned());
    let part: tokio::OwnedMappedMutexGuard<_, i32> = tokio::OwnedMutexGuard::map(owned, |pair| &mut pair.0);
    assert!(lock.clone().try_lock_owned().is_err() && *part == 1);
    drop(part);
    let part: tokio::MappedMutexGuard<'_, i32> = tokio::MutexGuard::map(now(lock.lock()), |pair| &mut pair.1);
    drop(tokio::MappedMutexGuard::try_map(part, |part| Some(part)));
    assert_eq!(lock.clone().blocking_lock_owned().1, 2);
    let lock = Arc::new(tokio::RwLock::new((1, 2)));
    let written: tokio::OwnedRwLockWriteGuard<_> = now(lock.clone().write_owned());
    let mapped: tokio::OwnedRwLockMappedWriteGuard<_, i32> =
        tokio::OwnedRwLockWriteGuard::map(written, |pair| &mut pair.0);
    drop(mapped);
    let read: tokio::OwnedRwLockReadGuard<_, i32> =
        tokio::OwnedRwLockReadGuard::map(now(lock.clone().read_owned()), |pair| &pair.1);
    assert!(*read == 2 && lock.clone().try_read_owned().is_ok() && lock.clone().try_write_owned().is_err());
    drop(read);
    let mapped: tokio::RwLockMappedWriteGuard<'_, _> = tokio::RwLockWriteGuard::into_mapped(now(lock.write()));
    drop(mapped);
}

fn other_channels() {
    let (sender, receiver) = flume::bounded(3).named("parity flume");
    sender.send(1).unwrap();
    now(sender.send_async(2)).unwrap();
    now(sender.clone().into_send_async(3)).unwrap();
    assert!(matches!(sender.try_send(4), Err(flume::TrySendError::Full(4))));
    assert_eq!((receiver.recv(), now(receiver.recv_async())), (Ok(1), Ok(2)));
    let weak: flume::WeakSender<i32> = sender.downgrade();
    assert_eq!((receiver.drain().len(), weak.upgrade().is_some()), (1, true));
    drop(flume::unbounded::<u8>().named("parity flume unbounded"));

    let (sender, mut receiver) = broadcast::channel(1).named("parity broadcast");
    assert_eq!((sender.send(1).unwrap(), now(receiver.recv()).unwrap()), (1, 1));
    let weak: broadcast::WeakSender<i32> = sender.downgrade();
    assert!(weak.upgrade().is_some() && sender.subscribe().try_recv().is_err());
    drop(broadcast::Sender::<u8>::new(1).subscribe().resubscribe());

    let (sender, receiver) = oneshot::channel().named("parity oneshot");
    sender.send(1).unwrap();
    assert_eq!(now(receiver), Ok(1));
    let (sender, mut receiver) = watch::channel(1).named("parity watch");
    sender.send(2).unwrap();
    now(receiver.changed()).unwrap();
    let seen: watch::Ref<'_, i32> = receiver.borrow_and_update();
    assert_eq!(*seen, 2);
    drop(watch::Sender::new(1).subscribe());
}

fn channels() {
    let (sender, receiver) = mpsc::channel().named("parity channel");
    let (bounded, other): (mpsc::SyncSender<u8>, mpsc::Receiver<u8>) = mpsc::sync_channel(1).named("parity bounded");
    sender.clone().send(1).unwrap();
    bounded.send(2).unwrap();
    assert!(matches!(bounded.try_send(3), Err(mpsc::TrySendError::Full(3))));
    assert_eq!((receiver.recv(), other.recv_timeout(Duration::ZERO)), (Ok(1), Ok(2)));
    assert_eq!((receiver.try_iter().next(), receiver.try_recv()), (None, Err(mpsc::TryRecvError::Empty)));
    drop((sender, bounded));
    assert_eq!((receiver.iter().next(), other.into_iter().next()), (None, None));

    let (sender, receiver) = crossbeam::bounded(2).named("parity beam");
    sender.send(1).unwrap();
    sender.send_timeout(2, Duration::ZERO).unwrap();
    assert!(sender.try_send(3).is_err() && sender.send_deadline(3, Instant::now()).is_err());
    assert_eq!((receiver.len(), receiver.recv(), receiver.recv_timeout(Duration::ZERO)), (2, Ok(1), Ok(2)));
    assert!(receiver.try_recv().is_err() && receiver.recv_deadline(Instant::now()).is_err());
    crossbeam::select! { recv(receiver) -> _ => panic!("there is none"), default => {} }
    drop(sender);
    assert_eq!((receiver.try_iter().next(), receiver.iter().next(), receiver.into_iter().next()), (None, None, None));
    drop(crossbeam::unbounded::<u8>().named("parity unbounded beam"));
    let receivers: [crossbeam::Receiver<Instant>; 3] =
        [crossbeam::after(Duration::ZERO), crossbeam::at(Instant::now()), crossbeam::tick(Duration::ZERO)];
    assert!(receivers[0].recv().is_ok() && crossbeam::never::<u8>().try_recv().is_err());

    let (sender, mut receiver) = tokio_mpsc::channel(3).named("parity async channel");
    now(sender.send(1)).unwrap();
    now(sender.reserve()).unwrap().send(2);
    let sender = now(sender.reserve_owned()).unwrap().send(3);
    assert!(sender.try_send(4).is_err() && sender.try_reserve().is_err());
    assert_eq!((now(receiver.recv()), receiver.try_recv(), receiver.blocking_recv()), (Some(1), Ok(2), Some(3)));
    let weak: tokio_mpsc::WeakSender<u8> = sender.downgrade();
    assert!(weak.upgrade().is_some_and(|sender| sender.same_channel(&sender)));
    receiver.close();
    let (sender, mut receiver) = tokio_mpsc::unbounded_channel().named("parity async unbounded");
    sender.send(1).unwrap();
    let mut all = Vec::new();
    assert_eq!((now(receiver.recv_many(&mut all, 2)), all), (1, vec![1]));
    let weak: tokio_mpsc::WeakUnboundedSender<u8> = sender.downgrade();
    drop(sender);
    assert!(weak.upgrade().is_none() && now(receiver.recv()).is_none());
}

pub(crate) fn use_all() {
    are_the_originals();
    std_ones();
    parking_lot_ones();
    tokio_ones();
    owned_and_mapped_ones();
    channels();
    other_channels();
    async_channels();
    permits_and_notifications();
}
