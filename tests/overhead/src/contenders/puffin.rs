//! `puffin::profile_function!` in frames of a thousand calls, with a sink that discards the frames.

use puffin::GlobalProfiler;

use super::{Contender, Drain, Role, nothing_to_verify};
use crate::workload::{Blocks, simple};

simple! { [] [puffin::profile_function!();] }

pub(super) const CONTENDER: Contender = Contender {
    name: "puffin",
    title: "puffin",
    packages: &["puffin"],
    role: Role::Peer,
    grows: false,
    start,
    around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};

fn start() -> Drain {
    puffin::set_scopes_on(true);
    GlobalProfiler::lock().add_sink(Box::new(|_frame| ()));
    Box::new(|| GlobalProfiler::lock().new_frame())
}

fn around(block: &mut dyn FnMut()) {
    GlobalProfiler::lock().new_frame();
    puffin::profile_scope!("frame");
    block();
}
