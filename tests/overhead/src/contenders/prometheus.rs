//! A registered `prometheus::Histogram`, observed by a timer that lives as long as the call.

use std::sync::LazyLock;

use prometheus::{Histogram, HistogramOpts, register_histogram};

use super::{Contender, Role, nothing_around, nothing_to_start, nothing_to_verify};
use crate::workload::{Blocks, simple};

static STEP: LazyLock<Histogram> = LazyLock::new(|| {
    register_histogram!(HistogramOpts::new("step_seconds", "duration of step")).expect("the name is valid and new")
});

simple! { [] [let _timer = STEP.start_timer();] }

pub(super) const CONTENDER: Contender = Contender {
    name: "prometheus",
    title: "prometheus",
    packages: &["prometheus"],
    role: Role::Peer,
    grows: false,
    start: nothing_to_start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};
