//! The locks of tokio: `Mutex`, `RwLock`, `Semaphore`, `Notify`.
//!
//! Write `perf_runtime::locks::tokio` where it says `tokio::sync`. Values behind guards that own an `Arc` of their lock must be `'static`.

mod guard;
mod maps;
mod mutex;
mod notify;
mod owned;
mod owned_others;
mod rwlock;
mod semaphore;

/// The futures of a [`Notify`].
pub mod futures {
    pub use super::notify::Notified;
    pub use super::owned_others::OwnedNotified;
}

pub use ::tokio::sync::{AcquireError, TryAcquireError, TryLockError};
pub use guard::Guard;
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard};
pub use notify::Notify;
pub use owned::{
    OwnedGuard, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard,
    OwnedRwLockWriteGuard,
};
pub use owned_others::OwnedSemaphorePermit;
pub use rwlock::{RwLock, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard};
pub use semaphore::{Semaphore, SemaphorePermit};
