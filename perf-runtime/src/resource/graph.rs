//! Who is being initialised, who waits for whom, and who depends on whom.
//!
//! An initialisation that runs is a [`Node`]. Which one the calling code belongs to is a thread-local number: blocking
//! initialisers set it while they run, async ones in each of their polls, so it follows a task through all its threads. An
//! initialisation waits for a resource while its initialiser is in an accessor of it, whether another one makes the value or the
//! accessor itself does. Whoever would close a circle of such waits gets an error instead; as all of them pass through one
//! mutex, the last always sees the whole circle. Accesses from outside of initialisers wait too, but nobody waits for them.
//!
//! The mutex is the innermost: nothing is locked or called while it is held, except the metrics of a resource. It is on no
//! ready resource's path. To learn all the same that an initialiser uses a resource that was ready before, the fast path
//! to kept resources is closed while anything is initialised
//! ([`ErasedResource::set_fast_path`](super::erased::ErasedResource::set_fast_path)).

use std::cell::Cell;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::ResourceError;
use super::info::ResourceInfo;
use super::registry;

/// Number of an initialisation; 0 is code outside of all.
pub(crate) type InitId = u64;

thread_local! {
    // Without destructors, so that they serve in those of others too.
    static CURRENT: Cell<InitId> = const { Cell::new(0) };
    /// The last dependency noted: an initialiser's loop over an accessor notes it once.
    static NOTED: Cell<(InitId, *const ResourceInfo)> = const { Cell::new((0, ptr::null())) };
}

struct Node {
    id: InitId,
    resource: &'static ResourceInfo,
    /// One entry per accessor that waits; an async initialiser may be in several.
    waits: Vec<&'static ResourceInfo>,
}

struct Graph {
    last_id: InitId,
    nodes: Vec<Node>,
}

static GRAPH: Mutex<Graph> = Mutex::new(Graph { last_id: 0, nodes: Vec::new() });

fn lock() -> MutexGuard<'static, Graph> {
    GRAPH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The initialisation that the calling code belongs to.
#[inline(always)]
pub(crate) fn current() -> InitId {
    CURRENT.get()
}

/// Runs `f` as part of an initialisation.
pub(crate) fn within<R>(initialisation: InitId, f: impl FnOnce() -> R) -> R {
    struct Back(InitId);
    impl Drop for Back {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _back = Back(CURRENT.replace(initialisation));
    f()
}

/// Notes that the resource of an initialisation depends on `resource`, which its initialiser is using.
pub(crate) fn note_dependency(initialisation: InitId, resource: &'static ResourceInfo) {
    if initialisation == 0 || NOTED.get() == (initialisation, ptr::from_ref(resource)) {
        return;
    }
    let dependent = lock().nodes.iter().find(|known| known.id == initialisation).map(|known| known.resource);
    if let Some(dependent) = dependent
        && !ptr::eq(dependent, resource)
    {
        dependent.learn_dependency(resource);
    }
    NOTED.set((initialisation, ptr::from_ref(resource)));
}

/// Begins the initialisation of a resource that none is about, on behalf of the initialisation `by`.
pub(crate) fn begin_initialisation(by: InitId, resource: &'static ResourceInfo) -> InitId {
    let mut graph = lock();
    graph.last_id += 1;
    let id = graph.last_id;
    if graph.nodes.is_empty() {
        registry::set_fast_paths(false);
    }
    graph.add_wait(by, resource);
    graph.nodes.push(Node { id, resource, waits: Vec::new() });
    id
}

/// Ends an initialisation that [`begin_initialisation`] began.
pub(crate) fn end_initialisation(by: InitId, id: InitId) {
    let mut graph = lock();
    if let Some(place) = graph.nodes.iter().position(|node| node.id == id) {
        let node = graph.nodes.swap_remove(place);
        graph.remove_wait(by, node.resource);
        if graph.nodes.is_empty() {
            registry::set_fast_paths(true);
        }
    }
}

/// Runs `f` with the answer whether the fast path is open, which does not change meanwhile.
pub(crate) fn with_fast_path(f: impl FnOnce(bool)) {
    let graph = lock();
    f(graph.nodes.is_empty());
}

/// A wait of an initialisation for a resource. It ends when this is dropped.
pub(crate) struct Wait {
    by: InitId,
    resource: &'static ResourceInfo,
}

impl Drop for Wait {
    fn drop(&mut self) {
        if self.by != 0 {
            lock().remove_wait(self.by, self.resource);
        }
    }
}

/// Has the initialisation `by` wait for a resource that another one is about.
///
/// # Errors
/// If that other one waits, directly or through others, for `by`.
pub(crate) fn begin_wait(by: InitId, resource: &'static ResourceInfo) -> Result<Wait, ResourceError> {
    let mut graph = lock();
    if by != 0 {
        let mut path = Vec::new();
        if graph.leads_to(resource, by, &mut path, &mut Vec::new()) {
            path.push(resource);
            drop(graph);
            let resources: Vec<Arc<str>> = path.into_iter().map(ResourceInfo::name).collect();
            return Err(ResourceError::Cycle { resources });
        }
        graph.add_wait(by, resource);
    }
    Ok(Wait { by, resource })
}

impl Graph {
    /// Whether the initialisation of `resource` is `goal` or waits for it, and through which resources.
    fn leads_to(
        &self,
        resource: &'static ResourceInfo,
        goal: InitId,
        path: &mut Vec<&'static ResourceInfo>,
        seen: &mut Vec<InitId>,
    ) -> bool {
        let Some(node) = self.nodes.iter().find(|node| ptr::eq(node.resource, resource)) else { return false };
        if seen.contains(&node.id) {
            return false;
        }
        seen.push(node.id);
        path.push(resource);
        if node.id == goal || node.waits.iter().any(|next| self.leads_to(next, goal, path, seen)) {
            return true;
        }
        path.pop();
        false
    }

    fn add_wait(&mut self, by: InitId, resource: &'static ResourceInfo) {
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == by) {
            node.waits.push(resource);
        }
    }

    fn remove_wait(&mut self, by: InitId, resource: &'static ResourceInfo) {
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == by)
            && let Some(place) = node.waits.iter().position(|wait| ptr::eq(*wait, resource))
        {
            node.waits.swap_remove(place);
        }
    }
}

/// Before a fork: no other thread may be at the graph.
pub(crate) fn lock_for_fork() -> Box<dyn std::any::Any> {
    Box::new(lock())
}

/// In a forked child: only the initialisations that this thread is in still run.
pub(crate) fn forget_other_threads() {
    let mut graph = lock();
    let mut ours = Vec::new();
    let mut next = CURRENT.get();
    while next != 0 && !ours.contains(&next) {
        ours.push(next);
        let resource = graph.nodes.iter().find(|node| node.id == next).map(|node| node.resource);
        // The one that waits for this one is the one around it.
        next = resource
            .and_then(|resource| graph.nodes.iter().find(|node| node.waits.iter().any(|wait| ptr::eq(*wait, resource))))
            .map_or(0, |node| node.id);
    }
    graph.nodes.retain(|node| ours.contains(&node.id));
    if graph.nodes.is_empty() {
        registry::set_fast_paths(true);
    }
}

/// Whether an initialisation still runs.
pub(crate) fn is_running(id: InitId) -> bool {
    lock().nodes.iter().any(|node| node.id == id)
}
