//! The whole contract between the expansions and the runtime. Not for direct use: it changes without notice.

/// Every attribute: the path of the item, through a marker type inside it.
pub use core::any::type_name;
/// Every attribute: registration.
pub use inventory;
/// `profile_block!`: an error on every `.await` in the block.
pub use perf_macros::refuse_await;

/// `#[lazy_resource]`: registration of the resource.
#[cfg(feature = "resources")]
pub use crate::__perf_resource as resource;
/// Every attribute: the static of an annotated place, and its registration.
pub use crate::__perf_site as site;
/// `#[profile(by_type)]`: the site's row for one type. The name is that of the tuple of the type parameters: `(T,)`, `(T, U)`.
pub use crate::call::by_type::typed;
/// `#[profile]` on async functions, `#[profile(future)]`, `profile_future!`: a future that is timed.
pub use crate::call::future::{Profiled, future};
/// `#[profile(timing = adaptive)]`: a call that may be only counted.
pub use crate::call::guard::{AdaptiveGuard, enter_adaptive};
/// `#[profile]`, `profile_block!`: a call that ends with a scope.
pub use crate::call::guard::{Guard, enter};
/// `#[profile(label = ...)]`: a call that is named if it is slow, and what its name is written to.
pub use crate::call::label::{Label, LabelledFuture, LabelledGuard, enter_labelled, labelled_future};
/// `#[profile(future)]`: functions that return a boxed future, or one from several places.
pub use crate::call::shapes::{boxed_future, call_once};
/// Every attribute, through `site!`: what the static holds.
pub use crate::process::site::{Description, Kind, Registered, Site, Timing};
/// `#[lazy_resource]`: the declaration, and what initialisers and options are called through.
#[cfg(feature = "resources")]
pub use crate::resource::private::*;
/// `#[lazy_resource]`: the types of its statics, and what its accessors return.
#[cfg(feature = "resources")]
pub use crate::resource::{AsyncEvictableResource, AsyncResource, EvictableResource, Lease, Resource, ResourceError};
