//! The locks of tokio: `Mutex` and `RwLock`.
//!
//! Write `perf_runtime::locks::tokio` where it says `tokio::sync`. What guards that own an `Arc` of their lock protect must be `'static`.

mod guard;
mod maps;
mod mutex;
mod owned;
mod rwlock;

pub use ::tokio::sync::TryLockError;
pub use guard::Guard;
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard};
pub use owned::{
    OwnedGuard, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard,
    OwnedRwLockWriteGuard,
};
pub use rwlock::{RwLock, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard};
