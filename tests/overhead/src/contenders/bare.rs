//! The functions as they are, which is what all others are measured against.

use super::{Contender, Role, nothing_around, nothing_to_start, nothing_to_verify};
use crate::workload::{Blocks, shapes, simple};

simple! { [] [] }
shapes! { [] [] by_type [] future [] block [crate::workload::bare_block] }

pub(super) const CONTENDER: Contender = Contender {
    name: "bare",
    title: "bare call",
    packages: &[],
    role: Role::Bare,
    grows: false,
    start: nothing_to_start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: SHAPES },
    verify: nothing_to_verify,
};
