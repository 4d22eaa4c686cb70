//! `Condvar`.

use std::fmt;
use std::panic::Location;
use std::sync::{self, LockResult, PoisonError, WaitTimeoutResult};
use std::time::Duration;

use super::mutex::MutexGuard;
use crate::Named;
use crate::locks::meter::Meter;

/// A [`std::sync::Condvar`] that reports who waits for it.
///
/// Its row has a call per wait; the mutex is not held meanwhile.
pub struct Condvar {
    meter: Meter,
    inner: sync::Condvar,
}

impl Condvar {
    /// As [`std::sync::Condvar::new`].
    #[track_caller]
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar { meter: Meter::new::<()>("Condvar", Location::caller()), inner: sync::Condvar::new() }
    }

    /// As [`std::sync::Condvar::wait`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let (inner, parts) = guard.into_parts();
        let result = self.meter.wait_for(|| self.inner.wait(inner));
        guarded(result, |inner| parts.guard(inner))
    }

    /// As [`std::sync::Condvar::wait_while`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    pub fn wait_while<'a, T, F>(&self, mut guard: MutexGuard<'a, T>, mut condition: F) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`std::sync::Condvar::wait_timeout`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (inner, parts) = guard.into_parts();
        let result = self.meter.wait_for(|| self.inner.wait_timeout(inner, limit));
        guarded(result, |(inner, timed_out)| (parts.guard(inner), timed_out))
    }

    /// As [`std::sync::Condvar::wait_timeout_while`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
        condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let (inner, parts) = guard.into_parts();
        let result = self.meter.wait_for(|| self.inner.wait_timeout_while(inner, limit, condition));
        guarded(result, |(inner, timed_out)| (parts.guard(inner), timed_out))
    }

    /// As [`std::sync::Condvar::notify_one`].
    #[inline]
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// As [`std::sync::Condvar::notify_all`].
    #[inline]
    pub fn notify_all(&self) {
        self.inner.notify_all();
    }
}

fn guarded<A, B>(result: LockResult<A>, guard: impl FnOnce(A) -> B) -> LockResult<B> {
    match result {
        Ok(inner) => Ok(guard(inner)),
        Err(error) => Err(PoisonError::new(guard(error.into_inner()))),
    }
}

impl Named for Condvar {
    fn named(mut self, name: &'static str) -> Self {
        self.meter.set_name(name);
        self
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
