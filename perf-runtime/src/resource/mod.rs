//! Resources that are made at first use and managed from there to their end.
//!
//! An expansion of `#[lazy_resource]` is a static of one of the [`kinds`], made of a [`declaration`], and known to the
//! [`registry`] through `inventory`. From its first access on, [`core`] leads it through its life; values lie in [`held`]
//! places, which know when the last lease of one has ended. [`graph`] knows who waits for whom, so that a cycle is an error,
//! and who uses whom, for [`warm`]-ups and the [`teardown`]. [`figures`] are what the reports tell of it. [`housekeeping`] is the one
//! thread there is, if anything can be idle or time out.
//!
//! What must never happen: two initialisers of one resource at a time; a reference to a value that was dropped; a wait that
//! nobody can end; the code of a user run under a lock.

mod core;
mod declaration;
mod error;
mod figures;
mod fork;
mod graph;
mod held;
mod housekeeping;
mod kinds;
mod registry;
mod replaced;
mod scope;
mod state;
mod teardown;
mod warm;

/// The contract with the expansions.
pub(crate) mod private {
    pub use super::declaration::{
        Declaration, Fallible, Never, call, fallible, fallible_async, infallible, infallible_async,
    };
    pub use super::registry::{Managed, RegisteredResource};
}

pub use error::ResourceError;
pub use held::Lease;
pub use kinds::{AsyncEvictableResource, AsyncResource, EvictableResource, Resource};
pub use registry::{ResourceHandle, Resources, resources};
pub use replaced::Replaced;
pub use scope::ResourceScope;
pub use state::ResourceState;
pub use warm::{WarmFuture, WarmProgress, WarmUp};

pub(crate) use registry::register_all;
pub(crate) use teardown::run as teardown;
pub(crate) use warm::warm_marked;
