//! `#[tracing::instrument]`, a span per call, whose duration `tracing-timing` takes when the span closes.

use tracing_subscriber::{Registry, layer::SubscriberExt};
use tracing_timing::{Builder, Histogram};

use super::{Contender, Drain, Role, nothing_around, nothing_to_verify};
use crate::workload::{Blocks, simple};

simple! { [#[tracing::instrument(skip_all)]] [] }

pub(super) const CONTENDER: Contender = Contender {
    name: "tracing-timing",
    title: "tracing + tracing-timing",
    packages: &["tracing", "tracing-timing"],
    role: Role::Peer,
    grows: false,
    start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};

/// Highest duration of the histogram, in nanoseconds, and its digits, as in the documentation.
const HIGHEST: u64 = 1_000_000;
const DIGITS: u8 = 2;

fn start() -> Drain {
    let timing = Builder::default()
        .span_close_events()
        .layer(|| Histogram::new_with_max(HIGHEST, DIGITS).expect("bounds and digits are valid"));
    tracing::subscriber::set_global_default(Registry::default().with(timing)).expect("no other subscriber is set");
    Box::new(|| ())
}
