//! Are figures by adaptive timing those of exact timing? Each example is run with both, in turns, and a second time exactly: the
//! difference between the two exact ones is what chance makes.
//!
//! `cargo bench -p perf-examples --bench timings` takes two minutes; after `--`, the number of rounds. It compares the functions whose calls
//! take 1 µs or more on average: medians over the rounds of the total time, the median and the 99th percentile, and the counts
//! of all functions, where they are the same in every run.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use perf_report::{Function, Kind, Snapshot};

const PROGRAMS: [(&str, &str); 6] = [
    ("concordance", env!("CARGO_BIN_EXE_concordance")),
    ("concordance_eager", env!("CARGO_BIN_EXE_concordance_eager")),
    ("page_cache", env!("CARGO_BIN_EXE_page_cache")),
    ("pipeline", env!("CARGO_BIN_EXE_pipeline")),
    ("service", env!("CARGO_BIN_EXE_service")),
    ("wordindex", env!("CARGO_BIN_EXE_wordindex")),
];

/// Ways to time, of which the last is the first again.
const TIMINGS: [&str; 3] = ["exact", "adaptive", "exact"];

/// Shorter ones are below the question.
const SHORTEST_NS: f64 = 1_000.0;

/// The figures that are compared.
const FIGURES: [&str; 3] = ["total", "p50", "p99"];

/// A difference that is none.
const SAME: f64 = 0.02;

fn main() {
    let rounds = std::env::args().filter(|argument| argument != "--bench").nth(1);
    let rounds = rounds.map_or(15, |rounds| rounds.parse().expect("a number of rounds"));
    let mut all = [const { Vec::new() }; 2];
    for (name, program) in PROGRAMS {
        let differences = compared(name, program, rounds);
        for (all, these) in all.iter_mut().zip(differences) {
            all.extend(these);
        }
    }
    for (what, differences) in ["adaptive and exact", "exact and exact"].into_iter().zip(all) {
        let within = differences.iter().filter(|difference| **difference <= SAME).count();
        println!("{what}: {within} of {} figures within {:.0} %", differences.len(), SAME * 100.0);
    }
}

/// The figures of a program's functions, a list of rounds for each timing.
type Figures = BTreeMap<String, [Vec<[f64; FIGURES.len()]>; TIMINGS.len()]>;

/// The differences between adaptive and exact timing, and between exact and exact.
fn compared(name: &str, program: &str, rounds: usize) -> [Vec<f64>; 2] {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let file = folder.path().join("report.json");
    let (mut figures, mut counts) = (Figures::new(), BTreeMap::<String, [Vec<u64>; TIMINGS.len()]>::new());
    for round in 0..rounds {
        // Each has each place in turn.
        for place in 0..TIMINGS.len() {
            let timing = (place + round) % TIMINGS.len();
            let mut command = Command::new(program);
            command.env("PERF_REPORT", format!("json:{}", file.display())).env("PERF_TIMING", TIMINGS[timing]);
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
            assert!(status.success(), "{name}: {status}");
            let snapshot = Snapshot::from_json(&std::fs::read(&file).expect("a report")).expect("a snapshot");
            for function in snapshot.functions.iter().filter(|function| function.calls > 0) {
                let figures = &mut figures.entry(function.name.clone()).or_default()[timing];
                figures.push(figures_of(function));
                counts.entry(function.name.clone()).or_default()[timing].push(function.calls);
            }
        }
    }
    let of_one_kind = counts.iter().filter(|(_, [exact, _, again])| exact.iter().chain(again).all(|n| *n == exact[0]));
    let of_one_kind: Vec<_> = of_one_kind.collect();
    let right = of_one_kind.iter().filter(|(_, [exact, adaptive, _])| adaptive.iter().all(|n| *n == exact[0])).count();
    println!("{name}: counts of {right} of {} functions the same in every run", of_one_kind.len());
    table(&figures)
}

fn figures_of(function: &Function) -> [f64; FIGURES.len()] {
    let quantile = |quantile| function.quantile_ns(quantile) as f64;
    match function.kind {
        Kind::Future => [function.total_ns as f64, 0.0, 0.0],
        _ => [function.total_ns as f64, quantile(0.5), quantile(0.99)],
    }
}

/// Prints a line for each function whose calls are long enough, and returns its differences.
fn table(figures: &Figures) -> [Vec<f64>; 2] {
    let mut differences = [const { Vec::new() }; 2];
    for (function, rounds) in figures {
        let medians = rounds.each_ref().map(|rounds| [0, 1, 2].map(|figure| median(rounds.iter().map(|r| r[figure]))));
        let [exact, adaptive, again] = medians;
        if exact[1] < SHORTEST_NS {
            continue;
        }
        let mut line = format!("  {function:<48}");
        for (figure, name) in FIGURES.iter().enumerate() {
            let of = |other: f64| (other / exact[figure] - 1.0).abs();
            let (by_adaptive, by_chance) = (of(adaptive[figure]), of(again[figure]));
            line += &format!(
                "  {name} {:+6.1} % ({:.1})",
                (adaptive[figure] / exact[figure] - 1.0) * 100.0,
                by_chance * 100.0
            );
            differences[0].push(by_adaptive);
            differences[1].push(by_chance);
        }
        println!("{line}");
    }
    differences
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
