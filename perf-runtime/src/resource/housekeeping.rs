//! The thread that keeps time, `perf-clock`: it wakes tasks that sleep, and tells the [`sweeper`] what is due.
//!
//! It runs none of the program's code but wakers, so no hook that hangs can stop a timeout or a pause. It is started by the first
//! task that sleeps, or evictable value; programs without such have no such thread.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::platform::threads;
use crate::process::message;

use super::sweeper;

static QUEUE: Mutex<Queue> = Mutex::new(Queue { alarms: BTreeMap::new(), process: 0 });
static CHANGED: Condvar = Condvar::new();

struct Queue {
    /// When to wake, and whom; with a number that tells those of one time apart.
    alarms: BTreeMap<(Instant, u64), Waker>,
    /// Process in which the thread runs.
    process: u32,
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the thread look again at what is due.
pub(super) fn look_again() {
    queue().start();
    CHANGED.notify_all();
}

/// A pause of a task.
pub(crate) fn sleep(pause: Duration) -> Sleep {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let until = Instant::now().checked_add(pause);
    Sleep { alarm: until.map(|until| (until, LAST.fetch_add(1, Ordering::Relaxed))) }
}

/// See [`sleep`].
pub(crate) struct Sleep {
    /// Its alarm in the queue; `None` if that is further away than the clock goes.
    alarm: Option<(Instant, u64)>,
}

impl Sleep {
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        let Some(alarm) = self.alarm else { return Poll::Pending };
        if Instant::now() >= alarm.0 {
            return Poll::Ready(());
        }
        // Wakers are the code of executors: none is cloned or dropped under the lock.
        let waker = context.waker().clone();
        let old = {
            let mut queue = queue();
            queue.start();
            queue.alarms.insert(alarm, waker)
        };
        CHANGED.notify_all();
        drop(old);
        Poll::Pending
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Sleep::poll(&mut self, context)
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(alarm) = self.alarm {
            let waker = queue().alarms.remove(&alarm);
            drop(waker);
        }
    }
}

impl Queue {
    /// Starts the thread, unless it runs in this process: a forked child has none of its parent's.
    fn start(&mut self) {
        let process = std::process::id();
        if self.process == process {
            return;
        }
        match threads::spawn(c"perf-clock", run) {
            Ok(()) => self.process = process,
            Err(error) => message::say(format_args!("idle resources are not evicted: can't start a thread: {error}")),
        }
    }

    fn take_due(&mut self, now: Instant) -> Vec<Waker> {
        let later = self.alarms.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.alarms, later).into_values().collect()
    }
}

fn run() {
    let mut queue = queue();
    loop {
        let now = Instant::now();
        let due = queue.take_due(now);
        if !due.is_empty() {
            drop(queue);
            for waker in due {
                let _ = panic::catch_unwind(AssertUnwindSafe(|| waker.wake()));
            }
            queue = self::queue();
            continue;
        }
        let alarm = queue.alarms.first_key_value().map(|alarm| alarm.0.0);
        let next = alarm.into_iter().chain(sweeper::hand_out(now)).min();
        queue = match next {
            Some(next) => {
                let waited = CHANGED.wait_timeout(queue, next.saturating_duration_since(now));
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

/// Before a fork: no other thread may be at the queue.
pub(crate) fn lock_for_fork() -> Box<dyn std::any::Any> {
    Box::new(queue())
}

/// In a forked child: nobody sleeps here, and there is no thread yet.
pub(crate) fn after_fork() {
    let mut queue = queue();
    std::mem::forget(std::mem::take(&mut queue.alarms));
    queue.process = 0;
}
