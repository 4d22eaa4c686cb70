//! Guards that keep their lock alive: that of tokio's inside, the hold, and an `Arc` of the lock.
//!
//! The owned guards of tokio hold an `Arc` of tokio's lock, which here is a part of ours. So the guard inside is one that borrows, and
//! its borrow lasts as long as the `Arc` beside it.
#![allow(unsafe_code, reason = "this file's subject is a borrow that the value beside it keeps alive")]

use core::fmt;
use core::ops::{Deref, DerefMut};
use std::sync::Arc;

use ::tokio::sync;
use ::tokio::sync::TryLockError;

use super::guard::Guard;
use super::{Mutex, RwLock};
use crate::locks::meter::{Hold, Meter, Waits};

/// A guard of tokio's, whose hold is reported, and the lock that it keeps.
#[must_use = "if unused the lock will immediately unlock"]
pub struct OwnedGuard<G, L: ?Sized> {
    /// It borrows from `lock`, so it stands before it and is dropped first.
    guard: Guard<'static, G>,
    lock: Arc<L>,
}

/// As [`tokio::sync::OwnedMutexGuard`](::tokio::sync::OwnedMutexGuard).
pub type OwnedMutexGuard<T> = OwnedGuard<sync::MutexGuard<'static, T>, Mutex<T>>;

/// As [`tokio::sync::OwnedMappedMutexGuard`](::tokio::sync::OwnedMappedMutexGuard).
pub type OwnedMappedMutexGuard<T, U> = OwnedGuard<sync::MappedMutexGuard<'static, U>, Mutex<T>>;

/// As [`tokio::sync::OwnedRwLockReadGuard`](::tokio::sync::OwnedRwLockReadGuard).
pub type OwnedRwLockReadGuard<T, U = T> = OwnedGuard<sync::RwLockReadGuard<'static, U>, RwLock<T>>;

/// As [`tokio::sync::OwnedRwLockWriteGuard`](::tokio::sync::OwnedRwLockWriteGuard).
pub type OwnedRwLockWriteGuard<T> = OwnedGuard<sync::RwLockWriteGuard<'static, T>, RwLock<T>>;

/// As [`tokio::sync::OwnedRwLockMappedWriteGuard`](::tokio::sync::OwnedRwLockMappedWriteGuard).
pub type OwnedRwLockMappedWriteGuard<T, U = T> = OwnedGuard<sync::RwLockMappedWriteGuard<'static, U>, RwLock<T>>;

/// Its lock, for as long as it says.
///
/// # Safety
/// The `Arc` outlives the borrow and all that is made of it.
pub(super) unsafe fn borrow<'a, L: ?Sized>(lock: &Arc<L>) -> &'a L {
    // SAFETY: what an `Arc` owns stays in its place until the last one is dropped.
    unsafe { &*Arc::as_ptr(lock) }
}

impl<G, L: ?Sized> OwnedGuard<G, L> {
    fn new(inner: G, meter: &'static Meter, hold: Hold, lock: Arc<L>) -> Self {
        OwnedGuard { guard: Guard::new(inner, meter, hold), lock }
    }

    /// Another guard for the same hold. Should `change` panic, then it has dropped the guard before the lock is dropped here.
    pub(super) fn with<H>(self, change: impl FnOnce(G) -> H) -> OwnedGuard<H, L> {
        let OwnedGuard { guard, lock } = self;
        OwnedGuard { guard: guard.with(change), lock }
    }

    /// Another guard for the same hold, or this one.
    pub(super) fn try_with<H>(self, change: impl FnOnce(G) -> Result<H, G>) -> Result<OwnedGuard<H, L>, Self> {
        let OwnedGuard { guard, lock } = self;
        match guard.try_with(change) {
            Ok(guard) => Ok(OwnedGuard { guard, lock }),
            Err(guard) => Err(OwnedGuard { guard, lock }),
        }
    }
}

impl<G: Deref, L: ?Sized> Deref for OwnedGuard<G, L> {
    type Target = G::Target;

    #[inline]
    fn deref(&self) -> &G::Target {
        &self.guard
    }
}

impl<G: DerefMut, L: ?Sized> DerefMut for OwnedGuard<G, L> {
    #[inline]
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.guard
    }
}

impl<G: fmt::Debug, L: ?Sized> fmt::Debug for OwnedGuard<G, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.guard.fmt(f)
    }
}

impl<G: fmt::Display, L: ?Sized> fmt::Display for OwnedGuard<G, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.guard.fmt(f)
    }
}

/// The three ways to acquire a lock for a guard that keeps it.
macro_rules! owned {
    ($($Lock:ident, $Guard:ident: $wait:ident $attempt:ident $($block:ident)?, by $by:ident $attempt_by:ident $($block_by:ident)?;)*) => {
        $(
            impl<T: ?Sized + 'static> $Lock<T> {
                #[doc = concat!("As [`tokio::sync::", stringify!($Lock), "::", stringify!($wait), "`](::tokio::sync::", stringify!($Lock), "::", stringify!($wait), ").")]
                pub async fn $wait(self: Arc<Self>) -> $Guard<T> {
                    // SAFETY: `self` lives until the future ends and is then in the guard; it is dropped after what borrows it.
                    let lock = unsafe { borrow(&self) };
                    let (inner, hold) = lock.meter.acquire(lock.inner.$by()).await;
                    OwnedGuard::new(inner, &lock.meter, hold, self)
                }

                #[doc = concat!("As [`tokio::sync::", stringify!($Lock), "::", stringify!($attempt), "`](::tokio::sync::", stringify!($Lock), "::", stringify!($attempt), ").")]
                ///
                /// # Errors
                /// If somebody else holds it.
                pub fn $attempt(self: Arc<Self>) -> Result<$Guard<T>, TryLockError> {
                    // SAFETY: `self` is dropped at the end or is in the guard.
                    let lock = unsafe { borrow(&self) };
                    let inner = lock.inner.$attempt_by()?;
                    Ok(OwnedGuard::new(inner, &lock.meter, lock.meter.acquired_by_task(), self))
                }

                $(
                    #[doc = concat!("As [`tokio::sync::", stringify!($Lock), "::", stringify!($block), "`](::tokio::sync::", stringify!($Lock), "::", stringify!($block), ").")]
                    ///
                    /// # Panics
                    /// In an async context.
                    #[track_caller]
                    pub fn $block(self: Arc<Self>) -> $Guard<T> {
                        // SAFETY: `self` is in the guard, or dropped at the end of a panic.
                        let lock = unsafe { borrow(&self) };
                        let waiting = lock.meter.begin_wait(Waits::Otherwise);
                        let inner = lock.inner.$block_by();
                        OwnedGuard::new(inner, &lock.meter, lock.meter.end_wait_of_task(waiting), self)
                    }
                )?
            }
        )*
    };
}

owned! {
    Mutex, OwnedMutexGuard: lock_owned try_lock_owned blocking_lock_owned, by lock try_lock blocking_lock;
    RwLock, OwnedRwLockReadGuard: read_owned try_read_owned, by read try_read;
    RwLock, OwnedRwLockWriteGuard: write_owned try_write_owned, by write try_write;
}

impl<T: ?Sized + 'static> OwnedMutexGuard<T> {
    /// Its lock.
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.lock
    }
}

impl<G, T: ?Sized> OwnedGuard<G, RwLock<T>> {
    /// Its lock.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}
