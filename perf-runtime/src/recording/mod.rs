//! The recording: one region of memory that holds all the numbers of a process.
//!
//! The course of events ([`crate::session`]) starts one: [`memory`], an [`allocator`] of blocks in it, and a [`header`]. Each
//! annotated place is added to the list of [`sites`]. Each thread takes a shard from the list of [`shards`] at its first call
//! ([`acquire_shard`](Recording::acquire_shard)), gives it back when it ends ([`release_shard`](Recording::release_shard)), and
//! writes only there: a [`shard`] has a [`slot`] for each site the thread ran, and [`edges`] from callers to callees. One thread
//! may look at the stacks of all others ([`stack_look`]) and keep what it sees ([`stack_tree`]). While a [`trace`] window is open,
//! each thread writes down its calls. Any thread may
//! [`copy`](Recording::copy) the whole at any moment, without stopping anybody. Nothing in it is ever moved or freed.
//!
//! The following must never happen: a second writer in a shard; a block handed out twice; an offset published before what it
//! refers to is filled.

#[cfg(feature = "allocations")]
mod allocations;
mod allocator;
#[cfg(feature = "resources")]
mod block_cell;
mod blocks;
mod copy;
mod counted;
mod edges;
mod frames;
mod header;
#[cfg(feature = "sync")]
mod held;
mod in_place;
#[cfg(all(test, loom))]
mod loom_tests;
pub(crate) mod memory;
mod shard;
mod shards;
mod sites;
mod slot;
mod slowest;
mod stack_look;
mod stack_tree;
mod successor;
#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(feature = "monitor")]
mod totals;
mod trace;

pub(crate) use allocator::Recording;
#[cfg(feature = "resources")]
pub(crate) use block_cell::BlockCell;
#[cfg(test)]
pub(crate) use counted::Counted;
pub(crate) use counted::CountedCall;
#[cfg(all(test, feature = "monitor"))]
pub(crate) use header::test_origin;
pub(crate) use header::{Cost, Costs, Origin};
pub(crate) use shard::{CallBegin, CallOutcome, Shard};
pub(crate) use sites::SiteText;
pub(crate) use slot::Slot;
pub(crate) use slowest::SlowCall;
pub(crate) use stack_tree::StackTree;
#[cfg(feature = "monitor")]
pub(crate) use totals::SiteTotals;
pub(crate) use trace::NoWindow;
