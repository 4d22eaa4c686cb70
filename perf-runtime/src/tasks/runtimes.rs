//! The runtimes of tokio that are watched. The monitor reads their metrics with each of its samples, in its own thread.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id, RuntimeMetrics};

use crate::sync::StaticCell;

/// Runtimes that are watched at once.
const MOST: usize = 16;

/// In a forked child the lock may be held for ever, by a thread that is not there.
const PATIENCE: Duration = Duration::from_secs(1);

static WATCHED: StaticCell<Mutex<Vec<Watched>>> = StaticCell::none();

/// A runtime, and what its workers had done when it was watched first.
#[derive(Debug)]
struct Watched {
    runtime: Id,
    metrics: RuntimeMetrics,
    before: Vec<Worker>,
}

/// What a worker has done so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Worker {
    pub(crate) busy_us: u64,
    pub(crate) parks: u64,
}

/// The sums over all runtimes that are watched.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) tasks: u64,
    pub(crate) queue: u64,
    pub(crate) workers: Vec<Worker>,
}

/// Has the monitor sample the workers and queues of a runtime.
///
/// Without the feature `monitor` it does nothing. See the [module](crate::tasks) for the metrics.
pub fn watch(runtime: &Handle) {
    let (id, metrics) = (runtime.id(), runtime.metrics());
    let before = workers(&metrics).collect();
    let Some(mut watched) = WATCHED.get_or_default().try_lock_for(PATIENCE) else { return };
    if watched.iter().any(|known| known.runtime == id) {
        return;
    }
    let oldest = (watched.len() == MOST).then(|| watched.remove(0));
    watched.push(Watched { runtime: id, metrics, before });
    drop(watched);
    // It may be the last that is left of its runtime.
    drop(oldest);
}

/// What they do now. `None` if none is watched.
pub(crate) fn load() -> Option<Load> {
    let watched = WATCHED.get()?.try_lock().filter(|watched| !watched.is_empty())?;
    let mut load = Load::default();
    for Watched { metrics, before, .. } in &*watched {
        load.tasks += metrics.num_alive_tasks() as u64;
        load.queue += metrics.global_queue_depth() as u64;
        load.workers.extend(workers(metrics).zip(before).map(|(now, before)| Worker {
            busy_us: now.busy_us.saturating_sub(before.busy_us),
            parks: now.parks.saturating_sub(before.parks),
        }));
    }
    Some(load)
}

fn workers(metrics: &RuntimeMetrics) -> impl Iterator<Item = Worker> {
    (0..metrics.num_workers()).map(|worker| of_worker(metrics, worker))
}

#[cfg(target_has_atomic = "64")]
fn of_worker(metrics: &RuntimeMetrics, worker: usize) -> Worker {
    let busy_us = u64::try_from(metrics.worker_total_busy_duration(worker).as_micros()).unwrap_or(u64::MAX);
    Worker { busy_us, parks: metrics.worker_park_count(worker) }
}

/// Tokio does not count there.
#[cfg(not(target_has_atomic = "64"))]
fn of_worker(_metrics: &RuntimeMetrics, _worker: usize) -> Worker {
    Worker::default()
}
