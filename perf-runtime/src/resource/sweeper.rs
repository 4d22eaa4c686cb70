//! Sweeps: values that are idle, old or unhealthy are given up, and the metrics in a recording file brought up to date.
//!
//! A sweep runs code of the program (`health`, `on_evict`, the drop of a value), so it is done by a thread of its own,
//! `perf-sweep`. If that has been about one resource for too long, this is said, and another thread goes on with the others; the
//! one that hangs ends when its sweep does. A resource is in one sweep at a time, so no more threads hang than resources.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::platform::threads;
use crate::process::message;

use super::erased::ErasedResource;
use super::housekeeping;

/// The shortest and the longest interval between two sweeps of a resource.
const INTERVALS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// The shortest interval between two health checks by sweeps. One may ask another machine, so a short `idle` must not hasten it.
const BETWEEN_CHECKS: Duration = Duration::from_secs(1);

/// How long a sweep of one resource may hold up the others.
const PATIENCE: Duration = Duration::from_secs(1);

static SCHEDULE: Mutex<Schedule> =
    Mutex::new(Schedule { entries: Vec::new(), todo: VecDeque::new(), threads: 0, sweeper: None, failed: false });
static SCHEDULED: Condvar = Condvar::new();

struct Schedule {
    /// Never taken out, so that places stay.
    entries: Vec<Entry>,
    /// Places of those to be swept now.
    todo: VecDeque<usize>,
    /// Threads started so far.
    threads: u64,
    sweeper: Option<Sweeper>,
    /// Whether it was said that no thread can be had.
    failed: bool,
}

struct Entry {
    resource: &'static dyn ErasedResource,
    interval: Duration,
    next: Instant,
    next_check: Instant,
    /// To be swept, or in a sweep.
    is_busy: bool,
}

/// The thread that takes what is to be swept.
struct Sweeper {
    number: u64,
    /// The place of the resource that it is about, and since when.
    at: Option<(usize, Instant)>,
}

fn schedule() -> MutexGuard<'static, Schedule> {
    SCHEDULE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has a resource that has a value swept as often as its limits ask for: a value goes at most a quarter later than its limit says.
/// One without a limit is only counted, and checked.
pub(super) fn watch(resource: &'static dyn ErasedResource) {
    let info = resource.info();
    let limit = info.rules.idle.into_iter().chain(info.rules.max_age).min().unwrap_or(Duration::MAX);
    let interval = (limit / 4).clamp(INTERVALS.0, INTERVALS.1);
    let mut schedule = schedule();
    if !schedule.entries.iter().any(|entry| ptr::eq(entry.resource.info(), info)) {
        let now = Instant::now();
        let entry = Entry { resource, interval, next: now + interval, next_check: now, is_busy: false };
        schedule.entries.push(entry);
    }
    drop(schedule);
    // Nothing but a metric follows from the check of a value that can't be evicted: no thread is started for that.
    if info.kind.evictable {
        housekeeping::look_again();
    }
}

/// Has swept what is due. Returns when to come again.
pub(super) fn hand_out(now: Instant) -> Option<Instant> {
    let mut schedule = schedule();
    schedule.leave_if_hanging(now);
    let Schedule { entries, todo, .. } = &mut *schedule;
    for (place, entry) in entries.iter_mut().enumerate().filter(|(_, entry)| !entry.is_busy && entry.next <= now) {
        entry.is_busy = true;
        entry.next = now + entry.interval;
        todo.push_back(place);
    }
    if !schedule.todo.is_empty() {
        schedule.start();
        SCHEDULED.notify_all();
    }
    let patience = schedule.sweeper.as_ref().and_then(|sweeper| sweeper.at).map(|(_, since)| since + PATIENCE);
    // One that waits for its turn comes again soon enough to see that the sweeper hangs.
    let waits = (!schedule.todo.is_empty()).then(|| now + INTERVALS.1);
    // One that is in a sweep now is due again an interval later, at the earliest.
    let turns = schedule.entries.iter().map(|entry| match entry.is_busy {
        true => entry.next.max(now + entry.interval),
        false => entry.next,
    });
    turns.chain(patience).chain(waits).min()
}

impl Schedule {
    fn leave_if_hanging(&mut self, now: Instant) {
        if let Some(Sweeper { at: Some((place, since)), .. }) = self.sweeper
            && now.saturating_duration_since(since) >= PATIENCE
        {
            let name = self.entries[place].resource.info().name();
            message::say(format_args!(
                "the sweep of {name} (its health, on_evict or drop) is not done after {PATIENCE:?}; the others go on without it"
            ));
            self.sweeper = None;
        }
    }

    fn start(&mut self) {
        if self.sweeper.is_some() {
            return;
        }
        let number = self.threads + 1;
        match threads::spawn(c"perf-sweep", move || sweep_each(number)) {
            Ok(()) => {
                self.threads = number;
                self.sweeper = Some(Sweeper { number, at: None });
            }
            Err(error) if !self.failed => {
                self.failed = true;
                message::say(format_args!("idle resources are not evicted: can't start a thread: {error}"));
            }
            Err(_) => {}
        }
    }

    fn is(&self, number: u64) -> bool {
        self.sweeper.as_ref().is_some_and(|sweeper| sweeper.number == number)
    }
}

/// The life of a thread that sweeps, until it is left.
fn sweep_each(number: u64) {
    let mut schedule = schedule();
    while schedule.is(number) {
        let Some(place) = schedule.todo.pop_front() else {
            schedule = SCHEDULED.wait(schedule).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let now = Instant::now();
        schedule.sweeper = Some(Sweeper { number, at: Some((place, now)) });
        let entry = &mut schedule.entries[place];
        let resource = entry.resource;
        let is_check_due = entry.next_check <= now;
        if is_check_due {
            entry.next_check = now + BETWEEN_CHECKS;
        }
        drop(schedule);
        let _ = panic::catch_unwind(AssertUnwindSafe(|| resource.sweep(is_check_due)));
        schedule = self::schedule();
        schedule.entries[place].is_busy = false;
        if schedule.is(number) {
            schedule.sweeper = Some(Sweeper { number, at: None });
        }
    }
}

/// Before a fork: no other thread may be at the schedule.
pub(super) fn lock_for_fork() -> Box<dyn std::any::Any> {
    Box::new(schedule())
}

/// In a forked child: there is no thread that sweeps.
pub(super) fn after_fork() {
    let mut schedule = schedule();
    schedule.sweeper = None;
    schedule.todo.clear();
    schedule.entries.iter_mut().for_each(|entry| entry.is_busy = false);
}
