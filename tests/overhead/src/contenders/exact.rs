//! `#[profile]`, recording: every call timed.

use super::{Contender, Drain, Role, nothing_around};
use crate::workload::{Blocks, shapes, simple};

simple! { [#[perf_runtime::profile]] [] }
shapes! {
    [#[perf_runtime::profile]] []
    by_type [#[perf_runtime::profile(by_type)]]
    future [#[perf_runtime::profile]]
    block [perf_runtime::profile_block]
}

pub(super) const CONTENDER: Contender = Contender {
    name: "exact",
    title: "perf",
    packages: &[],
    role: Role::Ours,
    grows: false,
    start,
    around: nothing_around,
    blocks: BLOCKS,
    verify: |calls| verify("exact", calls),
};

pub(super) const BLOCKS: Blocks = Blocks { simple, shapes: SHAPES };

/// Recording has no work in the background, so there is none to finish.
pub fn start() -> Drain {
    perf_runtime::enable();
    Box::new(perf_runtime::disable)
}

/// One recorded call.
pub fn first_call() -> u64 {
    step(1)
}

/// Compares the calls in a snapshot, of all functions in the contender's module, with those that were made.
pub(super) fn verify(contender: &str, calls: u64) -> Result<(), String> {
    let snapshot = perf_runtime::snapshot().ok_or("nothing was recorded")?;
    let module = module_path!().replace("exact", contender);
    let functions = snapshot.functions.iter().filter(|function| function.module.starts_with(&module));
    let recorded: u64 = functions.map(|function| function.calls).sum();
    if recorded == calls { Ok(()) } else { Err(format!("{calls} calls were made and {recorded} recorded")) }
}
