//! `#[profile]`, recording: every call timed.

use super::{Contender, Drain, Role, nothing_around};
use crate::workload::{Blocks, shapes, simple};

simple! { [#[perf_runtime::profile]] [] }
shapes! { [#[perf_runtime::profile]] [] }

pub(super) const CONTENDER: Contender = Contender {
    name: "exact",
    title: "perf",
    package: None,
    role: Role::Ours,
    grows: false,
    start,
    around: nothing_around,
    blocks: BLOCKS,
};

pub(super) const BLOCKS: Blocks = Blocks { simple, shapes: Some(SHAPES) };

/// Recording has no work in the background, so there is none to finish.
pub fn start() -> Drain {
    perf_runtime::enable();
    Box::new(perf_runtime::disable)
}

/// One recorded call.
pub fn first_call() -> u64 {
    step(1)
}
