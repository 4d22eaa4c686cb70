//! `Condvar`, and the raw one inside, which knows our guards.
#![allow(unsafe_code, reason = "this file's subject is a raw condition variable, whose traits are unsafe")]

use core::fmt;
use core::panic::Location;
use std::time::{Duration, Instant};

use ::parking_lot::lock_api;
pub use ::parking_lot::lock_api::WaitTimeoutResult;

use super::MutexGuard;
use super::raw::{Held, RawLock};
use crate::Named;
use crate::locks::meter::{Access, Hold, Meter};

/// A [`parking_lot::Condvar`](::parking_lot::Condvar) that reports who waits for it.
///
/// Its row has a call per wait; the mutex is not held meanwhile.
pub struct Condvar {
    meter: Meter,
    inner: lock_api::Condvar<RawCondvar>,
}

impl Condvar {
    /// As [`parking_lot::Condvar::new`](::parking_lot::Condvar).
    #[track_caller]
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar { meter: Meter::new::<()>("Condvar", Location::caller()), inner: lock_api::Condvar::new() }
    }

    /// Wakes one waiter, and says whether there was one.
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.inner.notify_one()
    }

    /// Wakes all waiters, and says how many there were.
    #[inline]
    pub fn notify_all(&self) -> usize {
        self.inner.notify_all()
    }

    /// Waits for a notification.
    pub fn wait<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>) {
        self.meter.wait_for(|| self.inner.wait(guard));
    }

    /// Waits while a condition holds.
    pub fn wait_while<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, mut condition: impl FnMut(&mut T) -> bool) {
        while condition(&mut **guard) {
            self.wait(guard);
        }
    }

    /// Waits for a notification until some moment.
    pub fn wait_until<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, limit: Instant) -> WaitTimeoutResult {
        self.meter.wait_for(|| self.inner.wait_until(guard, limit))
    }

    /// Waits for a notification for some time.
    pub fn wait_for<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, limit: Duration) -> WaitTimeoutResult {
        self.meter.wait_for(|| self.inner.wait_for(guard, limit))
    }

    /// Waits while a condition holds, until some moment at most.
    pub fn wait_while_until<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        condition: impl FnMut(&mut T) -> bool,
        limit: Instant,
    ) -> WaitTimeoutResult {
        self.meter.wait_for(|| self.inner.wait_while_until(guard, condition, limit))
    }

    /// Waits while a condition holds, for some time at most.
    pub fn wait_while_for<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        condition: impl FnMut(&mut T) -> bool,
        limit: Duration,
    ) -> WaitTimeoutResult {
        self.meter.wait_for(|| self.inner.wait_while_for(guard, condition, limit))
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
        f.pad("Condvar { .. }")
    }
}

type RawMutex = RawLock<::parking_lot::RawMutex>;
type Guard = Held<<::parking_lot::RawMutex as lock_api::RawMutex>::Guard>;

/// The original, which ends a hold before it waits.
struct RawCondvar(::parking_lot::RawCondvar);

/// Ends a hold, and begins another one after the wait.
fn without_hold<R>(mutex: &RawMutex, guard: &mut Guard, wait: impl FnOnce(&mut Guard) -> R) -> R {
    mutex.end_hold(std::mem::replace(&mut guard.hold, Hold::NOT_TIMED));
    let result = wait(guard);
    guard.hold = mutex.meter.acquired(Access::Alone);
    result
}

// SAFETY: each method calls that of the original with the mutex and the guard inside ours, which are those that it knows.
unsafe impl lock_api::RawCondvar for RawCondvar {
    const INIT: Self = RawCondvar(::parking_lot::RawCondvar::INIT);

    type RawMutex = RawMutex;

    unsafe fn wait(&self, mutex: &RawMutex, guard: &mut Guard) {
        // SAFETY: the caller holds the mutex by this guard.
        without_hold(mutex, guard, |guard| unsafe { self.0.wait(&mutex.raw, &mut guard.inner) });
    }

    #[inline]
    fn notify_one(&self) -> bool {
        self.0.notify_one()
    }

    #[inline]
    fn notify_all(&self) -> usize {
        self.0.notify_all()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawCondvarTimed for RawCondvar {
    fn checked_duration_to_instant(limit: &Duration) -> Option<Instant> {
        ::parking_lot::RawCondvar::checked_duration_to_instant(limit)
    }

    unsafe fn wait_until(&self, mutex: &RawMutex, guard: &mut Guard, limit: &Instant) -> bool {
        // SAFETY: the caller holds the mutex by this guard.
        without_hold(mutex, guard, |guard| unsafe { self.0.wait_until(&mutex.raw, &mut guard.inner, limit) })
    }
}
