//! `Mutex`.

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

/// A [`std::sync::Mutex`] that reports who waits for it, and for how long it is held.
///
/// ```
/// use perf_runtime::locks::std::Mutex;
///
/// static COUNT: Mutex<u32> = Mutex::new(0);
/// *COUNT.lock().unwrap() += 1;
/// assert_eq!(*COUNT.lock().unwrap(), 1);
/// ```
pub struct Mutex<T: ?Sized> {
    pub(super) meter: Meter,
    inner: sync::Mutex<T>,
}

/// A [`std::sync::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    /// `None` only while it is dropped.
    inner: Option<sync::MutexGuard<'a, T>>,
    lock: Owner<'a, Mutex<T>>,
    hold: Hold,
}

impl<T> Mutex<T> {
    /// As [`std::sync::Mutex::new`].
    ///
    /// The row in the reports is that of the place where this stands.
    #[track_caller]
    #[must_use]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex { meter: Meter::new::<T>("Mutex", Location::caller()), inner: sync::Mutex::new(value) }
    }

    /// As [`std::sync::Mutex::into_inner`].
    ///
    /// # Errors
    /// If it is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// As [`std::sync::Mutex::lock`].
    ///
    /// # Errors
    /// If it is poisoned.
    #[inline(always)]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let (inner, hold, poisoned) = match self.inner.try_lock() {
            Ok(inner) => (inner, self.meter.acquired(Access::Alone), false),
            Err(error) => {
                let Acquired { inner, hold, poisoned } = self.lock_slowly(error);
                (inner, hold, poisoned)
            }
        };
        let guard = self.guard(inner, hold);
        if poisoned { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }

    /// It is held, or poisoned.
    #[cold]
    #[inline(never)]
    fn lock_slowly<'a>(&'a self, error: TryLockError<sync::MutexGuard<'a, T>>) -> Acquired<sync::MutexGuard<'a, T>> {
        match error {
            TryLockError::Poisoned(error) => Acquired::new(Err(error), self.meter.acquired(Access::Alone)),
            TryLockError::WouldBlock => {
                let waiting = self.meter.begin_wait(Waits::ForEver(Access::Alone));
                let result = self.inner.lock();
                Acquired::new(result, self.meter.end_wait(waiting, Access::Alone))
            }
        }
    }

    /// As [`std::sync::Mutex::try_lock`].
    ///
    /// # Errors
    /// If it is poisoned, or held by somebody else.
    #[inline]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.inner.try_lock() {
            Ok(inner) => Ok(self.guard(inner, self.meter.acquired(Access::Alone))),
            Err(TryLockError::Poisoned(error)) => {
                Err(PoisonError::new(self.guard(error.into_inner(), self.meter.acquired(Access::Alone))).into())
            }
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        }
    }

    /// As [`std::sync::Mutex::is_poisoned`].
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// As [`std::sync::Mutex::clear_poison`].
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// As [`std::sync::Mutex::get_mut`].
    ///
    /// # Errors
    /// If it is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }

    #[inline]
    fn guard<'a>(&'a self, inner: sync::MutexGuard<'a, T>, hold: Hold) -> MutexGuard<'a, T> {
        MutexGuard { inner: Some(inner), lock: Owner::new(self), hold }
    }
}

impl<T> Named for Mutex<T> {
    fn named(mut self, name: &'static str) -> Self {
        self.meter.set_name(name);
        self
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The inner guard, for a condition variable to wait with. The hold ends here.
    pub(super) fn into_parts(mut self) -> (sync::MutexGuard<'a, T>, Parts<'a, T>) {
        let end = if self.hold.is_timed() { clock::now() } else { 0 };
        let (inner, lock) = (self.inner.take().expect("it is there until the guard is dropped"), self.lock.lock());
        let hold = std::mem::take(&mut self.hold);
        lock.meter.releases(hold);
        lock.meter.released(hold, end, false);
        (inner, Parts { lock, was_poisoned: lock.is_poisoned() })
    }
}

/// The parts that make a guard anew. If they are dropped instead, somebody panicked who had the inner guard: a condition.
pub(super) struct Parts<'a, T: ?Sized> {
    lock: &'a Mutex<T>,
    was_poisoned: bool,
}

impl<'a, T: ?Sized> Parts<'a, T> {
    pub(super) fn guard(self, inner: sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        let lock = self.lock;
        std::mem::forget(self);
        lock.guard(inner, lock.meter.acquired(Access::Alone))
    }
}

impl<T: ?Sized> Drop for Parts<'_, T> {
    #[cold]
    fn drop(&mut self) {
        let poisoned = !self.was_poisoned && self.lock.is_poisoned();
        self.lock.meter.released(Hold::NOT_TIMED, 0, poisoned);
    }
}

/// Takes the parts of a guard, and not where it lies, so that it can be in registers.
#[cold]
#[inline(never)]
fn release_slowly<T: ?Sized>(inner: Option<sync::MutexGuard<'_, T>>, lock: &Mutex<T>, hold: Hold) {
    let (end, was_poisoned) = (clock::now(), lock.is_poisoned());
    lock.meter.releases(hold);
    // Unlocked first: nobody waits for what is recorded of it.
    drop(inner);
    lock.meter.released(hold, end, !was_poisoned && lock.is_poisoned());
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.hold.is_timed() || panicking() && self.inner.is_some() {
            release_slowly(self.inner.take(), self.lock.lock(), self.hold);
        } else {
            self.lock.meter().releases(self.hold);
        }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.inner.as_ref().expect("it is there until the guard is dropped")
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it is there until the guard is dropped")
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
