//! `#[profile(timing = adaptive)]`, recording: every call counted, short ones timed now and then.

use super::{Contender, Role, exact, nothing_around};
use crate::workload::{Blocks, shapes, simple};

simple! { [#[perf_runtime::profile(timing = adaptive)]] [] }
shapes! {
    [#[perf_runtime::profile(timing = adaptive)]] []
    by_type [#[perf_runtime::profile(by_type, timing = adaptive)]]
}

pub(super) const CONTENDER: Contender = Contender {
    name: "adaptive",
    title: "perf, adaptive",
    packages: &[],
    role: Role::Ours,
    grows: false,
    start: exact::start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: SHAPES },
    verify: |calls| exact::verify("adaptive", calls),
};
