//! How often `cargo perf-report bench` is right about real runs: of a program of a hundred functions, run in turns with itself, and
//! with itself where one function, another one each time, does a tenth more work.
//!
//! `cargo bench -p perf-tests --bench verdicts` (`-- 50` for 50 trials of each kind instead of 200). It takes half an hour, and
//! asserts nothing, because the result depends on the machine. Every trial makes runs of its own, 1, 5, 10 and 20 a side.
//!
//! An *alarm* is a comparison that reports anything at all as changed, of any function or the whole process, in either
//! direction. *Found* means that the function that was made slower is reported as slower; *blamed* that another function is
//! reported as changed too.

use perf_report::{
    Style,
    command::{Outcome, Streams, run},
};
use serde_json::Value;

/// Numbers of runs a side.
const RUNS: [usize; 4] = [1, 5, 10, 20];

/// Trials of each kind, unless the command line says otherwise.
const TRIALS: usize = 200;

type Failure = Box<dyn std::error::Error>;

/// The verdicts of comparisons with one number of runs.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// Comparisons in which anything was reported.
    reported: usize,
    /// Those in which the right function was reported, as slower.
    found: usize,
    /// Those in which another function was reported.
    blamed: usize,
    /// Those in which the whole process was reported.
    process: usize,
    /// Those with a suspicion, from one run a side.
    suspected: usize,
    /// Those in which the right function was suspected.
    rightly: usize,
}

impl Tally {
    fn count(&mut self, comparison: &Value, slower: Option<&str>) {
        let compared = comparison["compared"].as_array().map_or(&[][..], Vec::as_slice);
        let any = |of: &dyn Fn(&str, &Compared<'_>) -> bool| {
            let compared = compared.iter().filter_map(|row| Some((row["verdict"].as_str()?, Compared::of(row)?)));
            usize::from(compared.into_iter().any(|(verdict, row)| of(verdict, &row)))
        };
        let reported = |verdict: &str| matches!(verdict, "regressed" | "improved");
        let is_right = |row: &Compared<'_>| slower.is_some_and(|slower| row.name.ends_with(slower));
        self.reported += any(&|verdict, _| reported(verdict));
        self.found += any(&|verdict, row| verdict == "regressed" && is_right(row));
        self.blamed += any(&|verdict, row| reported(verdict) && !row.whole_process && !is_right(row));
        self.process += any(&|verdict, row| reported(verdict) && row.whole_process);
        self.suspected += any(&|verdict, _| matches!(verdict, "seems_worse" | "seems_better"));
        self.rightly += any(&|verdict, row| matches!(verdict, "regressed" | "seems_worse") && is_right(row));
    }
}

/// A row of a comparison.
struct Compared<'a> {
    name: &'a str,
    whole_process: bool,
}

impl Compared<'_> {
    fn of(row: &Value) -> Option<Compared<'_>> {
        Some(Compared { name: row["name"].as_str()?, whole_process: row["whole_process"].as_bool()? })
    }
}

/// Runs both commands in turns and compares them.
fn compare(before: &str, after: [&str; 2], runs: usize, seed: usize) -> Result<Value, Failure> {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let (runs, seed) = (runs.to_string(), seed.to_string());
    let options = ["-n", &runs, "--warmup", "0", "--seed", &seed, "--format", "json", "--all", "--vs", before, "--"];
    let words = ["perfrec", "bench"].into_iter().chain(options).chain(after);
    match run(words, &mut streams) {
        Outcome::Complete | Outcome::Found => Ok(serde_json::from_slice(&output)?),
        _ => Err(String::from_utf8_lossy(&errors).into_owned().into()),
    }
}

/// As many trials; `slower` says which function is slower in each.
fn trials(name: &str, number: usize, slower: impl Fn(usize) -> Option<usize>) -> Result<(), Failure> {
    let program = env!("CARGO_BIN_EXE_hundred");
    let mut tallies = [Tally::default(); RUNS.len()];
    for trial in 0..number {
        let slower = slower(trial);
        // Both have an argument of the same length: one more moves the stack, and functions that nobody touched with it.
        let argument = slower.map_or("--".into(), |number| format!("{number:02}"));
        let slower = slower.map(|slower| format!("f{slower:02}"));
        for (tally, runs) in tallies.iter_mut().zip(RUNS) {
            let comparison = compare(&format!("{program} --"), [program, &argument], runs, trial)?;
            tally.count(&comparison, slower.as_deref());
        }
    }
    println!("\n{name}: {number} trials");
    println!("runs a side  any report  found  blamed  whole process  suspicions  rightly suspected");
    for (tally, runs) in tallies.iter().zip(RUNS) {
        println!(
            "{runs:>11}  {:>10}  {:>5}  {:>6}  {:>13}  {:>10}  {:>17}",
            tally.reported, tally.found, tally.blamed, tally.process, tally.suspected, tally.rightly
        );
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let number = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(TRIALS);
    trials("nothing changed", number, |_| None)?;
    // Every function has its turn, in an order that goes through the kinds of work.
    trials("one function does a tenth more", number, |trial| Some(trial * 37 % 100))
}
