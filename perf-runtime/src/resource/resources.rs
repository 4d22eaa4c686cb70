//! All resources of the program, as the program sees them.

use std::time::Duration;

use super::handle::ResourceHandle;
use super::registry::all;
use super::warm_errors::WarmErrors;
use super::{teardown, warm};

/// Returns all resources of the program, used or not.
///
/// ```
/// # use perf_runtime::lazy_resource;
/// # use perf_runtime::resource::resources;
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

/// All resources of the program, which [`resources`] returns.
#[derive(Clone, Copy, Debug)]
pub struct Resources {
    _private: (),
}

impl Resources {
    /// Iterates over the resources, in no particular order.
    pub fn iter(self) -> impl Iterator<Item = ResourceHandle> {
        all().map(ResourceHandle::of)
    }

    /// Finds a resource by its name, or by the end of its path.
    ///
    /// `POOL` and `db::POOL` find `app::db::POOL`, unless another path ends like that too.
    #[must_use]
    pub fn find(self, name: &str) -> Option<ResourceHandle> {
        let mut by_end = None;
        let mut several = false;
        for resource in self.iter() {
            let full = resource.name();
            if full == name {
                return Some(resource);
            }
            if full.strip_suffix(name).is_some_and(|rest| rest.ends_with("::")) {
                several = by_end.replace(resource).is_some() || several;
            }
        }
        by_end.filter(|_| !several)
    }

    /// Initialises every resource, in parallel as far as dependencies allow.
    ///
    /// [`warm_up`](Self::warm_up) has options for this.
    ///
    /// # Errors
    /// If any of them could not be initialised: all that could not, after the others were.
    pub fn warm_all(self) -> Result<(), WarmErrors> {
        self.warm_up().run()
    }

    /// Configures a warm-up, which initialises many resources in parallel.
    pub fn warm_up(self) -> warm::WarmUp<'static> {
        warm::WarmUp::new()
    }

    /// Evicts now the values that are due, and returns how many bytes they held.
    ///
    /// A value is due by the rules of its resource (`idle`, `max_age`, `health`), which are otherwise checked at intervals.
    pub fn evict_idle(self) -> u64 {
        all().filter_map(|resource| resource.sweep(true)).sum()
    }

    /// Evicts unused values of that many bytes, and returns how many they held.
    ///
    /// Values without a lease are evicted, longest unused first and heavier before lighter, until their weights add up to `bytes`.
    pub fn evict_until(self, bytes: u64) -> u64 {
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

    /// Tears down every resource now, instead of at the end of the process.
    ///
    /// A resource comes before its dependencies; among independent ones, the last initialised comes first. The call returns
    /// when every teardown has ended or exceeded its limit.
    pub fn shutdown(self) {
        teardown::run(crate::process::deadline::never());
    }

    /// Sets how long the teardown of one resource may take; the default is 5 s.
    ///
    /// At the end of a session or of the process, it may also take no more than half of the time that is left, while others come after it.
    pub fn set_teardown_limit(self, limit: Duration) {
        teardown::set_limit(limit);
    }
}
