//! Locks that are the originals.

/// Gives a name that nobody shows.
macro_rules! named {
    ($($lock:ty $(, $content:ident)?;)*) => {
        $(
            impl$(<$content>)? crate::Named for $lock {
                fn named(self, _name: &'static str) -> Self {
                    self
                }
            }
        )*
    };
}

/// The locks of the standard library themselves.
pub mod std {
    pub use ::std::sync::{
        Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock, OnceState,
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult, WaitTimeoutResult, Weak,
        atomic,
    };

    named! {
        Mutex<T>, T;
        RwLock<T>, T;
        Condvar;
    }
}

/// The locks of parking_lot themselves.
#[cfg(feature = "sync-parking-lot")]
pub mod parking_lot {
    pub use ::parking_lot::{
        Condvar, FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, MappedRecursiveRwLockReadGuard,
        MappedRecursiveRwLockWriteGuard, MappedReentrantMutexGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard,
        Mutex, MutexGuard, Once, OnceState, RecursiveRwLock, RecursiveRwLockReadGuard,
        RecursiveRwLockUpgradableReadGuard, RecursiveRwLockWriteGuard, ReentrantMutex, ReentrantMutexGuard, RwLock,
        RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard, WaitTimeoutResult,
    };

    named! {
        Mutex<T>, T;
        FairMutex<T>, T;
        RwLock<T>, T;
        RecursiveRwLock<T>, T;
        Condvar;
    }
}

/// The locks of tokio themselves.
#[cfg(feature = "sync-tokio")]
pub mod tokio {
    pub use ::tokio::sync::{
        AcquireError, MappedMutexGuard, Mutex, MutexGuard, Notify, OwnedMappedMutexGuard, OwnedMutexGuard,
        OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock,
        RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard, Semaphore, SemaphorePermit, TryAcquireError,
        TryLockError, futures,
    };

    named! {
        Mutex<T>, T;
        RwLock<T>, T;
        Semaphore;
        Notify;
    }
}
