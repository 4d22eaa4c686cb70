//! How long the command takes for a very large recording: 10,000 functions that all ran in 64 threads, over a gigabyte.
//!
//! ```text
//! cargo bench -p perf-report --bench large
//! ```
#![allow(clippy::unwrap_used, reason = "a helper's failure ends the measurement")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{fs, path::Path, time::Instant};

use perf_report::{
    Style,
    command::{Outcome, Streams, run},
};
use support::Writer;

const FUNCTIONS: u64 = 10_000;
const THREADS: u64 = 64;
const RUNS: usize = 5;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.perfrec");
    let bytes = recording().bytes();
    fs::write(&file, &bytes).unwrap();
    println!("{FUNCTIONS} functions in {THREADS} threads: {} MB", bytes.len() / 1_000_000);
    drop(bytes);
    for arguments in [
        &["--color", "never"] as &[&str],
        &["--view", "callers"],
        &["--tree"],
        &["--function", "call_77"],
        &["--format", "csv"],
        &["--format", "markdown"],
        &["--format", "json"],
        &["--format", "html"],
    ] {
        let mut seconds: Vec<f64> = (0..RUNS).map(|_| show(&file, arguments)).collect();
        seconds.sort_by(f64::total_cmp);
        println!("{:<24} median {:.3} s, fastest {:.3} s", arguments.join(" "), seconds[RUNS / 2], seconds[0]);
    }
}

/// Every function ran a few times in every thread, and was called by another.
fn recording() -> Writer {
    let mut writer =
        Writer { tables: (FUNCTIONS as usize, (2 * FUNCTIONS as usize).next_power_of_two()), ..Writer::new() };
    let functions: Vec<u64> =
        (0..FUNCTIONS).map(|n| writer.function(&format!("server::module_{}::Service::call_{n}", n % 100))).collect();
    for thread in 0..THREADS {
        let shard = writer.shard(100 + thread, "worker");
        for &function in &functions {
            let slot = writer.slot(shard, function);
            let ticks = 100 + function * 7 % 90;
            writer.calls(slot, &[ticks, ticks + 3, ticks + thread % 8, ticks]);
        }
        for &function in &functions {
            writer.edge(shard, function / 2, function, [4, 4 * (100 + function * 7 % 90), 0]);
        }
    }
    writer
}

fn show(file: &Path, arguments: &[&str]) -> f64 {
    let start = Instant::now();
    let mut streams = Streams {
        input: &mut std::io::empty(),
        output: &mut std::io::sink(),
        errors: &mut std::io::stderr(),
        style: Style { width: Some(160), color: false },
    };
    let all = ["perf-report", "show", file.to_str().unwrap()].into_iter().chain(arguments.iter().copied());
    assert_eq!(run(all, &mut streams), Outcome::Complete);
    start.elapsed().as_secs_f64()
}
