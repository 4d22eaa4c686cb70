//! The whole contract between the expansions and the runtime. Not for direct use: it changes without notice.

/// Every attribute: the path of the item, through a marker type inside it.
pub use core::any::type_name;
/// Every attribute: registration.
pub use inventory;
/// `profile_block!`: an error on every `.await` in the block.
pub use perf_macros::refuse_await;

/// `#[lazy_resource]`: registration of the resource, its declaration, and what initialisers and options are called through.
#[cfg(feature = "resources")]
pub use crate::__perf_resource as resource;
pub use crate::__perf_site as site;
pub use crate::future::Profiled;
#[cfg(feature = "resources")]
pub use crate::resource::private::*;
/// `#[lazy_resource]`: the types of its statics, and what its accessors return.
#[cfg(feature = "resources")]
pub use crate::resource::{AsyncEvictableResource, AsyncResource, EvictableResource, Lease, Resource, ResourceError};
pub use crate::shapes::{boxed_future, call_once};
pub use crate::site::{Description, Kind, Registered, Site, Timing};
/// `#[profile(by_type)]`: the site's row for one type. The name is `type_name::<(T, U)>()` of the type parameters.
pub use crate::typed::typed;

use core::future::Future;
use core::marker::PhantomData;

use crate::{control, local};

/// `#[profile]`, `profile_block!`: a call, which ends with the scope that this lives in.
#[must_use]
#[derive(Debug)]
pub struct Guard {
    /// `None` when the call is not recorded.
    call: Option<local::Call>,
    /// A guard belongs to the thread whose frame it pops.
    _not_send: PhantomData<*const ()>,
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(call) = self.call {
            local::exit(call);
        }
    }
}

/// `#[profile]` and `profile_block!`: begins a call.
#[inline(always)]
pub fn enter(site: &'static Site) -> Guard {
    Guard { call: if control::is_off() { None } else { local::enter(site) }, _not_send: PhantomData }
}

/// `#[profile(timing = adaptive)]`: a call like [`Guard`], timed or only counted.
#[must_use]
#[derive(Debug)]
pub struct AdaptiveGuard {
    /// `None` when the call is not timed.
    call: Option<local::Call>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for AdaptiveGuard {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(call) = self.call {
            local::exit_adaptive(call);
        }
    }
}

/// `#[profile(timing = adaptive)]`: begins a call that may be only counted.
#[inline(always)]
pub fn enter_adaptive(site: &'static Site) -> AdaptiveGuard {
    let untimed = control::is_off() || local::only_count(site);
    AdaptiveGuard { call: if untimed { None } else { local::enter_adaptive(site) }, _not_send: PhantomData }
}

/// `#[profile]` on async functions, `#[profile(future)]`, `profile_future!`: times a future.
#[inline]
pub fn future<F: Future>(site: &'static Site, future: F) -> Profiled<F> {
    Profiled::new(site, future)
}
