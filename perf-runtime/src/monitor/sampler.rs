//! The monitor that runs: its two threads, from their start to their end.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{io, mem};

use parking_lot::{Condvar, Mutex};
use perf_report::recording::layout::header;

use super::builder::Monitor;
use super::impossible::Unseen;
use super::system::System;
use super::watcher::{Job, Watcher};
use super::worker;
use crate::platform::{signal_mask, time, usage};
use crate::process::{message, state};
use crate::recording::Recording;
use crate::sync::StaticCell;

/// Jobs that may wait for the worker.
const QUEUE: usize = 64;

/// How long the end of a session waits for a hook that still runs.
const HOOK_LIMIT: Duration = Duration::from_secs(1);

/// The monitor that runs. Behind a pointer, so that a forked child can leave the parent's behind.
static RUNNING: StaticCell<Mutex<Option<Running>>> = StaticCell::none();

#[derive(Debug)]
struct Running {
    stop: Arc<Stop>,
    sampler: JoinHandle<Vec<Unseen>>,
    worker: JoinHandle<()>,
    /// Disconnected when the worker has ended.
    worker_ends: Receiver<()>,
}

/// Tells the sampler to stop.
#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    asking: Condvar,
}

/// Starts a monitor, in place of the one that runs.
pub(crate) fn start(monitor: Monitor) {
    let Some(recording) = state::recording() else { return };
    // The next one goes on with the alerts of this.
    let _ = stop();
    say_what_is_not_told();
    match spawn(recording, monitor) {
        Ok(running) => *RUNNING.get_or_default().lock() = Some(running),
        Err(error) => message::say(format_args!("the process is not monitored: can't start a thread: {error}")),
    }
}

/// Says on which platforms the samples have little to show.
fn say_what_is_not_told() {
    static SAID: Once = Once::new();
    if !usage::HAS_FILES {
        SAID.call_once(|| {
            message::say(format_args!(
                "this platform does not tell what the process uses; the monitor samples the counting allocator's heap, functions \
                 and resources"
            ));
        });
    }
}

fn spawn(recording: &'static Recording, monitor: Monitor) -> io::Result<Running> {
    let Monitor { interval, alerts, hooks } = monitor;
    let start_ns = recording.header().get(header::START_MONOTONIC_NS);
    let now_ns = move || time::monotonic_ns().saturating_sub(start_ns);
    let stop = Arc::new(Stop::default());
    let (jobs, to_do) = mpsc::sync_channel(QUEUE);
    let (worker_lives, worker_ends) = mpsc::channel::<()>();
    let thread = |name: &str| thread::Builder::new().name(name.to_owned());
    let worker = signal_mask::without_signals(|| {
        thread("perf-alerts").spawn(move || {
            worker::run(&to_do, hooks, now_ns);
            drop(worker_lives);
        })
    })?;
    let asked = Arc::clone(&stop);
    let sampler = signal_mask::without_signals(|| {
        thread("perf-monitor").spawn(move || {
            let system = System::new();
            let mut watcher = Watcher::new(recording, interval, alerts, &system);
            sample_until_stopped(&asked, interval, system, &mut watcher, &jobs, now_ns);
            watcher.unseen()
        })
    })?;
    Ok(Running { stop, sampler, worker, worker_ends })
}

/// The sampler: one sample at once, then one per interval, and one at the end.
fn sample_until_stopped(
    stop: &Stop,
    interval: Duration,
    mut system: System,
    watcher: &mut Watcher,
    jobs: &SyncSender<Job>,
    now_ns: impl Fn() -> u64,
) {
    let mut due = Instant::now();
    loop {
        let begin = Instant::now();
        let now = now_ns();
        let sample = system.sample(now);
        let took = begin.elapsed().as_nanos() as u64;
        watcher.take_sample(now, took, &sample, |job| jobs.try_send(job).is_ok());
        due += interval;
        let late = begin.saturating_duration_since(due);
        if !late.is_zero() {
            // The process stood still: what was missed is not made up for.
            due = begin + interval;
        }
        let mut asked = stop.asked.lock();
        if *asked {
            return;
        }
        while !*asked && !stop.asking.wait_until(&mut asked, due).timed_out() {}
        if *asked && begin.elapsed() < interval / 4 {
            // Rates over so short a time say little.
            return;
        }
    }
}

/// Takes a last sample and ends the monitor, if one runs. Waits [`HOOK_LIMIT`] for a hook that is still at it, no longer.
///
/// Returns the alerts whose names nothing has had so far.
pub(crate) fn stop() -> Vec<Unseen> {
    let Some(running) = RUNNING.get().and_then(|running| mem::take(&mut *running.lock())) else { return Vec::new() };
    *running.stop.asked.lock() = true;
    running.stop.asking.notify_all();
    // With the sampler the queue's other end is gone, and the worker ends when it is empty.
    let unseen = running.sampler.join().unwrap_or_default();
    if running.worker.thread().id() == thread::current().id() {
        // A hook ends the session or the process: it would wait for itself.
        return unseen;
    }
    match running.worker_ends.recv_timeout(HOOK_LIMIT) {
        Err(RecvTimeoutError::Timeout) => {
            message::say(format_args!("a hook of an alert still runs after {HOOK_LIMIT:?}; going on without it"));
        }
        _ => {
            let _ = running.worker.join();
        }
    }
    unseen
}

/// In a forked child: the monitor's threads are not there.
pub(crate) fn forget() {
    RUNNING.set(None);
}
