//! Benchmarks of divan: each shape of row that its tree has.

use divan::{Bencher, black_box, counter::BytesCount};

fn main() {
    divan::main();
}

#[divan::bench]
fn digits() -> u64 {
    harnesses::digits(black_box(10))
}

#[divan::bench]
fn nothing() -> u64 {
    black_box(1)
}

/// Divan lists it in a row without figures.
#[divan::bench(ignore)]
fn not_measured() {}

#[divan::bench(args = [20, 40])]
fn arguments(end: u64) -> u64 {
    harnesses::digits(black_box(end))
}

mod inner {
    use super::{Bencher, BytesCount, black_box};

    #[divan::bench(types = [u32, u64], consts = [2, 3])]
    fn generic<T, const N: u64>() -> u64 {
        black_box(N + size_of::<T>() as u64)
    }

    #[divan::bench]
    fn bytes(bencher: Bencher<'_, '_>) {
        bencher.counter(BytesCount::new(1_000_usize)).bench(|| harnesses::digits(black_box(10)));
    }

    #[divan::bench(threads = [1, 2])]
    fn threads() -> u64 {
        harnesses::digits(black_box(10))
    }
}
