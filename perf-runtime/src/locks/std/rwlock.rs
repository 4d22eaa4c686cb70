//! `RwLock`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{self, LockResult, PoisonError, TryLockError, TryLockResult};
use std::thread::panicking;

use super::acquired::Acquired;
use super::owner::Owner;
use crate::Named;
use crate::locks::meter::{Access, Hold, Meter, Waits};
use crate::platform::clock;

/// A [`std::sync::RwLock`] that reports who waits for it, and for how long it is held.
///
/// Readers and writers are in one row, and their callers tell them apart.
pub struct RwLock<T: ?Sized> {
    pub(super) meter: Meter,
    inner: sync::RwLock<T>,
}

impl<T> RwLock<T> {
    /// As [`std::sync::RwLock::new`].
    ///
    /// The row in the reports is that of the place where this stands.
    #[track_caller]
    #[must_use]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock { meter: Meter::new::<T>("RwLock", Location::caller()), inner: sync::RwLock::new(value) }
    }

    /// As [`std::sync::RwLock::into_inner`].
    ///
    /// # Errors
    /// If it is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As [`std::sync::RwLock::is_poisoned`].
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// As [`std::sync::RwLock::clear_poison`].
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// As [`std::sync::RwLock::get_mut`].
    ///
    /// # Errors
    /// If it is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

/// A [`std::sync::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    /// `None` only while it is dropped.
    inner: Option<sync::RwLockReadGuard<'a, T>>,
    /// Not the lock, which would have the contents live for exactly as long as the guard says. A reader poisons nothing.
    meter: &'a Meter,
    hold: Hold,
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    #[inline]
    fn of(lock: &'a RwLock<T>, inner: sync::RwLockReadGuard<'a, T>, hold: Hold) -> Self {
        RwLockReadGuard { inner: Some(inner), meter: &lock.meter, hold }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.hold.is_timed() {
            release_slowly(self.inner.take(), self.meter, self.hold, || false);
        } else {
            self.meter.releases(self.hold);
        }
    }
}

/// A [`std::sync::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    /// `None` only while it is dropped.
    inner: Option<sync::RwLockWriteGuard<'a, T>>,
    lock: Owner<'a, RwLock<T>>,
    hold: Hold,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    #[inline]
    fn of(lock: &'a RwLock<T>, inner: sync::RwLockWriteGuard<'a, T>, hold: Hold) -> Self {
        RwLockWriteGuard { inner: Some(inner), lock: Owner::new(lock), hold }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.hold.is_timed() || panicking() && self.inner.is_some() {
            let lock = self.lock.lock();
            release_slowly(self.inner.take(), &lock.meter, self.hold, || lock.is_poisoned());
        } else {
            self.lock.meter().releases(self.hold);
        }
    }
}

/// The methods of one of the two ways to acquire it, and the traits of its guard.
macro_rules! access {
    ($Guard:ident, $lock:ident, $try_lock:ident, $access:expr) => {
        impl<T: ?Sized> RwLock<T> {
            #[doc = concat!("As [`std::sync::RwLock::", stringify!($lock), "`].")]
            ///
            /// # Errors
            /// If it is poisoned.
            #[inline(always)]
            pub fn $lock(&self) -> LockResult<$Guard<'_, T>> {
                /// It is held, or poisoned.
                #[cold]
                #[inline(never)]
                fn slowly<'a, T: ?Sized>(
                    lock: &'a RwLock<T>,
                    error: TryLockError<sync::$Guard<'a, T>>,
                ) -> Acquired<sync::$Guard<'a, T>> {
                    match error {
                        TryLockError::Poisoned(error) => Acquired::new(Err(error), lock.meter.acquired($access)),
                        TryLockError::WouldBlock => {
                            let waiting = lock.meter.begin_wait(Waits::ForEver($access));
                            let result = lock.inner.$lock();
                            Acquired::new(result, lock.meter.end_wait(waiting, $access))
                        }
                    }
                }

                let (inner, hold, poisoned) = match self.inner.$try_lock() {
                    Ok(inner) => (inner, self.meter.acquired($access), false),
                    Err(error) => {
                        let Acquired { inner, hold, poisoned } = slowly(self, error);
                        (inner, hold, poisoned)
                    }
                };
                let guard = $Guard::of(self, inner, hold);
                if poisoned { Err(PoisonError::new(guard)) } else { Ok(guard) }
            }

            #[doc = concat!("As [`std::sync::RwLock::", stringify!($try_lock), "`].")]
            ///
            /// # Errors
            /// If it is poisoned, or held by somebody else.
            #[inline]
            pub fn $try_lock(&self) -> TryLockResult<$Guard<'_, T>> {
                match self.inner.$try_lock() {
                    Ok(inner) => Ok($Guard::of(self, inner, self.meter.acquired($access))),
                    Err(TryLockError::Poisoned(error)) => {
                        Err(PoisonError::new($Guard::of(self, error.into_inner(), self.meter.acquired($access))).into())
                    }
                    Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
                }
            }
        }

        impl<T: ?Sized> Deref for $Guard<'_, T> {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                self.inner.as_ref().expect("it is there until the guard is dropped")
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $Guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $Guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
}

/// As that of a mutex.
#[cold]
#[inline(never)]
fn release_slowly<G>(inner: Option<G>, meter: &Meter, hold: Hold, is_poisoned: impl Fn() -> bool) {
    let (end, was_poisoned) = (clock::now(), is_poisoned());
    meter.releases(hold);
    // Unlocked first: nobody waits for what is recorded of it.
    drop(inner);
    meter.released(hold, end, !was_poisoned && is_poisoned());
}

access!(RwLockReadGuard, read, try_read, Access::Shared);
access!(RwLockWriteGuard, write, try_write, Access::Alone);

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it is there until the guard is dropped")
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// As [`std::sync::RwLockWriteGuard::downgrade`]. It remains one hold.
    pub fn downgrade(mut guard: Self) -> RwLockReadGuard<'a, T> {
        let lock = guard.lock.lock();
        let hold = lock.meter.is_shared_now(std::mem::take(&mut guard.hold));
        let inner = guard.inner.take().expect("it is there until the guard is dropped");
        RwLockReadGuard::of(lock, sync::RwLockWriteGuard::downgrade(inner), hold)
    }
}

impl<T> Named for RwLock<T> {
    fn named(mut self, name: &'static str) -> Self {
        self.meter.set_name(name);
        self
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
