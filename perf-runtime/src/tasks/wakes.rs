//! The wakes of a task: when it was woken, and the waker that notes it.
//!
//! The executor's waker is wrapped in one that notes the time and passes the wake on. The task must not keep that wrapper alive: many
//! executors let go of a task that nobody can wake any more, and a task that held a waker of its own would never be let go of. So the
//! task knows its latest wrapper weakly, and makes a new one if whoever had it has dropped it, or if the executor's waker is another one.
//! A wrapper passes wakes to the waker that it was made for. Futures forget older wakers when they are polled with a new one, as
//! they do without us.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

use crate::platform::clock;
use crate::process::state;

/// No wake was noted that has not had its poll.
const NONE: u64 = 0;

/// What a task knows of its wakes.
#[derive(Debug)]
pub(super) enum Wakes {
    /// Not polled while recording was on.
    ///
    /// Being spawned is its first wake, here with its time.
    New(u64),
    Polled {
        /// When the first wake was since the last poll; or [`NONE`].
        woken: Arc<AtomicU64>,
        latest: Weak<NotingWaker>,
    },
}

impl Wakes {
    /// The wakes of a task that is made now.
    pub(super) fn of_new_task() -> Wakes {
        Wakes::New(if state::is_off() { NONE } else { time() })
    }

    /// What was noted before a poll that is not recorded is not the wait for one that is.
    pub(super) fn forget(&mut self) {
        match self {
            Wakes::New(made) => *made = NONE,
            Wakes::Polled { woken, .. } => woken.store(NONE, Ordering::Relaxed),
        }
    }

    /// The task is polled. For how many ticks it waited for that, if it was woken.
    pub(super) fn end_wait(&mut self) -> Option<u64> {
        let since = match self {
            Wakes::New(made) => std::mem::replace(made, NONE),
            // A wake from now on asks for another poll, and is noted for that one.
            Wakes::Polled { woken, .. } => woken.swap(NONE, Ordering::Relaxed),
        };
        (since != NONE).then(|| clock::now().saturating_sub(since))
    }

    /// The waker for a poll in which the executor's is `inner`.
    pub(super) fn waker(&mut self, inner: &Waker) -> Waker {
        if let Wakes::New(_) = self {
            *self = Wakes::Polled { woken: Arc::new(AtomicU64::new(NONE)), latest: Weak::new() };
        }
        let Wakes::Polled { woken, latest } = self else { return inner.clone() };
        let known = latest.upgrade().filter(|known| known.inner.will_wake(inner));
        let waker = known.unwrap_or_else(|| {
            let new = Arc::new(NotingWaker { inner: inner.clone(), woken: Arc::clone(woken) });
            *latest = Arc::downgrade(&new);
            new
        });
        Waker::from(waker)
    }
}

/// The executor's waker, which notes when it is used first.
#[derive(Debug)]
pub(super) struct NotingWaker {
    inner: Waker,
    woken: Arc<AtomicU64>,
}

impl NotingWaker {
    fn note(&self) {
        // Of several wakes the first began the wait. Most of the others need no look at the clock.
        if !state::is_off() && self.woken.load(Ordering::Relaxed) == NONE {
            let _ = self.woken.compare_exchange(NONE, time(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

impl Wake for NotingWaker {
    fn wake(self: Arc<Self>) {
        self.note();
        match Arc::try_unwrap(self) {
            Ok(last) => last.inner.wake(),
            Err(shared) => shared.inner.wake_by_ref(),
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.note();
        self.inner.wake_by_ref();
    }
}

/// The clock, which is never [`NONE`].
fn time() -> u64 {
    clock::now().max(1)
}
