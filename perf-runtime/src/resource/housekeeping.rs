//! The thread that keeps time: wakes tasks that sleep, sweeps idle values out, and brings the metrics in a recording file up to
//! date. It is started by the first evictable value, or task that sleeps; programs without such have no such thread.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use super::registry;
use crate::process::message;

/// The shortest and the longest interval between two sweeps.
const INTERVALS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

static QUEUE: Mutex<Queue> =
    Mutex::new(Queue { alarms: BinaryHeap::new(), wakers: Vec::new(), interval: None, process: 0 });
static CHANGED: Condvar = Condvar::new();

struct Queue {
    /// When to wake, and whom.
    alarms: BinaryHeap<Reverse<(Instant, u64)>>,
    wakers: Vec<(u64, Waker)>,
    /// Time between sweeps, if anything is to be swept.
    interval: Option<Duration>,
    /// Process in which the thread runs.
    process: u32,
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has values swept as often as their limits ask for: a value goes at most a quarter later than its limit says. Those without
/// a limit are only counted.
pub(crate) fn sweep(idle: Option<Duration>, max_age: Option<Duration>) {
    let limit = idle.into_iter().chain(max_age).min().unwrap_or(Duration::MAX);
    let wanted = (limit / 4).clamp(INTERVALS.0, INTERVALS.1);
    let mut queue = queue();
    if queue.interval.is_none_or(|interval| wanted < interval) {
        queue.interval = Some(wanted);
        CHANGED.notify_all();
    }
    queue.start();
}

/// A pause of a task.
pub(crate) fn sleep(pause: Duration) -> Sleep {
    Sleep { until: Instant::now().checked_add(pause), id: None }
}

/// See [`sleep`].
pub(crate) struct Sleep {
    /// `None` if that is further away than the clock goes.
    until: Option<Instant>,
    /// Its number in the queue.
    id: Option<u64>,
}

impl Sleep {
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let Some(until) = self.until else { return Poll::Pending };
        if Instant::now() >= until {
            return Poll::Ready(());
        }
        let mut queue = queue();
        let id = *self.id.get_or_insert_with(|| {
            let id = LAST.fetch_add(1, Ordering::Relaxed);
            queue.alarms.push(Reverse((until, id)));
            CHANGED.notify_all();
            id
        });
        match queue.wakers.iter_mut().find(|waker| waker.0 == id) {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => queue.wakers.push((id, context.waker().clone())),
        }
        queue.start();
        Poll::Pending
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Sleep::poll(&mut self, context)
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            queue().wakers.retain(|waker| waker.0 != id);
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
        match thread::Builder::new().name(String::from("perf-resources")).spawn(run) {
            Ok(_) => self.process = process,
            Err(error) => message::say(format_args!("idle resources are not evicted: can't start a thread: {error}")),
        }
    }
}

fn run() {
    let mut swept = Instant::now();
    let mut queue = queue();
    loop {
        let now = Instant::now();
        let mut due = Vec::new();
        while let Some(&Reverse((until, id))) = queue.alarms.peek()
            && until <= now
        {
            queue.alarms.pop();
            if let Some(place) = queue.wakers.iter().position(|waker| waker.0 == id) {
                due.push(queue.wakers.swap_remove(place).1);
            }
        }
        let next_sweep = queue.interval.map(|interval| swept + interval);
        let sweep = next_sweep.is_some_and(|next| next <= now);
        if due.is_empty() && !sweep {
            let alarm = queue.alarms.peek().map(|alarm| alarm.0.0);
            let next = alarm.into_iter().chain(next_sweep).min();
            queue = match next {
                Some(next) => {
                    let waited = CHANGED.wait_timeout(queue, next.saturating_duration_since(now));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => CHANGED.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
            continue;
        }
        // Wakers, hooks and drops are other people's code.
        drop(queue);
        due.into_iter().for_each(Waker::wake);
        if sweep {
            registry::all().for_each(|resource| {
                let _ = resource.sweep();
            });
            swept = Instant::now();
        }
        queue = self::queue();
    }
}

/// Before a fork: no other thread may be at the queue.
pub(crate) fn lock_for_fork() -> Box<dyn std::any::Any> {
    Box::new(queue())
}

/// In a forked child: nobody sleeps here.
pub(crate) fn after_fork() {
    let mut queue = queue();
    queue.alarms.clear();
    std::mem::forget(std::mem::take(&mut queue.wakers));
    if queue.interval.is_some() {
        queue.process = 0;
    }
}
