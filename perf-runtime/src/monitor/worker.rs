//! The thread that deals with what happened: it runs everything that may be slow or panic, so that sampling never waits for it.
//!
//! In this order: the log, the alert's actions, the channels, the callbacks. A callback that panics is switched off, with one line on
//! standard error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use perf_report::Snapshot;
use perf_report::monitor::{Metric, Unit};

use super::action::Action;
use super::course::Bounds;
use super::event::AlertEvent;
use super::resources;
use super::system::System;
use super::watched::Watched;
use super::watcher::Job;
use crate::platform::usage;
use crate::process::file_name::FileName;
use crate::process::report::Report;
use crate::process::trace_window::WindowPlan;
use crate::process::{message, snapshot, trace_window};

/// Rounds of evicting and looking again, at most: each frees something, but its weight may be far from the truth.
const ROUNDS: usize = 64;

pub(crate) type Callback = Box<dyn FnMut(&AlertEvent) + Send>;
pub(crate) type Evictor = Box<dyn FnMut(u64) -> u64 + Send>;
pub(crate) type Trimmer = Box<dyn FnMut() + Send>;

/// Whom to tell and what to ask; each until it panics.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) callbacks: Vec<Callback>,
    pub(crate) channels: Vec<Sender<AlertEvent>>,
    pub(crate) evictors: Vec<Evictor>,
    pub(crate) trimmers: Vec<Trimmer>,
}

/// Deals with what happens until nothing more can.
pub(crate) fn run(jobs: &Receiver<Job>, mut hooks: Hooks, now_ns: impl Fn() -> u64) {
    let mut system = System::new();
    let mut failed_calls = Vec::new();
    for job in jobs {
        if job.again {
            evict_again(&job, &mut hooks, &mut system, &now_ns);
            continue;
        }
        log(&job.event);
        if job.event.is_raised() {
            for action in &job.alert.actions {
                act(action, &job, &mut hooks, &mut system, &mut failed_calls, &now_ns);
            }
        }
        hooks.channels.retain(|channel| channel.send(job.event.clone()).is_ok());
        hooks.callbacks.retain_mut(|callback| guarded("a callback for alerts", || callback(&job.event)).is_some());
    }
}

/// Runs code of the program's own; `None` and a line if it panics.
fn guarded<T>(what: &str, run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| message::say(format_args!("{what} panicked and is switched off")))
        .ok()
}

fn act(
    action: &Action,
    job: &Job,
    hooks: &mut Hooks,
    system: &mut System,
    failed_calls: &mut Vec<String>,
    now_ns: impl Fn() -> u64,
) {
    if let Action::Call(call) = action
        && failed_calls.contains(&call.name)
    {
        return;
    }
    let begun = job.record.begin_action(action, now_ns(), system.bytes(Metric::Rss));
    let clock = Instant::now();
    let (done, freed) = match action {
        Action::Evict => (true, Some(evict(job, hooks, system))),
        Action::Trim => (trim(&mut hooks.trimmers), None),
        Action::Snapshot(path) => (write_snapshot(path, job.event.number), None),
        Action::Trace(length, path) => (trace(*length, path, job.event.number), None),
        Action::Call(call) => {
            let done =
                guarded(&format!("{:?}, called by an alert,", call.name), || (call.function)(&job.event)).is_some();
            if !done {
                failed_calls.push(call.name.clone());
            }
            (done, None)
        }
    };
    begun.end_action(clock.elapsed().as_nanos() as u64, done, freed, system.bytes(Metric::Rss));
}

/// Evicts what has become idle since the alert was raised. It is noted if it brought something.
fn evict_again(job: &Job, hooks: &mut Hooks, system: &mut System, now_ns: impl Fn() -> u64) {
    let (at_ns, clock, rss) = (now_ns(), Instant::now(), system.bytes(Metric::Rss));
    let freed = evict(job, hooks, system);
    if freed > 0 {
        let begun = job.record.begin_action(&Action::Evict, at_ns, rss);
        begun.end_action(clock.elapsed().as_nanos() as u64, true, Some(freed), system.bytes(Metric::Rss));
    }
}

