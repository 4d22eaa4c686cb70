//! A raw lock of `lock_api` that reports, around another one.
//!
//! `lock_api` makes the whole interface of `parking_lot` from a raw lock: guards, mapped and upgradable ones, `Debug`. So it makes that of
//! our locks too. A guard of ours is that of the raw lock and the hold that begins with it.
#![allow(unsafe_code, reason = "this file's subject is raw locks, whose traits are unsafe")]

use core::fmt;
use core::panic::Location;

use ::parking_lot::lock_api::{
    RawMutex, RawMutexFair, RawMutexTimed, RawRwLock, RawRwLockDowngrade, RawRwLockFair, RawRwLockTimed,
    RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeFair, RawRwLockUpgradeTimed,
};

use crate::locks::meter::{Access, Hold, Meter, Waits};
use crate::platform::clock;

/// A raw lock that reports.
pub struct RawLock<R> {
    pub(super) meter: Meter,
    pub(super) raw: R,
}

/// The contents of a guard: that of the lock inside, and the hold.
pub struct Held<G> {
    pub(super) inner: G,
    pub(super) hold: Hold,
}

impl<R> fmt::Debug for RawLock<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.meter.fmt(f)
    }
}

impl<G> fmt::Debug for Held<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hold.fmt(f)
    }
}

impl<R> RawLock<R> {
    /// Acquires it at once, if `attempt` does.
    #[inline]
    fn try_to<G>(&self, access: Access, attempt: impl FnOnce(&R) -> Option<G>) -> Option<Held<G>> {
        attempt(&self.raw).map(|inner| Held { inner, hold: self.meter.acquired(access) })
    }

    /// Acquires it, with a wait if the `attempt` fails.
    #[inline]
    fn acquire<G>(&self, access: Access, attempt: impl FnOnce(&R) -> Option<G>, wait: impl FnOnce(&R) -> G) -> Held<G> {
        self.try_to(access, attempt).unwrap_or_else(|| {
            let (inner, hold) = self.meter.wait(Waits::ForEver(access), || wait(&self.raw), |_| Some(access));
            Held { inner, hold }
        })
    }

    /// As [`acquire`](Self::acquire), with a wait that may end without the lock.
    #[inline]
    fn acquire_in_time<G>(
        &self,
        access: Access,
        attempt: impl FnOnce(&R) -> Option<G>,
        wait: impl FnOnce(&R) -> Option<G>,
    ) -> Option<Held<G>> {
        self.try_to(access, attempt).or_else(|| {
            let acquired = |inner: &Option<G>| inner.as_ref().map(|_| access);
            let (inner, hold) = self.meter.wait(Waits::Otherwise, || wait(&self.raw), acquired);
            inner.map(|inner| Held { inner, hold })
        })
    }

    /// A hold ends before the lock is released.
    #[inline]
    pub(super) fn end_hold(&self, hold: Hold) {
        self.meter.releases(hold);
        if hold.is_timed() {
            self.meter.released(hold, clock::now(), false);
        }
    }

    /// Releases it by `unlock`, then records the hold.
    #[inline]
    fn release<G>(&self, held: Held<G>, unlock: impl FnOnce(&R, G)) {
        self.meter.releases(held.hold);
        if held.hold.is_timed() {
            let end = clock::now();
            unlock(&self.raw, held.inner);
            self.meter.released(held.hold, end, false);
        } else {
            unlock(&self.raw, held.inner);
        }
    }
}

impl<G> Held<G> {
    /// Another guard for the same hold.
    #[inline]
    fn with<H>(self, change: impl FnOnce(G) -> H) -> Held<H> {
        Held { inner: change(self.inner), hold: self.hold }
    }
}

// SAFETY: each method calls that of the lock inside, which upholds what the trait demands.
unsafe impl<R: RawMutex> RawMutex for RawLock<R> {
    const INIT: Self = RawLock { meter: Meter::new::<()>("Mutex", Location::caller()), raw: R::INIT };

    type Guard = Held<R::Guard>;

    #[inline]
    fn lock(&self) -> Self::Guard {
        self.acquire(Access::Alone, R::try_lock, R::lock)
    }

    #[inline]
    fn try_lock(&self) -> Option<Self::Guard> {
        self.try_to(Access::Alone, R::try_lock)
    }

    #[inline]
    unsafe fn unlock(&self, guard: Self::Guard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock(guard) });
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }
}

