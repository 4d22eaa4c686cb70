//! `Mutex`.

use core::fmt;
use core::panic::Location;

use ::tokio::sync;
use ::tokio::sync::TryLockError;

use super::guard::Guard;
use crate::Named;
use crate::locks::meter::{Meter, Waits};

/// A [`tokio::sync::Mutex`](::tokio::sync::Mutex) that reports who waits for it.
///
/// ```
/// use perf_runtime::locks::tokio::Mutex;
///
/// # async fn count() {
/// let count = Mutex::new(0);
/// *count.lock().await += 1;
/// # }
/// ```
pub struct Mutex<T: ?Sized> {
    pub(super) meter: Meter,
    pub(super) inner: sync::Mutex<T>,
}

/// A [`tokio::sync::MutexGuard`](::tokio::sync::MutexGuard).
pub type MutexGuard<'a, T> = Guard<'a, sync::MutexGuard<'a, T>>;

/// A [`tokio::sync::MappedMutexGuard`](::tokio::sync::MappedMutexGuard).
pub type MappedMutexGuard<'a, T> = Guard<'a, sync::MappedMutexGuard<'a, T>>;

impl<T> Mutex<T> {
    /// As [`tokio::sync::Mutex::new`](::tokio::sync::Mutex::new). The row is that of the place where this stands.
    #[track_caller]
    #[must_use]
    pub fn new(value: T) -> Mutex<T> {
        Mutex { meter: Meter::new::<T>("Mutex", Location::caller()), inner: sync::Mutex::new(value) }
    }

    /// As [`tokio::sync::Mutex::const_new`](::tokio::sync::Mutex::const_new).
    #[track_caller]
    #[must_use]
    pub const fn const_new(value: T) -> Mutex<T> {
        Mutex { meter: Meter::new::<T>("Mutex", Location::caller()), inner: sync::Mutex::const_new(value) }
    }

    /// The value inside.
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// As [`tokio::sync::Mutex::lock`](::tokio::sync::Mutex::lock).
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        let (inner, hold) = self.meter.acquire(self.inner.lock()).await;
        Guard::new(inner, &self.meter, hold)
    }

    /// As [`tokio::sync::Mutex::try_lock`](::tokio::sync::Mutex::try_lock).
    ///
    /// # Errors
    /// If somebody else holds it.
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        Ok(Guard::new(self.inner.try_lock()?, &self.meter, self.meter.acquired_by_task()))
    }

    /// As [`tokio::sync::Mutex::blocking_lock`](::tokio::sync::Mutex::blocking_lock).
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        let waiting = self.meter.begin_wait(Waits::Otherwise);
        let inner = self.inner.blocking_lock();
        Guard::new(inner, &self.meter, self.meter.end_wait_of_task(waiting))
    }

    /// The value inside, without locking.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
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
