//! Who is being initialised, who waits for whom, and who depends on whom.
//!
//! An initialisation that runs is a [`Run`]. Which one the calling code belongs to is a thread-local number: blocking
//! initialisers set it while they run, async ones in each of their polls, so it follows a task through all its threads. A run
//! waits for a resource while its initialiser is in an accessor of it, whether another run makes the value or the accessor
//! itself does. Whoever would close a circle of such waits gets an error instead; as all of them pass through one mutex,
//! the last always sees the whole circle. Accesses from outside of initialisers wait too, but nobody waits for them.
//!
//! The mutex is the innermost: nothing is locked or called while it is held, except the figures of a resource. It is on no
//! ready resource's path. To learn all the same that an initialiser uses a resource that was ready before, the short way
//! to kept resources is closed while anything is initialised ([`Operate::set_short`](super::registry::Operate::set_short)).

use std::cell::Cell;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::ResourceError;
use super::figures::Shared;
use super::registry;

/// Number of a run; 0 is code outside of all.
pub(crate) type RunId = u64;

thread_local! {
    // Without destructors, so that they serve in those of others too.
    static CURRENT: Cell<RunId> = const { Cell::new(0) };
    /// The last dependency noted: an initialiser's loop over an accessor notes it once.
    static NOTED: Cell<(RunId, *const Shared)> = const { Cell::new((0, ptr::null())) };
}

struct Run {
    id: RunId,
    resource: &'static Shared,
    /// One entry per accessor that waits; an async initialiser may be in several.
    waits: Vec<&'static Shared>,
}

struct Graph {
    last_id: RunId,
    runs: Vec<Run>,
}

static GRAPH: Mutex<Graph> = Mutex::new(Graph { last_id: 0, runs: Vec::new() });

fn lock() -> MutexGuard<'static, Graph> {
    GRAPH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The run that the calling code belongs to.
#[inline(always)]
pub(crate) fn current() -> RunId {
    CURRENT.get()
}

/// Runs `f` as part of a run.
pub(crate) fn within<R>(run: RunId, f: impl FnOnce() -> R) -> R {
    struct Back(RunId);
    impl Drop for Back {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _back = Back(CURRENT.replace(run));
    f()
}

/// Notes that the run's resource depends on `resource`, which its initialiser is using.
pub(crate) fn note_dependency(run: RunId, resource: &'static Shared) {
    if run == 0 || NOTED.get() == (run, ptr::from_ref(resource)) {
        return;
    }
    let dependent = lock().runs.iter().find(|known| known.id == run).map(|known| known.resource);
    if let Some(dependent) = dependent
        && !ptr::eq(dependent, resource)
    {
        dependent.learn_dependency(resource);
    }
    NOTED.set((run, ptr::from_ref(resource)));
}

/// Begins a run for a resource that no run is about, on behalf of run `by`.
pub(crate) fn begin(by: RunId, resource: &'static Shared) -> RunId {
    let mut graph = lock();
    graph.last_id += 1;
    let id = graph.last_id;
    if graph.runs.is_empty() {
        registry::set_short(false);
    }
    graph.add_wait(by, resource);
    graph.runs.push(Run { id, resource, waits: Vec::new() });
    id
}

/// Ends a run that [`begin`] began.
pub(crate) fn end(by: RunId, id: RunId) {
    let mut graph = lock();
    if let Some(place) = graph.runs.iter().position(|run| run.id == id) {
        let run = graph.runs.swap_remove(place);
        graph.remove_wait(by, run.resource);
        if graph.runs.is_empty() {
            registry::set_short(true);
        }
    }
}

/// Runs `f` with the answer whether the short way is open, which does not change meanwhile.
pub(crate) fn with_short(f: impl FnOnce(bool)) {
    let graph = lock();
    f(graph.runs.is_empty());
}

/// A wait of a run for a resource. It ends when this is dropped.
pub(crate) struct Wait {
    by: RunId,
    resource: &'static Shared,
}

impl Drop for Wait {
    fn drop(&mut self) {
        if self.by != 0 {
            lock().remove_wait(self.by, self.resource);
        }
    }
}

/// Has run `by` wait for a resource that another run is about.
///
/// # Errors
/// If that other one waits, directly or through others, for `by`.
pub(crate) fn wait(by: RunId, resource: &'static Shared) -> Result<Wait, ResourceError> {
    let mut graph = lock();
    if by != 0 {
        let mut path = Vec::new();
        if graph.leads_to(resource, by, &mut path, &mut Vec::new()) {
            path.push(resource);
            drop(graph);
            let resources: Vec<Arc<str>> = path.into_iter().map(Shared::name).collect();
            return Err(ResourceError::Cycle { resources });
        }
        graph.add_wait(by, resource);
    }
    Ok(Wait { by, resource })
}

impl Graph {
    /// Whether the run of `resource` is `goal` or waits for it, and through which resources.
    fn leads_to(
        &self,
        resource: &'static Shared,
        goal: RunId,
        path: &mut Vec<&'static Shared>,
        seen: &mut Vec<RunId>,
    ) -> bool {
        let Some(run) = self.runs.iter().find(|run| ptr::eq(run.resource, resource)) else { return false };
        if seen.contains(&run.id) {
            return false;
        }
        seen.push(run.id);
        path.push(resource);
        if run.id == goal || run.waits.iter().any(|next| self.leads_to(next, goal, path, seen)) {
            return true;
        }
        path.pop();
        false
    }

    fn add_wait(&mut self, by: RunId, resource: &'static Shared) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == by) {
            run.waits.push(resource);
        }
    }

    fn remove_wait(&mut self, by: RunId, resource: &'static Shared) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == by)
            && let Some(place) = run.waits.iter().position(|wait| ptr::eq(*wait, resource))
        {
            run.waits.swap_remove(place);
        }
    }
}

/// Before a fork: no other thread may be at the graph.
pub(crate) fn hold() -> Box<dyn std::any::Any> {
    Box::new(lock())
}

/// In a forked child: only the runs that this thread is in still run.
pub(crate) fn forget_other_threads() {
    let mut graph = lock();
    let mut ours = Vec::new();
    let mut next = CURRENT.get();
    while next != 0 && !ours.contains(&next) {
        ours.push(next);
        let resource = graph.runs.iter().find(|run| run.id == next).map(|run| run.resource);
        // The run that waits for this one is the one around it.
        next = resource
            .and_then(|resource| graph.runs.iter().find(|run| run.waits.iter().any(|wait| ptr::eq(*wait, resource))))
            .map_or(0, |run| run.id);
    }
    graph.runs.retain(|run| ours.contains(&run.id));
    if graph.runs.is_empty() {
        registry::set_short(true);
    }
}

/// Whether a run still runs.
pub(crate) fn is_running(id: RunId) -> bool {
    lock().runs.iter().any(|run| run.id == id)
}
