//! The thread that deals with what happened: it runs everything that may be slow or panic, so that sampling never waits for it.
//!
//! In this order: the log, the alert's actions, the channels, the callbacks. What panics is switched off, with one line on
//! standard error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use perf_report::Snapshot;
use perf_report::monitor::{Metric, Unit};

use super::action::Action;
use super::event::AlertEvent;
use super::resources;
use super::system::System;
use super::watched::Watched;
use super::watcher::Job;
use crate::platform::usage;
use crate::process::report::Report;
use crate::process::{message, snapshot};

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

/// Evicts what is idle until the memory that the alert is about is at the clear level, and says how many bytes that freed, by
/// the weights. Where the allocator kept them, it is asked to give them back.
fn evict(job: &Job, hooks: &mut Hooks, system: &mut System) -> u64 {
    let metric = match job.alert.watched {
        Watched::Metric(metric) if metric.unit() == Unit::Bytes => Some(metric),
        _ => None,
    };
    let mut freed = 0_u64;
    for _ in 0..ROUNDS {
        let over = match metric {
            Some(metric) => match system.bytes(metric) {
                Some(value) if job.bounds.cleared(value as f64) => break,
                value => value.map_or(u64::MAX, |value| (value as f64 - job.bounds.clear).abs() as u64).max(1),
            },
            None => u64::MAX,
        };
        let got = evict_bytes(over, &mut hooks.evictors);
        freed = freed.saturating_add(got);
        if got == 0 || metric.is_none() {
            break;
        }
        // Only where evicting was not enough: it takes the allocator's locks for a while.
        if metric.and_then(|metric| system.bytes(metric)).is_some_and(|value| !job.bounds.cleared(value as f64)) {
            trim(&mut hooks.trimmers);
        }
    }
    freed
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

/// Has the allocators give free memory back. Says whether there is one that can.
fn trim(trimmers: &mut Vec<Trimmer>) -> bool {
    trimmers.retain_mut(|trimmer| guarded("a hook that trims", trimmer).is_some());
    usage::trim_heap() || !trimmers.is_empty()
}

fn write_snapshot(path: &Path, number: u64) -> bool {
    let path = match path.to_str() {
        Some(text) => PathBuf::from(text.replace("%n", &number.to_string())),
        None => path.to_owned(),
    };
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
