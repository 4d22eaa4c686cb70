//! `RwLock`.

use core::fmt;
use core::panic::Location;

use ::tokio::sync;
use ::tokio::sync::TryLockError;

use super::guard::Guard;
use crate::Named;
use crate::locks::meter::{Meter, Waits};

/// A [`tokio::sync::RwLock`](::tokio::sync::RwLock) that reports who waits for it.
///
/// ```
/// use perf_runtime::locks::tokio::RwLock;
///
/// # async fn count() {
/// let count = RwLock::new(0);
/// *count.write().await += 1;
/// # }
/// ```
pub struct RwLock<T: ?Sized> {
    pub(super) meter: Meter,
    pub(super) inner: sync::RwLock<T>,
}

/// A [`tokio::sync::RwLockReadGuard`](::tokio::sync::RwLockReadGuard).
pub type RwLockReadGuard<'a, T> = Guard<'a, sync::RwLockReadGuard<'a, T>>;

/// A [`tokio::sync::RwLockWriteGuard`](::tokio::sync::RwLockWriteGuard).
pub type RwLockWriteGuard<'a, T> = Guard<'a, sync::RwLockWriteGuard<'a, T>>;

/// A [`tokio::sync::RwLockMappedWriteGuard`](::tokio::sync::RwLockMappedWriteGuard).
pub type RwLockMappedWriteGuard<'a, T> = Guard<'a, sync::RwLockMappedWriteGuard<'a, T>>;

impl<T> RwLock<T> {
    /// As [`tokio::sync::RwLock::new`](::tokio::sync::RwLock::new). The row is that of the place where this stands.
    #[track_caller]
    #[must_use]
    pub fn new(value: T) -> RwLock<T> {
        RwLock { meter: Meter::new::<T>("RwLock", Location::caller()), inner: sync::RwLock::new(value) }
    }

    /// As [`tokio::sync::RwLock::const_new`](::tokio::sync::RwLock::const_new).
    #[track_caller]
    #[must_use]
    pub const fn const_new(value: T) -> RwLock<T> {
        RwLock { meter: Meter::new::<T>("RwLock", Location::caller()), inner: sync::RwLock::const_new(value) }
    }

    /// As [`tokio::sync::RwLock::with_max_readers`](::tokio::sync::RwLock::with_max_readers).
    ///
    /// # Panics
    /// If there are more readers than tokio allows.
    #[track_caller]
    #[must_use]
    pub fn with_max_readers(value: T, readers: u32) -> RwLock<T> {
        let inner = sync::RwLock::with_max_readers(value, readers);
        RwLock { meter: Meter::new::<T>("RwLock", Location::caller()), inner }
    }

    /// As [`tokio::sync::RwLock::const_with_max_readers`](::tokio::sync::RwLock::const_with_max_readers).
    ///
    /// # Panics
    /// If there are more readers than tokio allows.
    #[track_caller]
    #[must_use]
    pub const fn const_with_max_readers(value: T, readers: u32) -> RwLock<T> {
        let inner = sync::RwLock::const_with_max_readers(value, readers);
        RwLock { meter: Meter::new::<T>("RwLock", Location::caller()), inner }
    }

    /// The value inside.
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As [`tokio::sync::RwLock::read`](::tokio::sync::RwLock::read).
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        let (inner, hold) = self.meter.acquire(self.inner.read()).await;
        Guard::new(inner, &self.meter, hold)
    }

    /// As [`tokio::sync::RwLock::try_read`](::tokio::sync::RwLock::try_read).
    ///
    /// # Errors
    /// If somebody else holds it.
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        Ok(Guard::new(self.inner.try_read()?, &self.meter, self.meter.acquired_by_task()))
    }

    /// As [`tokio::sync::RwLock::blocking_read`](::tokio::sync::RwLock::blocking_read).
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        let waiting = self.meter.begin_wait(Waits::Otherwise);
        let inner = self.inner.blocking_read();
        Guard::new(inner, &self.meter, self.meter.end_wait_of_task(waiting))
    }

    /// As [`tokio::sync::RwLock::write`](::tokio::sync::RwLock::write).
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        let (inner, hold) = self.meter.acquire(self.inner.write()).await;
        Guard::new(inner, &self.meter, hold)
    }

    /// As [`tokio::sync::RwLock::try_write`](::tokio::sync::RwLock::try_write).
    ///
    /// # Errors
    /// If somebody else holds it.
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        Ok(Guard::new(self.inner.try_write()?, &self.meter, self.meter.acquired_by_task()))
    }

    /// As [`tokio::sync::RwLock::blocking_write`](::tokio::sync::RwLock::blocking_write).
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        let waiting = self.meter.begin_wait(Waits::Otherwise);
        let inner = self.inner.blocking_write();
        Guard::new(inner, &self.meter, self.meter.end_wait_of_task(waiting))
    }

    /// The value inside, without locking.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
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
