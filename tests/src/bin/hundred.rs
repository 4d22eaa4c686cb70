//! A hundred annotated functions that do real work of some tens of microseconds a call, of five kinds: they hash, sort, read
//! text, multiply matrices and walk through memory. For `benches/verdicts.rs`, which compares runs of it.
//!
//! `hundred` runs all of them some times in turns. `hundred 17` does the same, but the work of function 17 is a tenth more.

use std::collections::HashMap;
use std::hint::black_box;

use perf_runtime::profile;

/// How often each function is called.
const ROUNDS: usize = 24;

/// Units of work of a call; a slower function does `UNITS / 10` more.
const UNITS: usize = 20;

/// The input of the functions.
struct Input {
    words: Vec<String>,
    numbers: Vec<u64>,
    text: String,
    /// Each entry is the place of the next one, all over the table.
    chain: Vec<u32>,
}

impl Input {
    fn new() -> Input {
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let numbers: Vec<u64> = (0..4_096).map(|_| random()).collect();
        let mut order: Vec<u32> = (0..1 << 15).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, random() as usize % (at + 1));
        }
        let mut chain = vec![0; order.len()];
        for (at, &place) in order.iter().enumerate() {
            chain[place as usize] = order[(at + 1) % order.len()];
        }
        Input {
            words: numbers.iter().map(|number| format!("word{number:x}")).collect(),
            text: numbers.iter().map(|number| format!("{number},")).collect(),
            numbers,
            chain,
        }
    }
}

/// Work of one of the five kinds, beginning at a place of the input that differs from function to function.
fn work(input: &Input, number: usize, units: usize) -> u64 {
    // Functions of a kind differ in how much they do: the first does half of what the last does.
    let size = 20 + number / 5;
    (0..units).map(|unit| unit_of_work(input, number % 5, number * 31 + unit, size)).fold(0, u64::wrapping_add)
}

fn unit_of_work(input: &Input, kind: usize, start: usize, size: usize) -> u64 {
    match kind {
        0 => {
            let words = input.words[start % 3_000..].iter().take(size * 2 / 3);
            let mut lengths = HashMap::new();
            words.clone().for_each(|word| *lengths.entry(word.as_str()).or_insert(0) += word.len());
            words.map(|word| lengths[word.as_str()] as u64).sum()
        }
        1 => {
            let mut numbers = input.numbers[start % 3_000..][..size * 3].to_vec();
            numbers.sort_unstable();
            numbers[size]
        }
        2 => {
            let text = &input.text[start % 3_000..][..size * 20];
            text.split(',').filter_map(|number| number.parse::<u64>().ok()).fold(0, u64::wrapping_add)
        }
        3 => {
            let mut matrix = [[1.000_1_f64, 0.5], [0.25, 0.999]];
            for _ in 0..size * 6 {
                let [[a, b], [c, d]] = matrix;
                let scale = 1.0 / (a + b + c + d);
                matrix = [
                    [(a * a + b * c) * scale, (a * b + b * d) * scale],
                    [(c * a + d * c) * scale, (c * b + d * d) * scale],
                ];
            }
            matrix[0][0].to_bits()
        }
        _ => {
            let places = (0..size * 8).scan(start as u32 % 3_000, |place, _| {
                *place = input.chain[*place as usize];
                Some(u64::from(*place))
            });
            places.fold(0, u64::wrapping_add)
        }
    }
}

macro_rules! functions {
    ($($name:ident)*) => {
        $(
            #[profile]
            #[inline(never)]
            fn $name(input: &Input, number: usize, units: usize) -> u64 {
                work(input, number, units)
            }
        )*
        const FUNCTIONS: &[fn(&Input, usize, usize) -> u64] = &[$($name),*];
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
    let slower: Option<usize> = std::env::args().nth(1).and_then(|number| number.parse().ok());
    let input = Input::new();
    let mut sum = 0_u64;
    for _ in 0..ROUNDS {
        for (number, function) in FUNCTIONS.iter().enumerate() {
            let more = if slower == Some(number) { UNITS / 10 } else { 0 };
            sum = sum.wrapping_add(function(black_box(&input), number, black_box(UNITS + more)));
        }
    }
    black_box(sum);
}
