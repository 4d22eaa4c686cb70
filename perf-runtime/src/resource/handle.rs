//! A handle to one resource, whatever the type of its value.

use std::fmt;
use std::time::Duration;

use perf_report::ResourceState;

use super::erased::ErasedResource;
use super::error::ResourceError;
use super::info::ResourceInfo;
use super::registry::all;

/// One of the program's resources, without the type of its value.
#[derive(Clone, Copy)]
pub struct ResourceHandle {
    resource: &'static dyn ErasedResource,
}

impl ResourceHandle {
    pub(crate) fn of(resource: &'static dyn ErasedResource) -> Self {
        ResourceHandle { resource }
    }

    /// Returns the name of the resource in reports and errors.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.resource.info().name_text()
    }

    /// Returns the state of the resource.
    #[must_use]
    pub fn state(&self) -> ResourceState {
        self.resource.state()
    }

    /// Returns whether the value can be evicted.
    #[must_use]
    pub fn is_evictable(&self) -> bool {
        self.resource.info().kind.evictable
    }

    /// Returns whether the initialiser is async.
    #[must_use]
    pub fn is_async(&self) -> bool {
        self.resource.info().kind.asynchronous
    }

    /// Creates the value of a blocking resource, unless there is one.
    ///
    /// [`warm_async`](Self::warm_async) creates the value of any resource.
    ///
    /// # Errors
    /// If the initialiser fails, or is async.
    pub fn warm(&self) -> Result<(), ResourceError> {
        self.resource.warm()
    }

    /// Creates the value, unless there is one.
    ///
    /// # Errors
    /// If the initialiser fails.
    pub async fn warm_async(&self) -> Result<(), ResourceError> {
        self.resource.warm_async().await
    }

    /// Evicts the value, and returns how many bytes it held by its `weight`.
    ///
    /// The result is `None` if there was no value, or if the resource is not evictable.
    pub fn evict(&self) -> Option<u64> {
        self.resource.evict()
    }

    /// Runs the health check of the option `health`.
    ///
    /// The result is `None` without that option, or while there is no value.
    #[must_use]
    pub fn is_healthy(&self) -> Option<bool> {
        self.resource.is_healthy()
    }

    /// The last answer of its `health` option, if anybody asked.
    #[cfg(feature = "monitor")]
    pub(crate) fn last_health(&self) -> Option<bool> {
        self.resource.info().read(|metrics| metrics.healthy)
    }

    /// Returns how long the value of an evictable resource has had no lease.
    ///
    /// Leases are looked at when somebody asks, as here, and when the value is checked for eviction; so the time is a lower bound.
    /// The result is `None` while there is a lease, or no value.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        self.resource.idle()
    }

    /// Returns how many bytes the value holds, by its `weight`.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.resource.info().read(|metrics| metrics.weight)
    }

    /// Returns the number of leases that exist, those of former values included.
    #[must_use]
    pub fn leases(&self) -> u64 {
        self.resource.count_leases();
        self.resource.info().read(|metrics| metrics.leases)
    }

    /// Returns how often a value was created.
    #[must_use]
    pub fn initialisations(&self) -> u64 {
        self.resource.info().read(|metrics| metrics.initialisations)
    }

    /// Returns how many attempts to create a value failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.resource.info().read(|metrics| metrics.failures)
    }

    /// Returns the resources that the initialiser uses: declared, or seen so far.
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
