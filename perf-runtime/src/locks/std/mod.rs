//! The locks of the standard library: `Mutex`, `RwLock`, `Condvar`.
//!
//! They have the methods of the originals, and their errors. Write `perf_runtime::locks::std` where it says `std::sync`.

mod acquired;
mod condvar;
mod mutex;
mod owner;
mod rwlock;

pub use ::std::sync::{
    Arc, Barrier, BarrierWaitResult, LazyLock, LockResult, Once, OnceLock, OnceState, PoisonError, TryLockError,
    TryLockResult, WaitTimeoutResult, Weak, atomic,
};
pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
