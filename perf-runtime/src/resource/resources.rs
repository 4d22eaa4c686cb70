//! All resources of the program, for the program.

use std::time::Duration;

use super::error::ResourceError;
use super::handle::ResourceHandle;
use super::registry::all;
use super::{teardown, warm};

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
            let full = resource.erased().info().name();
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
        all().filter_map(|resource| resource.sweep(true)).sum()
    }

    /// Evicts values that nobody has a lease of, longest unused first and heavier before lighter, until they held at least so
    /// many bytes together, by their `weight`. Says how many bytes they held.
    pub fn evict_until(self, bytes: usize) -> usize {
        let mut idle: Vec<_> = all().filter_map(|resource| Some((resource.idle()?, resource))).collect();
        idle.sort_by_key(|(idle, resource)| {
            // Differences below a second say nothing about what will be used next.
            std::cmp::Reverse((idle.as_secs(), resource.info().read(|metrics| metrics.weight), *idle))
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
        teardown::run(crate::process::deadline::never(), 0);
    }

    /// How long one resource's teardown may take; 5 s unless set.
    pub fn set_teardown_limit(self, limit: Duration) {
        teardown::set_limit(limit);
    }
}
