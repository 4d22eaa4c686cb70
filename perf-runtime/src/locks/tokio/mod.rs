//! The locks of tokio: `Mutex` and `RwLock`.
//!
//! Write `perf_runtime::locks::tokio` where it says `tokio::sync`. Guards that own an `Arc` of their lock, and mapped ones, are not there:
//! what needs them keeps the lock of tokio.

mod guard;
mod mutex;
mod rwlock;

pub use ::tokio::sync::TryLockError;
pub use guard::Guard;
pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