/// Evicts what is idle, as much as the memory that the alert is about is above the clear level, and says how many bytes that freed, by
/// the weights. Where the allocator kept them, it is asked to give them back.
///
/// The weights are believed: what they say was freed is not freed again because the allocator keeps it, as some do for good; it is there for
/// the program to use. Where memory stayed, something is evicted next when it has grown, or, more and more seldom, after a while.
fn evict(job: &Job, hooks: &mut Hooks, system: &mut System) -> u64 {
    let metric = match job.alert.watched {
        Watched::Metric(metric) if metric.unit() == Unit::Bytes => metric,
        _ => return evict_bytes(u64::MAX, &mut hooks.evictors),
    };
    let mut all_freed = 0_u64;
    for _ in 0..ROUNDS {
        let Some(value) = system.bytes(metric) else {
            return all_freed.saturating_add(evict_bytes(u64::MAX, &mut hooks.evictors));
        };
        let over = job.evicted.still_over(value, job.bounds);
        let freed = if over > 0 { evict_bytes(over, &mut hooks.evictors) } else { 0 };
        if freed == 0 {
            break;
        }
        all_freed = all_freed.saturating_add(freed);
        let mut after = system.bytes(metric);
        // Only where evicting was not enough: it takes the allocator's locks for a while.
        if after.is_some_and(|value| !job.bounds.cleared(value as f64)) {
            trim(&mut hooks.trimmers);
            after = system.bytes(metric);
        }
        job.evicted.note(freed, value, after.unwrap_or(value));
    }
    all_freed
}

/// The memory that evictions have freed since an alert was raised.
#[derive(Debug, Default)]
pub(crate) struct Evicted {
    /// Where memory stayed, although something was freed; 0 if it fell each time.
    stayed_at: AtomicU64,
    /// How often it stayed.
    stays: AtomicU64,
    /// How many looks at the same memory are let pass before something is freed again, in case it stayed because the program grew meanwhile.
    /// Twice as many each time.
    to_pass: AtomicU64,
}

impl Evicted {
    /// How many bytes are to be freed at a value to get down to the clear level; 0 while memory is where it stayed the last time.
    fn still_over(&self, value: u64, bounds: Bounds) -> u64 {
        if bounds.cleared(value as f64) {
            return 0;
        }
        let stayed_at = self.stayed_at.load(Ordering::Relaxed);
        // A fiftieth is no change.
        let slack = stayed_at / 50;
        let over = (value as f64 - bounds.clear).abs() as u64;
        if value.saturating_add(slack) < stayed_at {
            // It has fallen after all.
            self.stayed_at.store(0, Ordering::Relaxed);
            self.stays.store(0, Ordering::Relaxed);
            return over.max(1);
        }
        match (stayed_at, self.to_pass.load(Ordering::Relaxed)) {
            (0, _) => over.max(1),
            (_, 0) if value <= stayed_at.saturating_add(slack) => over.max(1),
            (_, to_pass) if value <= stayed_at.saturating_add(slack) => {
                self.to_pass.store(to_pass - 1, Ordering::Relaxed);
                0
            }
            _ => over.max(1),
        }
    }

    /// Notes how much was freed, by the weights, and what memory was before and after. The program goes on meanwhile, so half as
    /// much is all.
    fn note(&self, freed: u64, before: u64, after: u64) {
        if before.saturating_sub(after) < freed / 2 {
            self.stayed_at.store(after.max(1), Ordering::Relaxed);
            let stays = self.stays.fetch_add(1, Ordering::Relaxed).min(16);
            self.to_pass.store((2 << stays) - 1, Ordering::Relaxed);
        }
    }
}

