//! The runtimes of tokio that are watched. The monitor reads their metrics with each of its samples, in its own thread.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id, RuntimeMetrics};

use crate::sync::StaticCell;

/// In a forked child the lock may be held for ever, by a thread that is not there.
const PATIENCE: Duration = Duration::from_secs(1);

static WATCHED: StaticCell<Mutex<Vec<Watched>>> = StaticCell::none();

#[derive(Debug)]
struct Watched {
    runtime: Id,
    metrics: RuntimeMetrics,
    /// The [`WatchedRuntime`]s of it.
    guards: usize,
}

/// A runtime that the monitor samples until this is dropped, made by [`watch`].
///
/// It keeps the descriptors of the runtime open, so it should not outlive the runtime.
#[derive(Debug)]
#[must_use = "the runtime is watched until this is dropped"]
pub struct WatchedRuntime {
    /// `None` if it could not be noted.
    runtime: Option<Id>,
}

/// Has the monitor sample the workers and queues of a runtime.
///
/// It does so until the result is dropped. Without the feature `monitor` it does nothing. See the [module](crate::tasks) for the metrics.
///
/// ```
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let _watched = perf_runtime::tasks::watch(runtime.handle());
/// # Ok::<_, std::io::Error>(())
/// ```
pub fn watch(runtime: &Handle) -> WatchedRuntime {
    let (id, metrics) = (runtime.id(), runtime.metrics());
    let Some(mut all) = WATCHED.get_or_default().try_lock_for(PATIENCE) else {
        return WatchedRuntime { runtime: None };
    };
    match all.iter_mut().find(|known| known.runtime == id) {
        Some(known) => known.guards += 1,
        None => all.push(Watched { runtime: id, metrics, guards: 1 }),
    }
    WatchedRuntime { runtime: Some(id) }
}

impl Drop for WatchedRuntime {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime else { return };
        let Some(mut all) = WATCHED.get().and_then(|all| all.try_lock_for(PATIENCE)) else { return };
        let Some(place) = all.iter().position(|known| known.runtime == runtime) else { return };
        all[place].guards -= 1;
        let last = (all[place].guards == 0).then(|| all.swap_remove(place));
        drop(all);
        // It may be all that is left of the runtime.
        drop(last);
    }
}

/// What a worker has done so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Worker {
    pub(crate) busy_us: u64,
    pub(crate) parks: u64,
}

/// A runtime now, and what its workers have done so far.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) runtime: Id,
    pub(crate) tasks: u64,
    pub(crate) queue: u64,
    pub(crate) workers: Vec<Worker>,
}

/// Those that are watched. `None` while that changes just now.
pub(crate) fn loads() -> Option<Vec<Load>> {
    let Some(all) = WATCHED.get() else { return Some(Vec::new()) };
    let all = all.try_lock()?;
    let load = |Watched { runtime, metrics, .. }: &Watched| Load {
        runtime: *runtime,
        tasks: metrics.num_alive_tasks() as u64,
        queue: metrics.global_queue_depth() as u64,
        workers: (0..metrics.num_workers()).map(|worker| of_worker(metrics, worker)).collect(),
    };
    Some(all.iter().map(load).collect())
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
