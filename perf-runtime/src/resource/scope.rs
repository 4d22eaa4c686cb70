//! Scopes: what a thread initialises within one is given up at its end.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use super::registry;

thread_local! {
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// The scope that the thread is in; 0 outside of all.
pub(crate) fn current() -> u64 {
    CURRENT.get()
}

/// While it lives, what its thread initialises is noted; when it is dropped, also by a panic, the evictable ones of these are
/// evicted. Leases that are still out keep their values as ever. For a job that should leave no memory behind.
///
/// Scopes may be nested; each evicts what was initialised within it and not within an inner one.
///
/// ```
/// # use perf_runtime::lazy_resource;
/// # use perf_runtime::resource::{ResourceScope, ResourceState};
/// #[lazy_resource(evict)]
/// static INDEX: Vec<u32> = (0..1000).collect();
///
/// {
///     let _job = ResourceScope::enter();
///     assert_eq!(INDEX.lease().len(), 1000);
/// }
/// assert_eq!(INDEX.state(), ResourceState::Evicted);
/// ```
#[derive(Debug)]
#[must_use = "the scope ends when this is dropped"]
pub struct ResourceScope {
    id: u64,
    outer: u64,
    /// A scope is its thread's.
    _not_send: PhantomData<*const ()>,
}

impl ResourceScope {
    /// Begins a scope.
    pub fn enter() -> ResourceScope {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        ResourceScope { id, outer: CURRENT.replace(id), _not_send: PhantomData }
    }
}

impl Drop for ResourceScope {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
        registry::all().for_each(|resource| resource.evict_scope(self.id));
    }
}
