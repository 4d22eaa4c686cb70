//! The four kinds of resources that users meet. They differ in their accessors alone; the life is [`ResourceCore`]'s.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use perf_report::ResourceState;

use super::core::ResourceCore;
use super::declaration::Declaration;
use super::erased::{ErasedResource, Managed};
use super::error::ResourceError;
use super::fast_path::{ByLease, ByReference};
use super::graph;
use super::handle::ResourceHandle;
use super::lease_cell::{Lease, LeaseCell};
use super::replaced::Replaced;

/// The parts that all kinds have: the struct, its constructor, its handle, and the operations without a value.
macro_rules! kind {
    ($(#[$doc:meta])* $kind:ident, $fast_path:ident, $new:expr, $evictable:literal) => {
        $(#[$doc])*
        pub struct $kind<T: Send + Sync + 'static, E: 'static = Infallible> {
            core: ResourceCore<T, $fast_path<T>>,
            /// The static itself: `&self` of a `Deref` does not say that it lasts for ever.
            this: fn() -> &'static $kind<T, E>,
            _error: PhantomData<fn() -> E>,
        }

        impl<T: Send + Sync, E> $kind<T, E> {
            /// For expansions.
            #[doc(hidden)]
            #[must_use]
            pub const fn declare(this: fn() -> &'static Self, declaration: Declaration<T>) -> Self {
                $kind { core: ResourceCore::new(declaration, $new, $evictable), this, _error: PhantomData }
            }

            fn core(&self) -> &'static ResourceCore<T, $fast_path<T>> {
                &(self.this)().core
            }

            /// Returns a handle to the resource, without the type of its value.
            #[must_use]
            pub fn handle(&self) -> ResourceHandle {
                ResourceHandle::of(self.core())
            }

            /// Returns the name of the resource in reports and errors.
            #[must_use]
            pub fn name(&self) -> &'static str {
                self.handle().name()
            }

            /// Returns the state of the resource.
            #[must_use]
            pub fn state(&self) -> ResourceState {
                self.core.state()
            }

            /// Runs the health check of the option `health`.
            ///
            /// The result is `None` without that option, or while there is no value.
            #[must_use]
            pub fn is_healthy(&self) -> Option<bool> {
                self.core().is_healthy()
            }

            /// Substitutes another value in a test, until the guard is dropped.
            ///
            /// Then the resource is in its former state again, even if it had not been initialised. Hooks are not called for
            /// a substitute.
            pub fn replace(&self, value: T) -> Replaced {
                let core = self.core();
                Replaced::new(core, core.replace(value))
            }
        }

        impl<T: Send + Sync, E> Managed for $kind<T, E> {
            fn erased(&self) -> &'static dyn ErasedResource {
                self.core()
            }
        }

        impl<T: Send + Sync, E> fmt::Debug for $kind<T, E> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($kind))
                    .field("name", &self.name())
                    .field("state", &self.state())
                    .finish_non_exhaustive()
            }
        }
    };
}

kind! {
    /// A resource that is kept from its first use to the end of the process.
    ///
    /// [`#[lazy_resource]`](crate::lazy_resource) declares it. An access returns `&'static T`; if the initialiser can't fail, the
    /// resource also dereferences to `T`. Once the value is ready, an access costs one load and one branch.
    Resource, ByReference, ByReference::new(), false
}

kind! {
    /// A resource whose value can be evicted and created again.
    ///
    /// [`#[lazy_resource(evict)]`](crate::lazy_resource) declares it. An access returns a [`Lease`], never `&'static T`.
    EvictableResource, ByLease, ByLease::new(), true
}

kind! {
    /// A [`Resource`] with an async initialiser.
    AsyncResource, ByReference, ByReference::new(), false
}

kind! {
    /// An [`EvictableResource`] with an async initialiser.
    AsyncEvictableResource, ByLease, ByLease::new(), true
}

impl<T: Send + Sync> ResourceCore<T, ByReference<T>> {
    /// The value if it is there, for those who found the fast path closed.
    fn ready(&'static self) -> Option<&'static T> {
        let value = self.fast_path.get_closed()?;
        graph::note_dependency(graph::current(), &self.info);
        Some(value)
    }

    #[cold]
    #[inline(never)]
    fn slow_path(&'static self) -> Result<&'static T, ResourceError> {
        match self.ready() {
            Some(value) => Ok(value),
            None => self.obtain().map(LeaseCell::for_ever),
        }
    }

    async fn slow_path_async(&'static self) -> Result<&'static T, ResourceError> {
        match self.ready() {
            Some(value) => Ok(value),
            None => self.obtain_async().await.map(LeaseCell::for_ever),
        }
    }
}

impl<T: Send + Sync> ResourceCore<T, ByLease<T>> {
    #[inline(always)]
    fn lease(&self) -> Option<Lease<T>> {
        if graph::current() == 0 { self.fast_path.lease() } else { None }
    }
}

impl<T: Send + Sync> Resource<T> {
    /// Returns the value, which the first call creates while others wait.
    ///
    /// # Panics
    /// If the initialiser panics, or waits for the caller ([`ResourceError::Cycle`]). The next call tries again.
    #[inline(always)]
    pub fn get(&self) -> &'static T {
        self.core.fast_path.get().unwrap_or_else(|| self.get_or_panic())
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn get_or_panic(&self) -> &'static T {
        self.core().slow_path().unwrap_or_else(|error| error.panic())
    }
}

impl<T: Send + Sync> Deref for Resource<T> {
    type Target = T;

    /// Returns the value, as [`get`](Resource::get) does.
    #[inline(always)]
    fn deref(&self) -> &T {
        self.get()
    }
}

impl<T: Send + Sync, E> Resource<T, E> {
    /// Returns the value, which the first call creates, or the initialiser's error.
    ///
    /// Calls that come meanwhile wait, and get the same result.
    ///
    /// # Errors
    /// If the initialiser fails or panics, in all attempts of the `retry` rule, or waits for the caller.
    #[inline(always)]
    pub fn try_get(&self) -> Result<&'static T, ResourceError> {
        self.core.fast_path.get().map_or_else(|| self.core().slow_path(), Ok)
    }

    /// Creates the value, unless there is one.
    ///
    /// # Errors
    /// As [`try_get`](Resource::try_get).
    pub fn warm(&self) -> Result<(), ResourceError> {
        self.try_get().map(drop)
    }
}

impl<T: Send + Sync> AsyncResource<T> {
    /// Returns the value, which the first task creates while others wait.
    ///
    /// If the future that creates the value is dropped before its end, a waiting one starts over.
    ///
    /// # Panics
    /// If the initialiser panics, takes longer than its `timeout`, or waits for the caller. The next call tries again.
    #[inline]
    pub async fn get(&self) -> &'static T {
        match self.try_get().await {
            Ok(value) => value,
            Err(error) => error.panic(),
        }
    }
}

