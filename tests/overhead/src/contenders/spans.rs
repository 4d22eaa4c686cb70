//! `#[tracing::instrument]`, a span per call, which perf's layer records.

use tracing_subscriber::{Registry, layer::SubscriberExt};

use super::{Contender, Drain, Role, exact, nothing_around};
use crate::workload::{Blocks, simple};

simple! { [#[tracing::instrument(skip_all)]] [] }

pub(super) const CONTENDER: Contender = Contender {
    name: "spans",
    title: "tracing + perf",
    packages: &[],
    role: Role::Ours,
    grows: false,
    start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: |calls| exact::verify("spans", calls),
};

fn start() -> Drain {
    let layers = Registry::default().with(perf_runtime::tracing::layer());
    tracing::subscriber::set_global_default(layers).expect("no other subscriber is set");
    exact::start()
}
