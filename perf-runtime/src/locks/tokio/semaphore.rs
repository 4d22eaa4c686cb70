//! `Semaphore` and its permits.

use core::fmt;
use core::panic::Location;

use ::tokio::sync;
use ::tokio::sync::{AcquireError, TryAcquireError};

use super::guard::Guard;
use crate::Named;
use crate::locks::meter::{Hold, Meter, Waits};
use crate::platform::clock;

/// A [`tokio::sync::Semaphore`](::tokio::sync::Semaphore) that reports who waits for its permits.
///
/// Each acquisition is one call of its row and one hold, of however many permits.
///
/// ```
/// use perf_runtime::locks::tokio::Semaphore;
///
/// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
/// static CONNECTIONS: Semaphore = Semaphore::const_new(10);
/// let _permit = CONNECTIONS.acquire().await?;
/// # Ok(())
/// # }
/// ```
pub struct Semaphore {
    pub(super) meter: Meter,
    pub(super) inner: sync::Semaphore,
}

/// A [`tokio::sync::SemaphorePermit`](::tokio::sync::SemaphorePermit).
#[must_use]
pub struct SemaphorePermit<'a> {
    guard: Guard<'a, sync::SemaphorePermit<'a>>,
    semaphore: &'a Semaphore,
}

impl Semaphore {
    /// As [`tokio::sync::Semaphore::MAX_PERMITS`](::tokio::sync::Semaphore::MAX_PERMITS).
    pub const MAX_PERMITS: usize = sync::Semaphore::MAX_PERMITS;

    /// As [`tokio::sync::Semaphore::new`](::tokio::sync::Semaphore::new). The row is that of the place where this stands.
    ///
    /// # Panics
    /// If there are more permits than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    #[must_use]
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { meter: Meter::new::<()>("Semaphore", Location::caller()), inner: sync::Semaphore::new(permits) }
    }

    /// As [`tokio::sync::Semaphore::const_new`](::tokio::sync::Semaphore::const_new).
    ///
    /// # Panics
    /// As [`new`](Self::new).
    #[track_caller]
    #[must_use]
    pub const fn const_new(permits: usize) -> Semaphore {
        let meter = Meter::new::<()>("Semaphore", Location::caller());
        Semaphore { meter, inner: sync::Semaphore::const_new(permits) }
    }

    /// The permits that are available.
    pub fn available_permits(&self) -> usize {
        self.inner.available_permits()
    }

    /// Adds permits.
    ///
    /// # Panics
    /// If there are then more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn add_permits(&self, permits: usize) {
        self.inner.add_permits(permits);
    }

    /// Takes permits away that are available, and says how many these were.
    pub fn forget_permits(&self, permits: usize) -> usize {
        self.inner.forget_permits(permits)
    }

    /// Acquires a permit, and waits for it.
    ///
    /// # Errors
    /// If the semaphore is closed.
    pub async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.acquire_many(1).await
    }

    /// Acquires permits, and waits for them.
    ///
    /// # Errors
    /// If the semaphore is closed.
    pub async fn acquire_many(&self, permits: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let (permit, hold) = self.meter.acquire_if(self.inner.acquire_many(permits), Result::is_ok).await;
        Ok(self.permit(permit?, hold))
    }

    /// Acquires a permit that is available.
    ///
    /// # Errors
    /// If there is none, or the semaphore is closed.
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Acquires permits that are available.
    ///
    /// # Errors
    /// If there are not so many, or the semaphore is closed.
    pub fn try_acquire_many(&self, permits: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        Ok(self.permit(self.inner.try_acquire_many(permits)?, self.meter.acquired_by_task()))
    }

    /// As [`tokio::sync::Semaphore::blocking_acquire`](::tokio::sync::Semaphore::blocking_acquire).
    ///
    /// # Errors
    /// If the semaphore is closed.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.blocking_acquire_many(1)
    }

    /// As [`tokio::sync::Semaphore::blocking_acquire_many`](::tokio::sync::Semaphore::blocking_acquire_many).
    ///
    /// # Errors
    /// If the semaphore is closed.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_acquire_many(&self, permits: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let waiting = self.meter.begin_wait(Waits::Otherwise);
        let permit = self.inner.blocking_acquire_many(permits)?;
        Ok(self.permit(permit, self.meter.end_wait_of_task(waiting)))
    }

    /// Closes it: whoever waits for permits, or will, gets an error.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    pub(super) fn permit<'a>(&'a self, permit: sync::SemaphorePermit<'a>, hold: Hold) -> SemaphorePermit<'a> {
        SemaphorePermit { guard: Guard::new(permit, &self.meter, hold), semaphore: self }
    }
}

impl SemaphorePermit<'_> {
    /// Gives the permits up without giving them back.
    pub fn forget(self) {
        let (permit, meter, hold) = self.guard.into_parts();
        permit.forget();
        meter.released(hold, clock::now(), false);
    }

    /// Adds the permits of another one of the same semaphore, whose hold ends.
    ///
    /// # Panics
    /// If it is of another semaphore.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let (permit, meter, hold) = other.guard.into_parts();
        self.guard.inner_mut().merge(permit);
        meter.released(hold, clock::now(), false);
    }

    /// Takes permits out, if there are so many.
    ///
    /// They remain a part of this hold, which ends with this one.
    #[must_use]
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        let permit = self.guard.inner_mut().split(permits)?;
        Some(self.semaphore.permit(permit, Hold::NOT_TIMED))
    }

    /// Its semaphore.
    pub fn semaphore(&self) -> &Semaphore {
        self.semaphore
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.guard.inner().num_permits()
    }
}

impl Named for Semaphore {
    fn named(mut self, name: &'static str) -> Self {
        self.meter.set_name(name);
        self
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl fmt::Debug for SemaphorePermit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.guard.fmt(f)
    }
}
