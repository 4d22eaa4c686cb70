//! Two reads of the standard library's clock.

use std::{hint::black_box, time::Instant};

use super::{Contender, Role, nothing_around, nothing_to_start, nothing_to_verify};
use crate::workload::{Blocks, simple};

/// Reads the clock when made and when dropped.
struct Timer(Instant);

impl Drop for Timer {
    #[inline(always)]
    fn drop(&mut self) {
        black_box(self.0.elapsed());
    }
}

simple! { [] [let _timer = Timer(Instant::now());] }

pub(super) const CONTENDER: Contender = Contender {
    name: "instant",
    title: "two Instant::now",
    packages: &[],
    role: Role::Clock,
    grows: false,
    start: nothing_to_start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: &[] },
    verify: nothing_to_verify,
};
