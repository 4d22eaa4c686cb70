//! `#[tracing::instrument]`, a span per call, with nothing that records it: what every layer's cost begins with.

use tracing_subscriber::Registry;

use super::{Contender, Drain, Role, nothing_around, nothing_to_verify};
use crate::workload::{Blocks, simple};

simple! { [#[tracing::instrument(skip_all)]] [] }

pub(super) const CONTENDER: Contender = Contender {
    name: "registry",
    title: "tracing, no layer",
    packages: &[],
    role: Role::Foundation,
    grows: false,
    start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};

fn start() -> Drain {
    tracing::subscriber::set_global_default(Registry::default()).expect("no other subscriber is set");
    Box::new(|| ())
}