impl<T: Send + Sync, E> AsyncResource<T, E> {
    /// Returns the value or an error, as [`Resource::try_get`] does.
    ///
    /// # Errors
    /// If the initialiser fails, panics or takes longer than its `timeout`, in all attempts of the `retry` rule, or waits
    /// for the caller.
    #[inline]
    pub async fn try_get(&self) -> Result<&'static T, ResourceError> {
        match self.core.fast_path.get() {
            Some(value) => Ok(value),
            None => self.core().slow_path_async().await,
        }
    }

    /// Creates the value, unless there is one.
    ///
    /// # Errors
    /// As [`try_get`](AsyncResource::try_get).
    pub async fn warm(&self) -> Result<(), ResourceError> {
        self.try_get().await.map(drop)
    }
}

impl<T: Send + Sync> EvictableResource<T> {
    /// Returns a lease of the value, which the first call creates while others wait.
    ///
    /// The first call after an eviction creates it again.
    ///
    /// # Panics
    /// If the initialiser panics, or waits for the caller. The next call tries again.
    #[inline]
    pub fn lease(&self) -> Lease<T> {
        self.core.lease().unwrap_or_else(|| self.lease_or_panic())
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn lease_or_panic(&self) -> Lease<T> {
        self.core().obtain().unwrap_or_else(|error| error.panic())
    }
}

impl<T: Send + Sync, E> EvictableResource<T, E> {
    /// Returns a lease of the value, or the error of its initialiser.
    ///
    /// # Errors
    /// If the initialiser fails or panics, in all attempts of the `retry` rule, or waits for the caller.
    #[inline]
    pub fn try_lease(&self) -> Result<Lease<T>, ResourceError> {
        self.core.lease().map_or_else(|| self.core().obtain(), Ok)
    }

    /// Creates the value, unless there is one.
    ///
    /// # Errors
    /// As [`try_lease`](EvictableResource::try_lease).
    pub fn warm(&self) -> Result<(), ResourceError> {
        self.try_lease().map(drop)
    }

    /// Creates a new value for new leases.
    ///
    /// The old value is dropped when its last lease ends. Until the new one is ready, leases are of the old one; if it can't be
    /// created, they still are.
    ///
    /// # Errors
    /// As [`try_lease`](EvictableResource::try_lease).
    pub fn reload(&self) -> Result<Lease<T>, ResourceError> {
        self.core().reload()
    }
}

impl<T: Send + Sync> AsyncEvictableResource<T> {
    /// Returns a lease of the value, as [`EvictableResource::lease`] does.
    ///
    /// # Panics
    /// If the initialiser panics, takes longer than its `timeout`, or waits for the caller. The next call tries again.
    #[inline]
    pub async fn lease(&self) -> Lease<T> {
        match self.try_lease().await {
            Ok(lease) => lease,
            Err(error) => error.panic(),
        }
    }
}

impl<T: Send + Sync, E> AsyncEvictableResource<T, E> {
    /// Returns a lease of the value or an error, as [`EvictableResource::try_lease`] does.
    ///
    /// # Errors
    /// If the initialiser fails, panics or takes longer than its `timeout`, in all attempts of the `retry` rule, or waits
    /// for the caller.
    #[inline]
    pub async fn try_lease(&self) -> Result<Lease<T>, ResourceError> {
        match self.core.lease() {
            Some(lease) => Ok(lease),
            None => self.core().obtain_async().await,
        }
    }

    /// Creates the value, unless there is one.
    ///
    /// # Errors
    /// As [`try_lease`](AsyncEvictableResource::try_lease).
    pub async fn warm(&self) -> Result<(), ResourceError> {
        self.try_lease().await.map(drop)
    }

    /// Creates a new value for new leases, as [`EvictableResource::reload`] does.
    ///
    /// # Errors
    /// As [`try_lease`](AsyncEvictableResource::try_lease).
    pub async fn reload(&self) -> Result<Lease<T>, ResourceError> {
        self.core().reload_async().await
    }
}

macro_rules! evictable {
    ($kind:ident) => {
        impl<T: Send + Sync, E> $kind<T, E> {
            /// Evicts the value, and returns how many bytes it held by its `weight`.
            ///
            /// The value is dropped when its last lease ends; the next access creates a new one. The result is `None` if there
            /// was no value.
            pub fn evict(&self) -> Option<u64> {
                self.core().evict()
            }
        }
    };
}

evictable!(EvictableResource);
evictable!(AsyncEvictableResource);
