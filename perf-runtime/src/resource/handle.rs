//! A handle to one resource, whatever the type of its value.

use std::fmt;
use std::time::Duration;

use perf_report::ResourceState;

use super::erased::ErasedResource;
use super::error::ResourceError;
use super::info::ResourceInfo;
use super::registry::all;

/// One of the program's resources, whatever the type of its value.
#[derive(Clone, Copy)]
pub struct ResourceHandle {
    resource: &'static dyn ErasedResource,
}

impl ResourceHandle {
    pub(crate) fn of(resource: &'static dyn ErasedResource) -> Self {
        ResourceHandle { resource }
    }

    /// What the reports call it.
    #[must_use]
    pub fn name(&self) -> String {
        self.resource.info().name().to_string()
    }

    /// Where it stands in its life.
    #[must_use]
    pub fn state(&self) -> ResourceState {
        self.resource.state()
    }

    /// Whether its value can be given up.
    #[must_use]
    pub fn is_evictable(&self) -> bool {
        self.resource.info().kind.evictable
    }

    /// Whether its initialiser is async.
    #[must_use]
    pub fn is_async(&self) -> bool {
        self.resource.info().kind.asynchronous
    }

    /// Makes the value, unless it is there. That of an async resource is made by [`warm_async`](Self::warm_async).
    ///
    /// # Errors
    /// If it cannot be made, or if its initialiser is async.
    pub fn warm(&self) -> Result<(), ResourceError> {
        self.resource.warm()
    }

    /// Makes the value, unless it is there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn warm_async(&self) -> Result<(), ResourceError> {
        self.resource.warm_async().await
    }

    /// Gives up the value of an evictable resource; the bytes it held, if there was one.
    pub fn evict(&self) -> Option<usize> {
        self.resource.evict()
    }

    /// Asks its `health` option.
    #[must_use]
    pub fn is_healthy(&self) -> Option<bool> {
        self.resource.is_healthy()
    }

    /// What its `health` option answered last, if it was asked.
    #[cfg(feature = "monitor")]
    pub(crate) fn last_health(&self) -> Option<bool> {
        self.resource.info().read(|metrics| metrics.healthy)
    }

    /// How long an evictable value that nobody has a lease of was not used, at least; it is looked at when it is swept, counted
    /// or asked for, as here.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        self.resource.idle()
    }

    /// Bytes that its value holds, by its `weight`.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.resource.info().read(|metrics| metrics.weight)
    }

    /// Leases of it that are out, of former values too.
    #[must_use]
    pub fn leases(&self) -> u64 {
        self.resource.count_leases();
        self.resource.info().read(|metrics| metrics.leases)
    }

    /// How often a value was made.
    #[must_use]
    pub fn initialisations(&self) -> u64 {
        self.resource.info().read(|metrics| metrics.initialisations)
    }

    /// How many attempts to make one failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.resource.info().read(|metrics| metrics.failures)
    }

    /// What its initialiser uses: as declared, and as seen so far.
    pub fn dependencies(&self) -> impl Iterator<Item = ResourceHandle> {
        self.resource.declare_dependencies();
        let on: Vec<&'static ResourceInfo> =
            self.resource.info().read(|metrics| metrics.dependencies.iter().map(|dependency| dependency.on).collect());
        all().filter(move |resource| on.iter().any(|on| std::ptr::eq(*on, resource.info()))).map(ResourceHandle::of)
    }

    pub(crate) fn erased(&self) -> &'static dyn ErasedResource {
        self.resource
    }
}

impl PartialEq for ResourceHandle {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.resource.info(), other.resource.info())
    }
}

impl Eq for ResourceHandle {}

impl fmt::Debug for ResourceHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResourceHandle").field("name", &self.name()).field("state", &self.state()).finish()
    }
}
