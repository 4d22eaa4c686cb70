//! A resource whatever the type of its value: what each part of the system needs of it.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use perf_report::{ResourceState, TeardownOutcome};

use super::error::ResourceError;
use super::info::ResourceInfo;

/// A resource being warmed.
pub(crate) type Warming = Pin<Box<dyn Future<Output = Result<(), ResourceError>> + Send>>;

/// A resource declared on a static.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource that `depends` can name",
    note = "name statics with `#[lazy_resource]`; other dependencies are discovered when the initialiser runs"
)]
pub trait Managed: Sync {
    /// It, without the type of its value.
    #[doc(hidden)]
    fn erased(&self) -> &'static dyn ErasedResource;
}

/// A resource without the type of its value.
pub trait ErasedResource: Evict + TearDown + Fork + Sync {
    /// Its rules and metrics.
    fn info(&'static self) -> &'static ResourceInfo;
    fn state(&self) -> ResourceState;
    fn warm(&'static self) -> Result<(), ResourceError>;
    fn warm_async(&'static self) -> Warming;
    fn is_healthy(&'static self) -> Option<bool>;
    /// Whether its attribute has a health check.
    fn has_health(&self) -> bool;
    /// Adds the dependencies that its attribute names to those that are known.
    fn declare_dependencies(&'static self);
    /// Brings the metrics about leases up to date.
    fn count_leases(&self);
    /// Opens or closes the fast path to the value.
    fn set_fast_path(&self, open: bool);
    /// Ends a replacement of the value.
    fn restore(&'static self, id: u64);
}

/// The operations that eviction needs, whoever asks for it.
pub trait Evict {
    /// Gives up the value; the bytes that it held, if there was one.
    fn evict(&'static self) -> Option<u64>;
    /// Gives up a value that was made within a scope.
    fn evict_scope(&'static self, scope: u64);
    /// Gives up a value that is idle or old by the resource's rules, or unhealthy, if it `asks` for that.
    fn sweep(&'static self, asks: bool) -> Option<u64>;
    /// How long the value has not been used, if it could be evicted without anybody holding it.
    fn idle(&'static self) -> Option<Duration>;
}

/// A resource, as the teardown uses it.
pub trait TearDown {
    /// Whether there is a value to be torn down.
    fn is_up(&self) -> bool;
    /// Tears it down.
    ///
    /// # Errors
    /// The text of the panic of its hook.
    fn tear_down(&'static self) -> Result<TeardownOutcome, String>;
}

/// A resource, as a fork uses it.
pub trait Fork {
    /// Before a fork: keeps other threads out until what this returns is dropped.
    fn lock_for_fork(&'static self) -> Box<dyn Any>;
    /// In a forked child.
    fn after_fork(&'static self);
}
