//! `#[profile]` in a program that nobody asked to record.

use super::{Contender, Role, exact, nothing_around, nothing_to_start};

pub(super) const CONTENDER: Contender = Contender {
    name: "off",
    title: "perf, not recording",
    packages: &[],
    role: Role::Ours,
    grows: false,
    start: nothing_to_start,
    around: nothing_around,
    blocks: exact::BLOCKS,
    verify: |_| verify(),
};

fn verify() -> Result<(), String> {
    match perf_runtime::snapshot() {
        None => Ok(()),
        Some(_) => Err("there is a recording though nobody asked for one".to_owned()),
    }
}
