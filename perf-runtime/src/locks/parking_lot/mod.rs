//! The locks of parking_lot: `Mutex`, `FairMutex`, `RwLock`, `RecursiveRwLock`, `Condvar`.
//!
//! They have all that the originals have, because `lock_api` makes both. Write `perf_runtime::locks::parking_lot` where it says
//! `parking_lot`. `ReentrantMutex` and `Once` are the originals, which report nothing.

mod by_path;
mod condvar;
mod raw;

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::panic::Location;

use ::parking_lot::lock_api;
pub use ::parking_lot::{MappedReentrantMutexGuard, Once, OnceState, ReentrantMutex, ReentrantMutexGuard};

use crate::Named;
use crate::locks::meter::Meter;

pub use condvar::{Condvar, WaitTimeoutResult};
#[doc(hidden)]
pub use raw::{Held, RawLock};

/// A lock of `lock_api` with a raw lock that reports, and the constructors that know where it is declared.
macro_rules! locks {
    ($($Lock:ident, $lock:literal: $Api:ident, $Raw:ident, $RawTrait:ident;)*) => {
        $(
            #[doc = concat!("A [`parking_lot::", $lock, "`](::parking_lot::", $lock, ") that reports who waits for it.")]
            ///
            /// It has the methods of the original, by [`Deref`].
            pub struct $Lock<T: ?Sized>(lock_api::$Api<RawLock<::parking_lot::$Raw>, T>);

            impl<T> $Lock<T> {
                /// As that of the original.
                ///
                /// The row in the reports is that of the place where this stands.
                #[track_caller]
                #[must_use]
                pub const fn new(value: T) -> Self {
                    let meter = Meter::new::<T>($lock, Location::caller());
                    let raw = <::parking_lot::$Raw as lock_api::$RawTrait>::INIT;
                    $Lock(lock_api::$Api::from_raw(RawLock { meter, raw }, value))
                }

                /// The value inside.
                pub fn into_inner(self) -> T {
                    self.0.into_inner()
                }
            }

            impl<T: ?Sized> Deref for $Lock<T> {
                type Target = lock_api::$Api<RawLock<::parking_lot::$Raw>, T>;

                #[inline]
                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }

            impl<T: ?Sized> DerefMut for $Lock<T> {
                #[inline]
                fn deref_mut(&mut self) -> &mut Self::Target {
                    &mut self.0
                }
            }

            impl<T> Named for $Lock<T> {
                fn named(self, name: &'static str) -> Self {
                    let (mut raw, value) = self.0.into_inner_with_raw();
                    raw.meter.set_name(name);
                    $Lock(lock_api::$Api::from_raw(raw, value))
                }
            }

            impl<T> From<T> for $Lock<T> {
                #[track_caller]
                fn from(value: T) -> Self {
                    $Lock::new(value)
                }
            }

            impl<T: Default> Default for $Lock<T> {
                #[track_caller]
                fn default() -> Self {
                    $Lock::new(T::default())
                }
            }

            impl<T: ?Sized + fmt::Debug> fmt::Debug for $Lock<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }
        )*
    };
}

locks! {
    Mutex, "Mutex": Mutex, RawMutex, RawMutex;
    FairMutex, "FairMutex": Mutex, RawFairMutex, RawMutex;
    RwLock, "RwLock": RwLock, RawRwLock, RawRwLock;
    RecursiveRwLock, "RecursiveRwLock": RwLock, RawRwLockRecursive, RawRwLock;
}

/// The guards of a raw lock.
macro_rules! guards {
    ($($Guard:ident: $Api:ident, $Raw:ident;)*) => {
        $(
            #[doc = concat!("As [`parking_lot::", stringify!($Guard), "`](::parking_lot::", stringify!($Guard), ").")]
            pub type $Guard<'a, T> = lock_api::$Api<'a, RawLock<::parking_lot::$Raw>, T>;
        )*
    };
}

guards! {
    MutexGuard: MutexGuard, RawMutex;
    MappedMutexGuard: MappedMutexGuard, RawMutex;
    FairMutexGuard: MutexGuard, RawFairMutex;
    MappedFairMutexGuard: MappedMutexGuard, RawFairMutex;
    RwLockReadGuard: RwLockReadGuard, RawRwLock;
    RwLockWriteGuard: RwLockWriteGuard, RawRwLock;
    RwLockUpgradableReadGuard: RwLockUpgradableReadGuard, RawRwLock;
    MappedRwLockReadGuard: MappedRwLockReadGuard, RawRwLock;
    MappedRwLockWriteGuard: MappedRwLockWriteGuard, RawRwLock;
    RecursiveRwLockReadGuard: RwLockReadGuard, RawRwLockRecursive;
    RecursiveRwLockWriteGuard: RwLockWriteGuard, RawRwLockRecursive;
    RecursiveRwLockUpgradableReadGuard: RwLockUpgradableReadGuard, RawRwLockRecursive;
    MappedRecursiveRwLockReadGuard: MappedRwLockReadGuard, RawRwLockRecursive;
    MappedRecursiveRwLockWriteGuard: MappedRwLockWriteGuard, RawRwLockRecursive;
}
