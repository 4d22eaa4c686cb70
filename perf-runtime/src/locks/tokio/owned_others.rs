//! Permits of a semaphore and futures of notifications that keep what they come from alive, as [`super::owned`] does for guards.
#![allow(unsafe_code, reason = "this file's subject is a borrow that the value beside it keeps alive")]

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use ::tokio::sync;
use ::tokio::sync::{AcquireError, TryAcquireError};
use pin_project_lite::pin_project;

use super::owned::borrow;
use super::semaphore::SemaphorePermit;
use super::{Notify, Semaphore};
use crate::call::wait::PolledWait;

/// A [`tokio::sync::OwnedSemaphorePermit`](::tokio::sync::OwnedSemaphorePermit).
#[must_use]
pub struct OwnedSemaphorePermit {
    /// It borrows from the semaphore, so it stands before it and is dropped first.
    permit: SemaphorePermit<'static>,
    semaphore: Arc<Semaphore>,
}

impl Semaphore {
    /// As [`acquire`](Self::acquire), for a permit that has the semaphore.
    ///
    /// # Errors
    /// If the semaphore is closed.
    pub async fn acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.acquire_many_owned(1).await
    }

    /// As [`acquire_many`](Self::acquire_many), for a permit that has the semaphore.
    ///
    /// # Errors
    /// If the semaphore is closed.
    pub async fn acquire_many_owned(self: Arc<Self>, permits: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        // SAFETY: `self` lives until the future ends and is then beside the permit; it is dropped after what borrows it.
        let permit = unsafe { borrow(&self) }.acquire_many(permits).await?;
        Ok(OwnedSemaphorePermit { permit, semaphore: self })
    }

    /// As [`try_acquire`](Self::try_acquire), for a permit that has the semaphore.
    ///
    /// # Errors
    /// If there is no permit, or the semaphore is closed.
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Self::try_acquire_many), for a permit that has the semaphore.
    ///
    /// # Errors
    /// If there are not so many, or the semaphore is closed.
    pub fn try_acquire_many_owned(self: Arc<Self>, permits: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        // SAFETY: `self` is dropped at the end or is beside the permit.
        let permit = unsafe { borrow(&self) }.try_acquire_many(permits)?;
        Ok(OwnedSemaphorePermit { permit, semaphore: self })
    }

    /// As [`blocking_acquire`](Self::blocking_acquire), for a permit that has the semaphore.
    ///
    /// # Errors
    /// If the semaphore is closed.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.blocking_acquire_many_owned(1)
    }

    /// As [`blocking_acquire_many`](Self::blocking_acquire_many), for a permit that has the semaphore.
    ///
    /// # Errors
    /// If the semaphore is closed.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_acquire_many_owned(self: Arc<Self>, permits: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        // SAFETY: `self` is beside the permit, or dropped at the end.
        let semaphore: &'static Semaphore = unsafe { borrow(&self) };
        let permit = semaphore.blocking_acquire_many(permits)?;
        Ok(OwnedSemaphorePermit { permit, semaphore: self })
    }
}

impl OwnedSemaphorePermit {
    /// Gives the permits up without giving them back.
    pub fn forget(self) {
        self.permit.forget();
    }

    /// Adds the permits of another one of the same semaphore, whose hold ends.
    ///
    /// # Panics
    /// If it is of another semaphore.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        self.permit.merge(other.permit);
    }

    /// Takes permits out, if there are so many.
    ///
    /// They remain a part of this hold, which ends with this one.
    #[must_use]
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        let permit = self.permit.split(permits)?;
        Some(OwnedSemaphorePermit { permit, semaphore: Arc::clone(&self.semaphore) })
    }

    /// Its semaphore.
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.permit.num_permits()
    }
}

impl fmt::Debug for OwnedSemaphorePermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.permit.fmt(f)
    }
}

pin_project! {
    /// A [`tokio::sync::futures::OwnedNotified`](::tokio::sync::futures::OwnedNotified).
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct OwnedNotified {
        // In this order, in which they are dropped: the future borrows from what stands below it.
        wait: PolledWait,
        #[pin]
        inner: sync::futures::Notified<'static>,
        notify: Arc<Notify>,
    }
}

impl Notify {
    /// As [`notified`](Self::notified), by a future that has the `Notify`.
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        // SAFETY: `self` is in the future, below what borrows it.
        let inner = unsafe { borrow(&self) }.inner.notified();
        OwnedNotified { wait: self.meter.polled_wait(), inner, notify: self }
    }
}

impl OwnedNotified {
    /// As [`tokio::sync::futures::OwnedNotified::enable`](::tokio::sync::futures::OwnedNotified::enable).
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().inner.enable()
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let inner = this.inner;
        this.wait.poll(|| inner.poll(context)).map(|((), waited)| this.notify.meter.notified(waited))
    }
}
