//! Scopes: a thread's evictable resources are evicted when its scope ends.

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

/// Evicts, when it is dropped, the resources that its thread initialised meanwhile.
///
/// It is for a job that should leave no memory behind. Only evictable resources are evicted, also when a panic drops the scope;
/// leases that still exist keep their values. Scopes may be nested: each evicts the resources that were initialised within it
/// and outside of inner ones.
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
    /// Enters a scope, which ends when the guard is dropped.
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
