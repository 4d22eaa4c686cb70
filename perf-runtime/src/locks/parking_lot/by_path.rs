//! The common methods as those of our types, so that `Mutex::lock` can be handed on as a function. [`Deref`](core::ops::Deref) finds them
//! at a value only.

use ::parking_lot::lock_api;

use super::raw::RawLock;
use super::{FairMutex, Mutex, RecursiveRwLock, RwLock};

/// Ways to acquire a lock, each with an attempt.
macro_rules! by_path {
    ($($Lock:ident, $Raw:ident { $($lock:ident, $try_lock:ident -> $Guard:ident;)* })*) => {
        $(
            impl<T: ?Sized> $Lock<T> {
                $(
                    #[doc = concat!("As `", stringify!($lock), "` of the original.")]
                    #[inline]
                    pub fn $lock(&self) -> lock_api::$Guard<'_, RawLock<::parking_lot::$Raw>, T> {
                        self.0.$lock()
                    }

                    #[doc = concat!("As `", stringify!($try_lock), "` of the original.")]
                    #[inline]
                    pub fn $try_lock(&self) -> Option<lock_api::$Guard<'_, RawLock<::parking_lot::$Raw>, T>> {
                        self.0.$try_lock()
                    }
                )*

                /// As that of the original.
                #[inline]
                pub fn is_locked(&self) -> bool {
                    self.0.is_locked()
                }

                /// As that of the original.
                #[inline]
                pub fn get_mut(&mut self) -> &mut T {
                    self.0.get_mut()
                }
            }
        )*
    };
}

by_path! {
    Mutex, RawMutex {
        lock, try_lock -> MutexGuard;
    }
    FairMutex, RawFairMutex {
        lock, try_lock -> MutexGuard;
    }
    RwLock, RawRwLock {
        read, try_read -> RwLockReadGuard;
        write, try_write -> RwLockWriteGuard;
        upgradable_read, try_upgradable_read -> RwLockUpgradableReadGuard;
    }
    RecursiveRwLock, RawRwLockRecursive {
        read, try_read -> RwLockReadGuard;
        write, try_write -> RwLockWriteGuard;
        upgradable_read, try_upgradable_read -> RwLockUpgradableReadGuard;
    }
}
