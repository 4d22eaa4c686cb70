//! The whole contract between the expansions and the runtime. Not for direct use: it changes without notice.

/// Every attribute: the path of the item, through a marker type inside it.
pub use core::any::type_name;
/// Every attribute: registration.
pub use inventory;

pub use crate::__perf_site as site;
pub use crate::future::Profiled;
pub use crate::site::{Description, Kind, Registered, Site, Timing};
/// `#[profile(by_type)]`: the site's row for one type. The name is `type_name::<(T, U)>()` of the type parameters.
pub use crate::typed::typed;

use core::future::Future;

use crate::{control, local};

/// `#[profile]`, `profile_block!`: a call, which ends with the scope that this lives in.
#[must_use]
#[derive(Debug)]
pub struct Guard {
    /// `None` when the call is not timed.
    site: Option<&'static Site>,
    start: local::Start,
    /// A guard belongs to the thread whose frame it pops.
    _not_send: core::marker::PhantomData<*const ()>,
}

impl Guard {
    const NONE: Guard = Guard { site: None, start: 0, _not_send: core::marker::PhantomData };

    #[inline(always)]
    fn begin(site: &'static Site) -> Guard {
        match local::enter(site) {
            Some(start) => Guard { site: Some(site), start, ..Guard::NONE },
            None => Guard::NONE,
        }
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(site) = self.site {
            local::exit(site, self.start);
        }
    }
}

/// `#[profile]` and `profile_block!`: begins a call.
#[inline(always)]
pub fn enter(site: &'static Site) -> Guard {
    if control::is_off() { Guard::NONE } else { Guard::begin(site) }
}

/// `#[profile(timing = adaptive)]`: begins a call that may be only counted.
#[inline(always)]
pub fn enter_adaptive(site: &'static Site) -> Guard {
    if control::is_off() || local::only_count(site) { Guard::NONE } else { Guard::begin(site) }
}

/// `#[profile]` on async functions, `#[profile(future)]`, `profile_future!`: times a future.
#[inline]
pub fn future<F: Future>(site: &'static Site, future: F) -> Profiled<F> {
    Profiled::new(site, future)
}
