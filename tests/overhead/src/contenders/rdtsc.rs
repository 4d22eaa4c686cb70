//! Two reads of the processor's time stamp counter, the least that timing a call can cost.

use std::hint::black_box;

use super::{Contender, Role, nothing_around, nothing_to_start, nothing_to_verify};
use crate::workload::{Blocks, shapes, simple};

/// Reads the counter when made and when dropped.
pub(super) struct Ticks(u64);

impl Ticks {
    #[inline(always)]
    pub(super) fn start() -> Self {
        Ticks(ticks())
    }
}

impl Drop for Ticks {
    #[inline(always)]
    fn drop(&mut self) {
        black_box(ticks().wrapping_sub(self.0));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[expect(unsafe_code, reason = "the instruction has no safe wrapper that is only the instruction")]
fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and systems let programs use it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
#[expect(unsafe_code, reason = "the register has no safe wrapper")]
fn ticks() -> u64 {
    let ticks: u64;
    // SAFETY: reads a counter that programs may read, and touches nothing else.
    unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
    ticks
}

simple! { [] [let _ticks = crate::contenders::rdtsc::Ticks::start();] }
shapes! {
    [] [let _ticks = crate::contenders::rdtsc::Ticks::start();]
    by_type []
    future []
    block [crate::workload::bare_block]
}

pub(super) const CONTENDER: Contender = Contender {
    name: "rdtsc",
    title: "two bare rdtsc",
    packages: &[],
    role: Role::Clock,
    grows: false,
    start: nothing_to_start,
    around: nothing_around,
    blocks: Blocks { simple, shapes: SHAPES },
    verify: nothing_to_verify,
};
