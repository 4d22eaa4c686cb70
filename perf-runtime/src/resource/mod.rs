#![doc = include_str!("../../docs/resources.md")]

// Resources that are made at first use and managed from there to their end.
//
// An expansion of `#[lazy_resource]` is a static of one of the `kinds`, made of a `declaration` with its `rules`, and known
// to the `registry` through `inventory`. An access takes the `fast_path` if the value is there. Else `core` leads the
// resource through its life; values lie in a `lease_cell`, which knows when the last lease of one has ended. `graph` knows
// who waits for whom, so that a cycle is an error, and who uses whom, for `warm`-ups and the `teardown`. `info` is what
// the reports tell of a resource. `housekeeping` is the thread that keeps time, if anything can be idle or time out, and the `sweeper`
// the one that asks and evicts.
//
// Whoever acts on resources of any type (the program by a `handle` or by `resources()`, housekeeping, the teardown, a
// `fork`, a `scope` that ends) sees them as `erased`.
//
// The following must never happen: two initialisers of one resource at a time; a reference to a value that was dropped; a wait that
// nobody can end; the code of a user run under a lock.

mod core;
mod declaration;
mod erased;
mod error;
mod fast_path;
mod fork;
mod graph;
mod handle;
mod housekeeping;
mod info;
mod kinds;
mod lease_cell;
mod registry;
mod replaced;
mod resources;
mod rules;
mod scope;
mod sweeper;
mod teardown;
mod warm;
mod warm_errors;

/// The contract with the expansions.
pub(crate) mod private {
    pub use super::declaration::{
        Declaration, Fallible, Never, call, fallible, fallible_async, infallible, infallible_async,
    };
    pub use super::erased::Managed;
    pub use super::registry::RegisteredResource;
}

pub use error::ResourceError;
pub use handle::ResourceHandle;
pub use kinds::{AsyncEvictableResource, AsyncResource, EvictableResource, Resource};
pub use lease_cell::Lease;
pub use perf_report::ResourceState;
pub use replaced::Replaced;
pub use resources::{Resources, resources};
pub use scope::ResourceScope;
pub use warm::{WarmFuture, WarmProgress, WarmUp};
pub use warm_errors::WarmErrors;

pub(crate) use fork::watch_forks;
pub(crate) use info::last_order;
pub(crate) use registry::{forget_records, register_all};
pub(crate) use teardown::{is_step, leave_step, run as teardown, run_after as teardown_after};
pub(crate) use warm::warm_marked;
