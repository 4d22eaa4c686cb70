//! How often `cargo perf-report bench --count` is right about instructions, and how much they vary where nothing has changed: of a
//! program of a hundred functions, counted against itself, and against itself where one function does a hundredth more work.
//!
//! `cargo bench -p perf-tests --bench counted` (`-- 50` for 50 trials without a change instead of 200). It takes half an hour, needs
//! Valgrind, and asserts nothing. The times of the runs decide nothing here, so the machine may be as busy as it likes.

use perf_report::{
    Style,
    command::{Outcome, Streams, run},
};
use serde_json::Value;

/// Trials without a change, unless the command line says otherwise.
const TRIALS: usize = 200;

/// Trials with a change.
const CHANGED: usize = 20;

/// Times that five runs are counted for the spread.
const FIVES: usize = 4;

type Failure = Box<dyn std::error::Error>;

fn perfrec(words: &[&str]) -> Result<String, Failure> {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    match run(["perfrec", "bench"].iter().chain(words).copied(), &mut streams) {
        Outcome::Complete | Outcome::Found => Ok(String::from_utf8(output)?),
        _ => Err(String::from_utf8_lossy(&errors).into_owned().into()),
    }
}

/// Counts both commands and compares them; only instructions can be a finding.
fn compare(argument: &str, seed: usize) -> Result<Vec<Value>, Failure> {
    let program = env!("CARGO_BIN_EXE_countable");
    let (before, seed) = (format!("{program} --"), seed.to_string());
    let options = [
        "-n",
        "5",
        "--warmup",
        "0",
        "--count",
        "--metrics",
        "calls",
        "--threshold",
        "100000%",
        "--format",
        "json",
        "--all",
    ];
    let words = [&options[..], &["--seed", &seed, "--vs", &before, "--", program, argument]].concat();
    let comparison: Value = serde_json::from_str(&perfrec(&words)?)?;
    Ok(comparison["compared"].as_array().cloned().unwrap_or_default())
}

/// The names of the rows that are reported as changed, of functions and of the whole process.
fn reported(compared: &[Value]) -> Vec<&str> {
    let changed = |row: &&Value| matches!(row["verdict"].as_str(), Some("regressed" | "improved"));
    compared.iter().filter(changed).filter_map(|row| row["name"].as_str()).collect()
}

/// The greatest difference between two runs of one program, as a share of its count: of the whole process, and of the function that
/// varies most.
fn spread() -> Result<[f64; 2], Failure> {
    let program = env!("CARGO_BIN_EXE_countable");
    let mut ranges: std::collections::BTreeMap<String, [f64; 2]> = std::collections::BTreeMap::new();
    for _ in 0..FIVES {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("counts.json");
        let output = format!("bencher:{}", file.display());
        perfrec(&["-n", "5", "--warmup", "0", "--count", "--output", &output, "--", program])?;
        let measures: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        for (name, metrics) in measures.as_object().into_iter().flatten() {
            let value = |key| metrics["instructions"][key].as_f64();
            if let (Some(lowest), Some(highest)) = (value("lower_value"), value("upper_value")) {
                let range = ranges.entry(name.clone()).or_insert([lowest, highest]);
                *range = [range[0].min(lowest), range[1].max(highest)];
            }
        }
    }
    let share = |[lowest, highest]: &[f64; 2]| (highest - lowest) / lowest;
    let whole = ranges.get("whole process").map_or(f64::NAN, share);
    let functions = ranges.iter().filter(|(name, _)| *name != "whole process").map(|(_, range)| share(range));
    Ok([whole, functions.fold(0.0, f64::max)])
}

fn main() -> Result<(), Failure> {
    let number = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(TRIALS);
    let [whole, function] = spread()?;
    println!(
        "{} runs of the same code: instructions of the whole process within {:.4} %, of any function within {:.4} %",
        FIVES * 5,
        whole * 100.0,
        function * 100.0
    );
    let (mut found, mut blamed, mut whole) = (0, 0, 0);
    for trial in 0..CHANGED {
        // In an order that goes through all of them.
        let slower = trial * 37 % 100;
        let compared = compare(&format!("{slower:02}"), trial)?;
        let is_right = |name: &&&str| name.ends_with(&format!("::f{slower:02}, counted"));
        let is_whole = |name: &&&str| name.starts_with("whole process");
        let names = reported(&compared);
        found += usize::from(names.iter().any(|name| is_right(&name)));
        whole += usize::from(names.iter().any(|name| is_whole(&name)));
        blamed += usize::from(names.iter().any(|name| !is_right(&name) && !is_whole(&name)));
    }
    println!(
        "one function of a hundred does 1 % more: found in {found} of {CHANGED}, another blamed in {blamed}, the whole process reported in {whole}"
    );
    let mut alarms = 0;
    for trial in 0..number {
        alarms += usize::from(!reported(&compare("--", trial)?).is_empty());
        if (trial + 1) % 20 == 0 {
            println!("nothing changed: {alarms} alarms in {} trials", trial + 1);
        }
    }
    Ok(())
}
