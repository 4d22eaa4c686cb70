//! Tasks that wait for an initialisation.

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Wake, Waker};

use crate::sync::{StdMutex, StdMutexGuard};

/// The wakers of tasks that wait, each under the number of its wait. One who gives up takes its own out.
///
/// Wakers are the code of executors, so none is cloned, dropped or woken under the lock.
pub(super) struct Waiters(StdMutex<BTreeMap<u64, Waker>>);

/// The number of a wait.
pub(super) fn next_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

impl Waiters {
    pub(super) const fn new() -> Self {
        Waiters(StdMutex::new(BTreeMap::new()))
    }

    pub(super) fn lock(&self) -> StdMutexGuard<'_, BTreeMap<u64, Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a waker woken at the next [`wake_all`](Self::wake_all), in place of the one that the wait had.
    pub(super) fn insert(&self, id: u64, waker: &Waker) {
        let waker = waker.clone();
        let old = self.lock().insert(id, waker);
        drop(old);
    }

    pub(super) fn remove(&self, id: u64) {
        let waker = self.lock().remove(&id);
        drop(waker);
    }

    pub(super) fn wake_all(&self) {
        let wakers = mem::take(&mut *self.lock());
        wakers.into_values().for_each(Waker::wake);
    }

    /// In a forked child: forgotten, not dropped, because they belong to executors whose threads are not here.
    pub(super) fn forget_all(&self) {
        mem::forget(mem::take(&mut *self.lock()));
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}
