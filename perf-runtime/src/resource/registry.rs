//! All resources of the program.

use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::process::registration::Contribution;
use crate::recording::Recording;

use super::error::ResourceError;
use super::figures::{Shared, Teardown};
use super::state::ResourceState;
use super::{teardown, warm};

/// A resource being warmed.
pub(crate) type Warming = Pin<Box<dyn Future<Output = Result<(), ResourceError>> + Send>>;

/// What `inventory` collects.
#[derive(Clone, Copy)]
pub struct RegisteredResource(pub &'static dyn Managed);

inventory::collect!(RegisteredResource);
inventory::submit! { Contribution(register_all) }

/// A resource declared on a static.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no resource that `depends` can name",
    note = "`depends` takes statics with `#[lazy_resource]`; what else an initialiser uses is learnt when it runs"
)]
pub trait Managed: Sync {
    /// What can be done with it.
    #[doc(hidden)]
    fn operate(&self) -> &'static dyn Operate;
}

/// What can be done with a resource without knowing the type of its value.
pub trait Operate: Sync {
    fn shared(&'static self) -> &'static Shared;
    fn state(&self) -> ResourceState;
    fn warm(&'static self) -> Result<(), ResourceError>;
    fn warm_async(&'static self) -> Warming;
    /// Gives up the value; the bytes that it held, if there was one.
    fn evict(&'static self) -> Option<usize>;
    /// Gives up a value that was made within a scope.
    fn evict_scope(&'static self, scope: u64);
    /// Gives up a value that is idle, old or unhealthy by the resource's rules.
    fn sweep(&'static self) -> Option<usize>;
    /// How long the value has not been used, if it could be evicted without anybody holding it.
    fn idle(&'static self) -> Option<Duration>;
    /// Brings the figures about leases up to date.
    fn count(&self);
    fn is_healthy(&'static self) -> Option<bool>;
    fn set_short(&self, open: bool);
    fn restore(&'static self, id: u64);
    /// Whether there is a value to be torn down.
    fn is_up(&self) -> bool;
    /// Tears it down.
    ///
    /// # Errors
    /// The text of the panic of its hook.
    fn shut_down(&'static self) -> Result<Teardown, String>;
    /// Before a fork: keeps other threads out until what this returns is dropped.
    fn hold(&'static self) -> Box<dyn std::any::Any>;
    /// In a forked child.
    fn after_fork(&'static self);
}

/// All resources.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Operate> {
    inventory::iter::<RegisteredResource>.into_iter().map(|resource| resource.0.operate())
}

/// Opens or closes the short way to all of them.
pub(crate) fn set_short(open: bool) {
    all().for_each(|resource| resource.set_short(open));
}

/// Gives all resources a record in a recording, and their figures as they are.
pub(crate) fn register_all(recording: &Recording) {
    for resource in all() {
        resource.shared().declare_dependencies();
        resource.shared().register(recording);
        resource.count();
    }
}

/// The next position in the order of initialisations.
pub(crate) fn next_order() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// From 0 to 1, different each time and in each process.
pub(crate) fn random() -> f64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let hash = RandomState::new().hash_one(CALLS.fetch_add(1, Ordering::Relaxed));
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// All resources of the program: those that a `#[lazy_resource]` declares, used or not.
///
/// ```
/// # use perf_runtime::{lazy_resource, resources};
/// #[lazy_resource]
/// static GREETING: String = String::from("hello");
///
/// let greeting = resources().find("GREETING").unwrap();
/// greeting.warm().unwrap();
/// assert!(resources().iter().any(|resource| resource == greeting));
/// ```
#[must_use]
pub fn resources() -> Resources {
    Resources { _private: () }
}

/// All resources of the program. Made by [`resources`].
#[derive(Clone, Copy, Debug)]
pub struct Resources {
    _private: (),
}

impl Resources {
    /// Each of them, in no particular order.
    pub fn iter(self) -> impl Iterator<Item = ResourceHandle> {
        all().map(ResourceHandle::of)
    }

    /// The resource of a name, or the only one whose path ends so: `POOL` and `db::POOL` find `app::db::POOL`.
    #[must_use]
    pub fn find(self, name: &str) -> Option<ResourceHandle> {
        let mut by_end = None;
        let mut several = false;
        for resource in self.iter() {
            let full = resource.operate.shared().name();
            if &*full == name {
                return Some(resource);
            }
            if full.strip_suffix(name).is_some_and(|rest| rest.ends_with("::")) {
                several = by_end.replace(resource).is_some() || several;
            }
        }
        by_end.filter(|_| !several)
    }

    /// Initialises all, in parallel as far as their dependencies allow, and says what could not be.
    ///
    /// [`warm_up`](Self::warm_up) does it with choices.
    pub fn warm_all(self) -> Vec<ResourceError> {
        self.warm_up().run()
    }

    /// Initialises many, in a way to be described.
    pub fn warm_up(self) -> warm::WarmUp<'static> {
        warm::WarmUp::new()
    }

    /// Evicts what by its own rules (`idle`, `max_age`, `health`) should go, now instead of at the next sweep. Says how many
    /// bytes they held.
    pub fn evict_idle(self) -> usize {
        all().filter_map(Operate::sweep).sum()
    }

    /// Evicts values that nobody has a lease of, longest unused first and heavier before lighter, until they held at least so
    /// many bytes together, by their `weight`. Says how many bytes they held.
    pub fn evict_until(self, bytes: usize) -> usize {
        let mut idle: Vec<_> = all().filter_map(|resource| Some((resource.idle()?, resource))).collect();
        idle.sort_by_key(|(idle, resource)| {
            // Differences below a second say nothing about what will be used next.
            std::cmp::Reverse((idle.as_secs(), resource.shared().read(|figures| figures.weight), *idle))
        });
        let mut freed = 0;
        for (_, resource) in idle {
            if freed >= bytes {
                break;
            }
            freed += resource.evict().unwrap_or(0);
        }
        freed
    }

    /// Tears everything down that is initialised, now instead of at the end: dependents before what they depend on, else the
    /// last initialised first. Returns when that is done or given up.
    pub fn shutdown(self) {
        teardown::run(crate::process::deadline::never());
    }

    /// How long one resource's teardown may take; 5 s unless set.
    pub fn set_teardown_limit(self, limit: Duration) {
        teardown::set_limit(limit);
    }
}

/// One of the program's resources, whatever the type of its value.
#[derive(Clone, Copy)]
pub struct ResourceHandle {
    operate: &'static dyn Operate,
}

impl ResourceHandle {
    pub(crate) fn of(operate: &'static dyn Operate) -> Self {
        ResourceHandle { operate }
    }

    /// What the reports call it.
    #[must_use]
    pub fn name(&self) -> String {
        self.operate.shared().name().to_string()
    }

    /// Where it stands in its life.
    #[must_use]
    pub fn state(&self) -> ResourceState {
        self.operate.state()
    }

    /// Whether its value can be given up.
    #[must_use]
    pub fn is_evictable(&self) -> bool {
        self.operate.shared().shape.evictable
    }

    /// Whether its initialiser is async.
    #[must_use]
    pub fn is_async(&self) -> bool {
        self.operate.shared().shape.asynchronous
    }

    /// Makes the value, unless it is there. That of an async resource is made by [`warm_async`](Self::warm_async).
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn warm(&self) -> Result<(), ResourceError> {
        self.operate.warm()
    }

    /// Makes the value, unless it is there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn warm_async(&self) -> Result<(), ResourceError> {
        self.operate.warm_async().await
    }

    /// Gives up the value of an evictable resource; the bytes it held, if there was one.
    pub fn evict(&self) -> Option<usize> {
        self.operate.evict()
    }

    /// Asks its `health` option.
    #[must_use]
    pub fn is_healthy(&self) -> Option<bool> {
        self.operate.is_healthy()
    }

    /// What its `health` option answered last, if it was asked.
    #[cfg(feature = "monitor")]
    pub(crate) fn last_health(&self) -> Option<bool> {
        self.operate.shared().read(|figures| figures.healthy)
    }

    /// How long an evictable value that nobody has a lease of was not used, at least; it is looked at when it is swept, counted
    /// or asked for, as here.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        self.operate.idle()
    }

    /// Bytes that its value holds, by its `weight`.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.operate.shared().read(|figures| figures.weight)
    }

    /// Leases of it that are out, of former values too.
    #[must_use]
    pub fn leases(&self) -> u64 {
        self.operate.count();
        self.operate.shared().read(|figures| figures.leases)
    }

    /// How often a value was made.
    #[must_use]
    pub fn initialisations(&self) -> u64 {
        self.operate.shared().read(|figures| figures.initialisations)
    }

    /// How many attempts to make one failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.operate.shared().read(|figures| figures.failures)
    }

    /// What its initialiser uses: as declared, and as seen so far.
    pub fn dependencies(&self) -> impl Iterator<Item = ResourceHandle> {
        self.operate.shared().declare_dependencies();
        let on: Vec<&'static Shared> =
            self.operate.shared().read(|figures| figures.dependencies.iter().map(|dependency| dependency.on).collect());
        all().filter(move |resource| on.iter().any(|on| std::ptr::eq(*on, resource.shared()))).map(ResourceHandle::of)
    }

    pub(crate) fn operate(&self) -> &'static dyn Operate {
        self.operate
    }
}

impl PartialEq for ResourceHandle {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.operate.shared(), other.operate.shared())
    }
}

impl Eq for ResourceHandle {}

impl fmt::Debug for ResourceHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResourceHandle").field("name", &self.name()).field("state", &self.state()).finish()
    }
}
