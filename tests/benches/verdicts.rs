//! How often `perf-report diff` is right about real runs: of a program of a hundred functions, run in turns with itself, and
//! with itself where one function, another one each time, does a tenth more work.
//!
//! `cargo bench -p perf-tests --bench verdicts` (`-- 50` for 50 trials of each instead of 200). It takes a quarter of an hour,
//! and asserts nothing: what comes out depends on the machine, and that is what it is for. Every trial is made of runs of its
//! own, made as `bench --vs` makes them; what it says is said of the first 5, of the first 10 and of all 20 runs a side.
//!
//! An *alarm* is a comparison that reports anything at all as changed, of any function or the whole process, in either
//! direction. *Found* means that the function that was made slower is reported as slower; *blamed* that another function is
//! reported as changed too.

use std::path::Path;

use perf_report::bench::{Command, Run, Runs};
use perf_report::compare::{Comparison, Options, Verdict};

/// Runs a side that verdicts are given of.
const RUNS: [usize; 4] = [1, 5, 10, 20];

/// Trials of each kind, unless the command line says otherwise.
const TRIALS: usize = 200;

type Failure = Box<dyn std::error::Error>;

/// What comparisons of one number of runs said.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// Comparisons in which anything was reported.
    reported: usize,
    /// Those in which it was the right function, as slower.
    found: usize,
    /// Those in which another function was.
    blamed: usize,
    /// Those in which the whole process was.
    process: usize,
    /// Those in which a suspicion was voiced, from one run a side.
    suspected: usize,
    /// Those in which the right function was suspected.
    rightly: usize,
}

impl Tally {
    fn count(&mut self, comparison: &Comparison, slower: Option<&str>) {
        let reported = |verdict| matches!(verdict, Verdict::Regressed | Verdict::Improved);
        let suspected = |verdict| matches!(verdict, Verdict::SeemsWorse | Verdict::SeemsBetter);
        let any =
            |of: &dyn Fn(&perf_report::compare::Compared) -> bool| usize::from(comparison.compared.iter().any(of));
        let is_right = |name: &str| slower.is_some_and(|slower| name.ends_with(slower));
        self.reported += any(&|it| reported(it.verdict));
        self.found += any(&|it| it.verdict == Verdict::Regressed && is_right(&it.name));
        self.blamed += any(&|it| reported(it.verdict) && !it.whole_process && !is_right(&it.name));
        self.process += any(&|it| reported(it.verdict) && it.whole_process);
        self.suspected += any(&|it| suspected(it.verdict));
        self.rightly += any(&|it| it.verdict <= Verdict::SeemsWorse && is_right(&it.name));
    }
}

/// Runs both commands in turns, as `bench --vs` does.
fn sides(before: &Command, after: &Command, folder: &Path) -> Result<[Vec<Run>; 2], Failure> {
    let mut sides = [Vec::new(), Vec::new()];
    for _ in 0..RUNS[RUNS.len() - 1] {
        for (command, runs) in [before, after].into_iter().zip(&mut sides) {
            let folder = tempfile::tempdir_in(folder)?;
            runs.push(command.run(folder.path(), None, false)?);
        }
    }
    Ok(sides)
}

fn compare(sides: &[Vec<Run>; 2], runs: usize, seed: u64) -> Result<Comparison, Failure> {
    let [before, after] =
        [0, 1].map(|side| Runs { command: "hundred".into(), runs: sides[side][..runs].to_vec() }.into_side());
    Ok(Comparison::of(before, after, &Options { seed, any_program: true, ..Options::default() })?)
}

/// So many trials; `slower` says which function is slower in each.
fn trials(name: &str, number: usize, slower: impl Fn(usize) -> Option<usize>) -> Result<(), Failure> {
    // Both have an argument of the same length: one more moves the stack, and functions that nobody touched with it.
    let command = |slower: Option<usize>| {
        let argument = slower.map_or("--".into(), |number| format!("{number:02}"));
        Command::new(vec![env!("CARGO_BIN_EXE_hundred").to_owned(), argument])
    };
    let folder = tempfile::tempdir()?;
    let mut tallies = [Tally::default(); RUNS.len()];
    for trial in 0..number {
        let slower = slower(trial);
        let commands = [command(None), command(slower)].map(|command| command.ok_or("no command"));
        let [before, after] = commands;
        let sides = sides(&before?, &after?, folder.path())?;
        let slower = slower.map(|slower| format!("f{slower:02}"));
        for (tally, runs) in tallies.iter_mut().zip(RUNS) {
            tally.count(&compare(&sides, runs, trial as u64)?, slower.as_deref());
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
