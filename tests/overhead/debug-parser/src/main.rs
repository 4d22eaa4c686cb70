//! A test suite of a byte-wise JSON parser, once without annotations and once with `#[profile]` on every function, in
//! turns. Nobody asks for a recording, so this is what annotations cost people who do not use them, in the build they
//! feel most: the debug build.
//!
//! Prints one line: `plain_ms=… annotated_ms=…`, the medians of all turns.

#[macro_use]
mod parser;
mod suite;

use std::time::{Duration, Instant};

mod plain {
    parser! { allow(dead_code) }
}

mod annotated {
    parser! { perf_runtime::profile }
}

/// Runs of the suite with each parser.
const TURNS: usize = 15;

fn main() {
    let suite = suite::Suite::new();
    let mut plain = Vec::new();
    let mut annotated = Vec::new();
    for _ in 0..TURNS {
        plain.push(time(|| suite.run(plain::parse)));
        annotated.push(time(|| suite.run(annotated::parse)));
    }
    println!("plain_ms={} annotated_ms={}", median(plain), median(annotated));
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut durations: Vec<Duration>) -> f64 {
    durations.sort_unstable();
    durations[durations.len() / 2].as_secs_f64() * 1e3
}