// SAFETY: as above.
unsafe impl<R: RawMutexFair> RawMutexFair for RawLock<R> {
    #[inline]
    unsafe fn unlock_fair(&self, guard: Self::Guard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_fair(guard) });
    }

    #[inline]
    unsafe fn bump(&self, guard: &mut Self::Guard) {
        // SAFETY: the caller holds the lock by this guard.
        unsafe { self.raw.bump(&mut guard.inner) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawMutexTimed> RawMutexTimed for RawLock<R> {
    type Duration = R::Duration;
    type Instant = R::Instant;

    #[inline]
    fn try_lock_for(&self, limit: R::Duration) -> Option<Self::Guard> {
        self.acquire_in_time(Access::Alone, R::try_lock, |raw| raw.try_lock_for(limit))
    }

    #[inline]
    fn try_lock_until(&self, limit: R::Instant) -> Option<Self::Guard> {
        self.acquire_in_time(Access::Alone, R::try_lock, |raw| raw.try_lock_until(limit))
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLock> RawRwLock for RawLock<R> {
    const INIT: Self = RawLock { meter: Meter::new::<()>("RwLock", Location::caller()), raw: R::INIT };

    type SharedGuard = Held<R::SharedGuard>;
    type ExclusiveGuard = Held<R::ExclusiveGuard>;

    #[inline]
    fn lock_shared(&self) -> Self::SharedGuard {
        self.acquire(Access::Shared, R::try_lock_shared, R::lock_shared)
    }

    #[inline]
    fn try_lock_shared(&self) -> Option<Self::SharedGuard> {
        self.try_to(Access::Shared, R::try_lock_shared)
    }

    #[inline]
    unsafe fn unlock_shared(&self, guard: Self::SharedGuard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_shared(guard) });
    }

    #[inline]
    fn lock_exclusive(&self) -> Self::ExclusiveGuard {
        self.acquire(Access::Alone, R::try_lock_exclusive, R::lock_exclusive)
    }

    #[inline]
    fn try_lock_exclusive(&self) -> Option<Self::ExclusiveGuard> {
        self.try_to(Access::Alone, R::try_lock_exclusive)
    }

    #[inline]
    unsafe fn unlock_exclusive(&self, guard: Self::ExclusiveGuard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_exclusive(guard) });
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.raw.is_locked_exclusive()
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockFair> RawRwLockFair for RawLock<R> {
    #[inline]
    unsafe fn unlock_shared_fair(&self, guard: Self::SharedGuard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_shared_fair(guard) });
    }

    #[inline]
    unsafe fn unlock_exclusive_fair(&self, guard: Self::ExclusiveGuard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_exclusive_fair(guard) });
    }

    #[inline]
    unsafe fn bump_shared(&self, guard: &mut Self::SharedGuard) {
        // SAFETY: the caller holds the lock by this guard.
        unsafe { self.raw.bump_shared(&mut guard.inner) }
    }

    #[inline]
    unsafe fn bump_exclusive(&self, guard: &mut Self::ExclusiveGuard) {
        // SAFETY: the caller holds the lock by this guard.
        unsafe { self.raw.bump_exclusive(&mut guard.inner) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockDowngrade> RawRwLockDowngrade for RawLock<R> {
    #[inline]
    unsafe fn downgrade(&self, guard: Self::ExclusiveGuard) -> Self::SharedGuard {
        // SAFETY: the caller holds the lock by this guard.
        let inner = unsafe { self.raw.downgrade(guard.inner) };
        Held { inner, hold: self.meter.is_shared_now(guard.hold) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockTimed> RawRwLockTimed for RawLock<R> {
    type Duration = R::Duration;
    type Instant = R::Instant;

    #[inline]
    fn try_lock_shared_for(&self, limit: R::Duration) -> Option<Self::SharedGuard> {
        self.acquire_in_time(Access::Shared, R::try_lock_shared, |raw| raw.try_lock_shared_for(limit))
    }

    #[inline]
    fn try_lock_shared_until(&self, limit: R::Instant) -> Option<Self::SharedGuard> {
        self.acquire_in_time(Access::Shared, R::try_lock_shared, |raw| raw.try_lock_shared_until(limit))
    }

    #[inline]
    fn try_lock_exclusive_for(&self, limit: R::Duration) -> Option<Self::ExclusiveGuard> {
        self.acquire_in_time(Access::Alone, R::try_lock_exclusive, |raw| raw.try_lock_exclusive_for(limit))
    }

    #[inline]
    fn try_lock_exclusive_until(&self, limit: R::Instant) -> Option<Self::ExclusiveGuard> {
        self.acquire_in_time(Access::Alone, R::try_lock_exclusive, |raw| raw.try_lock_exclusive_until(limit))
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgrade> RawRwLockUpgrade for RawLock<R> {
    type UpgradableGuard = Held<R::UpgradableGuard>;

    #[inline]
    fn lock_upgradable(&self) -> Self::UpgradableGuard {
        self.acquire(Access::Shared, R::try_lock_upgradable, R::lock_upgradable)
    }

    #[inline]
    fn try_lock_upgradable(&self) -> Option<Self::UpgradableGuard> {
        self.try_to(Access::Shared, R::try_lock_upgradable)
    }

    #[inline]
    unsafe fn unlock_upgradable(&self, guard: Self::UpgradableGuard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_upgradable(guard) });
    }

    /// It remains the hold that it is; a wait for readers is one for the lock.
    #[inline]
    unsafe fn upgrade(&self, guard: Self::UpgradableGuard) -> Self::ExclusiveGuard {
        // SAFETY: the caller holds the lock by this guard.
        guard.with(|guard| match unsafe { self.raw.try_upgrade(guard) } {
            Ok(upgraded) => upgraded,
            // SAFETY: as above, since the attempt returned the guard.
            Err(guard) => self.meter.wait(Waits::ToUpgrade, || unsafe { self.raw.upgrade(guard) }, |_| None).0,
        })
    }

    #[inline]
    unsafe fn try_upgrade(&self, guard: Self::UpgradableGuard) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        let hold = guard.hold;
        // SAFETY: the caller holds the lock by this guard.
        again(unsafe { self.raw.try_upgrade(guard.inner) }, hold)
    }
}

/// The guard of an attempt to upgrade, for the same hold.
#[inline]
fn again<G, H>(result: Result<G, H>, hold: Hold) -> Result<Held<G>, Held<H>> {
    result.map(|inner| Held { inner, hold }).map_err(|inner| Held { inner, hold })
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeFair> RawRwLockUpgradeFair for RawLock<R> {
    #[inline]
    unsafe fn unlock_upgradable_fair(&self, guard: Self::UpgradableGuard) {
        // SAFETY: the caller holds the lock by this guard.
        self.release(guard, |raw, guard| unsafe { raw.unlock_upgradable_fair(guard) });
    }

    #[inline]
    unsafe fn bump_upgradable(&self, guard: &mut Self::UpgradableGuard) {
        // SAFETY: the caller holds the lock by this guard.
        unsafe { self.raw.bump_upgradable(&mut guard.inner) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeDowngrade> RawRwLockUpgradeDowngrade for RawLock<R> {
    #[inline]
    unsafe fn downgrade_upgradable(&self, guard: Self::UpgradableGuard) -> Self::SharedGuard {
        // SAFETY: the caller holds the lock by this guard.
        guard.with(|guard| unsafe { self.raw.downgrade_upgradable(guard) })
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self, guard: Self::ExclusiveGuard) -> Self::UpgradableGuard {
        // SAFETY: the caller holds the lock by this guard.
        let inner = unsafe { self.raw.downgrade_to_upgradable(guard.inner) };
        Held { inner, hold: self.meter.is_shared_now(guard.hold) }
    }
}

// SAFETY: as above.
unsafe impl<R: RawRwLockUpgradeTimed> RawRwLockUpgradeTimed for RawLock<R> {
    #[inline]
    fn try_lock_upgradable_for(&self, limit: R::Duration) -> Option<Self::UpgradableGuard> {
        self.acquire_in_time(Access::Shared, R::try_lock_upgradable, |raw| raw.try_lock_upgradable_for(limit))
    }

    #[inline]
    fn try_lock_upgradable_until(&self, limit: R::Instant) -> Option<Self::UpgradableGuard> {
        self.acquire_in_time(Access::Shared, R::try_lock_upgradable, |raw| raw.try_lock_upgradable_until(limit))
    }

    #[inline]
    unsafe fn try_upgrade_for(
        &self,
        guard: Self::UpgradableGuard,
        limit: R::Duration,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        let hold = guard.hold;
        // SAFETY: the caller holds the lock by this guard.
        let wait = || unsafe { self.raw.try_upgrade_for(guard.inner, limit) };
        again(self.meter.wait(Waits::Otherwise, wait, |_| None).0, hold)
    }

    #[inline]
    unsafe fn try_upgrade_until(
        &self,
        guard: Self::UpgradableGuard,
        limit: R::Instant,
    ) -> Result<Self::ExclusiveGuard, Self::UpgradableGuard> {
        let hold = guard.hold;
        // SAFETY: the caller holds the lock by this guard.
        let wait = || unsafe { self.raw.try_upgrade_until(guard.inner, limit) };
        again(self.meter.wait(Waits::Otherwise, wait, |_| None).0, hold)
    }
}
