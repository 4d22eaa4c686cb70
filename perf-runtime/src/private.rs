//! The whole contract between the expansions and the runtime. Not for direct use: it changes without notice.

pub use crate::site::{Description, Kind, Registered, Site, Timing};
/// Every attribute: the path of the item, through a marker type inside it.
pub use core::any::type_name;
/// Every attribute: registration.
pub use inventory;

pub use crate::__perf_site as site;
pub use crate::shapes::{boxed_future, call_once};

use core::future::Future;

/// `#[profile]`, `profile_block!`: times the scope it lives in.
#[must_use]
#[derive(Debug)]
pub struct Guard(());

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {}
}

/// `#[profile]` and `profile_block!`: begins a call.
#[inline]
pub fn enter(_site: &'static Site) -> Guard {
    Guard(())
}

/// `#[profile(timing = adaptive)]`: begins a call that may be only counted.
#[inline]
pub fn enter_adaptive(_site: &'static Site) -> Guard {
    Guard(())
}

/// `#[profile(by_type)]`: the site's row for one type. `type_name` is `type_name::<(T, U)>()` of the type parameters.
#[inline]
pub fn typed(site: &'static Site, _type_name: &'static str) -> &'static Site {
    site
}

/// `#[profile]` on async functions, `#[profile(future)]`, `profile_future!`: times a future.
#[inline]
pub fn future<F: Future>(_site: &'static Site, future: F) -> Profiled<F> {
    Profiled(future)
}

/// A future that is timed.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Profiled<F>(F);

impl<F: Future> core::future::IntoFuture for Profiled<F> {
    type Output = F::Output;
    type IntoFuture = F;
    fn into_future(self) -> F {
        self.0
    }
}
