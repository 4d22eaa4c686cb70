//! The cost of a timed call: this project beside bare clock reads and beside its peers, in one run.
//!
//! The process that the user starts measures nothing itself. It starts one process per contender and run
//! ([`child`]), in turns and over several rounds, so that no contender meets another's threads, memory or global state,
//! and what disturbs the machine for a while disturbs all of them. Then it draws the tables ([`report`]) and says which
//! promises held ([`verdicts`]).

mod child;
mod comparison;
mod contenders;
mod figures;
mod job;
mod process;
mod report;
mod sites;
mod verdicts;
mod workload;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{comparison::Plan, contenders::Contender, workload::Shape};

/// Compares what a timed call costs, with `perf` and with its peers.
#[derive(Parser)]
struct Options {
    /// Few calls and one round: shows that everything runs, not what it costs
    #[arg(long)]
    quick: bool,
    /// End with exit status 1 when a promise was missed
    #[arg(long)]
    strict: bool,
    /// Rounds over all contenders
    #[arg(long)]
    rounds: Option<usize>,
    #[command(subcommand)]
    task: Option<Task>,
}

/// The work of a measuring process, or another comparison.
#[derive(Subcommand)]
enum Task {
    /// Measure one contender and print one line of figures
    Calls {
        #[arg(value_parser = contender)]
        contender: &'static Contender,
        #[arg(long, default_value = "simple")]
        shape: Shape,
        #[arg(long, default_value_t = 1)]
        threads: usize,
        #[arg(long, default_value_t = 5_000_000)]
        calls: u64,
    },
    /// Measure the memory after many short threads
    ShortThreads {
        #[arg(value_parser = contender)]
        contender: &'static Contender,
        #[arg(long, default_value_t = 10_000)]
        count: usize,
    },
    /// Measure the first recorded call
    Startup,
    /// Compare a real job: the crate csv reads and writes 23 MB, with every function annotated
    Job {
        /// Rounds over all rows
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// End with exit status 1 when a limit was missed
        #[arg(long)]
        strict: bool,
    },
}

fn contender(name: &str) -> Result<&'static Contender, String> {
    contenders::find(name).ok_or_else(|| {
        let names: Vec<_> = contenders::ALL.iter().map(|contender| contender.name).collect();
        format!("no such contender; there are {}", names.join(", "))
    })
}

/// Measures or compares, as the arguments say.
pub fn main() -> ExitCode {
    let options = Options::parse();
    match options.task {
        Some(Task::Calls { contender, shape, threads, calls }) => {
            println!("{}", child::calls(contender, shape, threads, calls));
        }
        Some(Task::ShortThreads { contender, count }) => println!("{}", child::short_threads(contender, count)),
        Some(Task::Startup) => println!("{}", child::startup()),
        Some(Task::Job { rounds, strict }) => return compare_job(rounds.max(1), strict),
        None => return compare(&options),
    }
    ExitCode::SUCCESS
}

fn compare(options: &Options) -> ExitCode {
    let mut plan = if options.quick { Plan::QUICK } else { Plan::FULL };
    plan.rounds = options.rounds.unwrap_or(plan.rounds).max(1);
    let results = match comparison::run(&plan) {
        Ok(results) => results,
        Err(error) => {
            eprintln!("perf-overhead: {error}");
            return ExitCode::from(2);
        }
    };
    report::print(&results);
    let verdicts = verdicts::of(&results);
    verdicts::print(&verdicts);
    if options.strict && verdicts.iter().any(|verdict| !verdict.held()) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn compare_job(rounds: usize, strict: bool) -> ExitCode {
    match job::compare(rounds) {
        Ok(held) if strict && !held => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("perf-overhead: {error}");
            ExitCode::from(2)
        }
    }
}
