//! `#[fastrace::trace]` under a root span per thousand calls, with a reporter that discards what it gets.

use fastrace::{
    Span,
    collector::{Config, Reporter, SpanContext, SpanRecord},
};

use super::{Contender, Drain, Role, nothing_to_verify};
use crate::workload::{Blocks, simple};

simple! { [#[fastrace::trace]] [] }

pub(super) const CONTENDER: Contender = Contender {
    name: "fastrace",
    title: "fastrace",
    packages: &["fastrace"],
    role: Role::Peer,
    grows: true,
    start,
    around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};

struct Discard;

impl Reporter for Discard {
    fn report(&mut self, _spans: Vec<SpanRecord>) {}
}

fn start() -> Drain {
    fastrace::set_reporter(Discard, Config::default());
    Box::new(fastrace::flush)
}

fn around(block: &mut dyn FnMut()) {
    let root = Span::root("thousand calls", SpanContext::random());
    let _parent = root.set_local_parent();
    block();
}