/// Evicts idle values of at least so many bytes together, if there are, and says how many.
fn evict_bytes(bytes: u64, evictors: &mut Vec<Evictor>) -> u64 {
    let mut freed = guarded("evicting resources", || resources::evict(bytes)).unwrap_or(0);
    evictors.retain_mut(|evictor| {
        let got = if freed < bytes { guarded("a hook that evicts", || evictor(bytes - freed)) } else { Some(0) };
        freed = freed.saturating_add(got.unwrap_or(0));
        got.is_some()
    });
    freed
}

/// Has the allocators give free memory back. Says whether one of them did: the C library says so, and of hooks it is assumed.
fn trim(trimmers: &mut Vec<Trimmer>) -> bool {
    trimmers.retain_mut(|trimmer| guarded("a hook that trims", trimmer).is_some());
    let hooks_ran = !trimmers.is_empty();
    usage::trim_heap() || hooks_ran
}

/// A file's name, with the number of times that the alert was raised where it stands for that.
fn numbered(path: &Path, number: u64) -> PathBuf {
    match path.to_str() {
        Some(text) => PathBuf::from(text.replace("%n", &number.to_string())),
        None => path.to_owned(),
    }
}

/// Traces all calls for some time, and says whether there is a file of them.
fn trace(length: Duration, path: &Path, number: u64) -> bool {
    let plan = WindowPlan::to_file(FileName::given_here(numbered(path, number))).lasting(length);
    trace_window::record(plan).map_err(|error| message::say(format_args!("{error}"))).is_ok()
}

fn write_snapshot(path: &Path, number: u64) -> bool {
    let path = numbered(path, number);
    let write = |snapshot: Snapshot| Report::json().file(path).write(&snapshot);
    match snapshot::snapshot().map(write) {
        Some(Ok(())) => true,
        Some(Err(error)) => {
            message::say(format_args!("{error}"));
            false
        }
        None => false,
    }
}

/// The line in the program's own log, where a feature asks for one.
fn log(event: &AlertEvent) {
    #[cfg(feature = "log")]
    guarded("the logger", || {
        let level = if event.is_raised() { log::Level::Warn } else { log::Level::Info };
        log::log!(target: "perf_runtime", level, "{event}");
    });
    #[cfg(feature = "tracing")]
    guarded("the subscriber", || {
        let (value, worst, number) = (event.value(), event.worst(), event.number());
        if event.is_raised() {
            tracing::warn!(target: "perf_runtime", rule = event.rule(), value, worst, number, "{event}");
        } else {
            tracing::info!(target: "perf_runtime", rule = event.rule(), value, worst, number, "{event}");
        }
    });
    #[cfg(not(any(feature = "log", feature = "tracing")))]
    let _ = event;
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn what_the_allocator_keeps_is_not_evicted_again() {
        let bounds = Bounds { above: true, raise: (500 * MIB) as f64, clear: (400 * MIB) as f64 };
        let evicted = Evicted::default();
        let over = |mib: u64| evicted.still_over(mib * MIB, bounds) / MIB;
        assert_eq!(over(520), 120);
        evicted.note(130 * MIB, 520 * MIB, 519 * MIB);
        assert_eq!(over(520), 0, "the allocator keeps it");
        assert_eq!(over(525), 125, "or it grew meanwhile: once more");
        evicted.note(125 * MIB, 525 * MIB, 519 * MIB);
        assert_eq!((0..4).map(|_| over(525)).collect::<Vec<_>>(), [0, 0, 0, 125], "more seldom each time");
        assert_eq!(over(600), 200, "the program grows beyond what it got back");
        evicted.note(81 * MIB, 600 * MIB, 600 * MIB);
        assert_eq!(over(600), 0);
        assert_eq!(over(450), 50, "memory falls after all");
        assert_eq!(over(400), 0);
    }

    #[test]
    fn where_memory_falls_by_what_is_freed_the_rest_is_evicted_next() {
        let bounds = Bounds { above: true, raise: (500 * MIB) as f64, clear: (400 * MIB) as f64 };
        let evicted = Evicted::default();
        evicted.note(30 * MIB, 510 * MIB, 490 * MIB);
        assert_eq!(evicted.still_over(490 * MIB, bounds) / MIB, 90);
    }
}
