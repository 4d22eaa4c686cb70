//! `#[hotpath::measure]` under the guard that its documentation puts into `main`. A thread in the background aggregates
//! the calls; dropping the guard waits until it has seen all of them.

use hotpath::{Format, HotpathGuardBuilder};

use super::{Contender, Drain, Role, nothing_around, nothing_to_verify};
use crate::workload::{Blocks, simple};

simple! { [#[hotpath::measure]] [] }

pub(super) const CONTENDER: Contender = Contender {
    name: "hotpath",
    title: "hotpath",
    packages: &["hotpath"],
    role: Role::Peer,
    grows: true,
    start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};

fn start() -> Drain {
    let guard = HotpathGuardBuilder::new("main").format(Format::None).build();
    Box::new(move || drop(guard))
}
