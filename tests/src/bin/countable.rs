//! A hundred annotated functions that do a little of the same work: so little that a run under Callgrind takes less than a second. For
//! `benches/counted.rs`.
//!
//! `countable` runs each of them some times. `countable 17` does the same, but the work of function 17 is a hundredth more.

use std::hint::black_box;

use perf_runtime::profile;

/// How often each function is called.
const ROUNDS: usize = 3;

/// Units of work of a call; a slower function does `UNITS / 100` more.
const UNITS: u64 = 200;

/// Work that depends on its number of units alone.
fn work(number: u64, units: u64) -> u64 {
    let mut sum = number;
    for unit in 0..units {
        sum = black_box(sum.rotate_left(7) ^ unit);
    }
    sum
}

macro_rules! functions {
    ($($name:ident)*) => {
        $(
            #[profile]
            #[inline(never)]
            fn $name(number: u64, units: u64) -> u64 {
                work(number, units)
            }
        )*
        const FUNCTIONS: &[fn(u64, u64) -> u64] = &[$($name),*];
    };
}

functions! {
    f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
    f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39
    f40 f41 f42 f43 f44 f45 f46 f47 f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59
    f60 f61 f62 f63 f64 f65 f66 f67 f68 f69 f70 f71 f72 f73 f74 f75 f76 f77 f78 f79
    f80 f81 f82 f83 f84 f85 f86 f87 f88 f89 f90 f91 f92 f93 f94 f95 f96 f97 f98 f99
}

fn main() {
    let slower: Option<u64> = std::env::args().nth(1).and_then(|number| number.parse().ok());
    let mut sum = 0_u64;
    for _ in 0..ROUNDS {
        for (number, function) in (0..).zip(FUNCTIONS) {
            let more = if slower == Some(number) { UNITS / 100 } else { 0 };
            sum = sum.wrapping_add(function(number, black_box(UNITS + more)));
        }
    }
    black_box(sum);
}
