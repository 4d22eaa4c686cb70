//! `bench`: runs commands several times, in turns, compares them, and checks that they do the same.
//!
//! The way of a benchmark is `bench`: it runs all commands (`run_all`), validates their outputs (`validate`), keeps the runs
//! (`save`), and shows them or their comparison (`show`).

mod baseline;
mod callgrind;
mod cargo;
mod command_line;
mod counted;
mod draw;
mod error;
mod hardware;
mod harness;
mod inlined;
mod outputs;
mod run_counts;
mod runs;
mod signals;
mod symbol;

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use baseline::Baseline;
use command_line::{CommandLine, Measured, MeasuredRun};
use counted::{COUNTED_RUNS, CountOptions, count};
pub(super) use draw::Spread;
use error::BenchError;
use hardware::Counters;
use harness::{FromHarness, Harness};
use indicatif::{ProgressBar, ProgressStyle};
use outputs::Outputs;
pub(super) use run_counts::{KeptCounts, RunCounts};
use runs::MeasuredRuns;
use signals::EndSignals;

use super::{
    Outcome, Streams,
    compare::{CompareOptions, Comparison, uncounted},
    diff::ComparisonArgs,
    outputs::{Findings, beside},
    pattern::Pattern,
    repository,
};

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report bench -n 20 -- ./app input.txt
  cargo perf-report bench -n 20 --vs './app-old input.txt' -- ./app input.txt
  cargo perf-report bench -n 20 --save main -- ./app input.txt
  cargo perf-report bench -n 20 --baseline main --validate -- ./app input.txt
  cargo perf-report bench -n 20 -- cargo test --test parser -- --test-threads=1
  cargo perf-report bench -n 10 --from criterion --save main -- cargo bench --bench parser

Exit status: 0 nothing regressed, and with --validate the behaviour is the same; 1 something regressed, or the behaviour differs; \
                        2 a command cannot be run or measured, a pattern matches nothing, or the arguments are wrong.")]
pub(super) struct BenchArgs {
    /// Command to measure, after --
    #[arg(last = true, required_unless_present = "from", value_name = "COMMAND")]
    command: Vec<String>,
    /// Number of measured runs
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Number of runs before them that are not measured [default: 1; with --from 0, because a harness warms up itself]
    #[arg(long, value_name = "NUMBER")]
    warmup: Option<u32>,
    /// Read the benchmarks of a harness and no recordings: criterion or divan. Results of an earlier run: criterion:FOLDER, divan:FILE
    #[arg(long, value_name = "HARNESS", conflicts_with_all = ["count", "count_misses", "count_hardware", "validate", "program"])]
    from: Option<FromHarness>,
    /// Measure only processes of programs whose name matches, without the hash that cargo adds; may be given several times
    #[arg(long, value_name = "PATTERN")]
    program: Vec<Pattern>,
    /// Command to compare with, run in turns with the measured one: the program before the change, say
    #[arg(long, value_name = "COMMAND", conflicts_with = "baseline")]
    vs: Option<String>,
    /// Keep the runs under this name
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Compare with the runs kept under this name
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// Folder of the kept runs
    #[arg(long, value_name = "FOLDER", default_value = ".perf/baselines")]
    baselines: PathBuf,
    /// Require that all runs, also those compared with, write the same output and end with the same exit status
    #[arg(long)]
    validate: bool,
    /// With --validate: command that gets the files of two outputs and ends with 0 if they count as the same
    #[arg(long, value_name = "COMMAND", requires = "validate")]
    judge: Option<String>,
    /// Also count instructions, which do not depend on the machine's load, in runs of their own under Valgrind
    #[arg(long)]
    count: bool,
    /// The same, and misses of caches and branches, on a processor that Valgrind simulates
    #[arg(long)]
    count_misses: bool,
    /// Also count instructions and cycles of every run by the processor's own counters, where they are allowed
    #[arg(long)]
    count_hardware: bool,
    /// Also measure commands that fail
    #[arg(long)]
    allow_failure: bool,
    /// How to compare.
    #[command(flatten)]
    comparison: ComparisonArgs,
}

impl BenchArgs {
    /// Whether some runs are counted.
    fn counts(&self) -> bool {
        self.count || self.count_misses
    }
}

/// The end of a benchmark before its result: a message, and the outcome.
struct Stop(String, Outcome);

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop(error.to_string(), Outcome::Failed)
    }
}

pub(super) fn run(args: &BenchArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let outputs = &args.comparison.outputs;
    beside(outputs, "bench", streams, |streams, findings| measure(args, streams, findings))
}

fn measure(args: &BenchArgs, streams: &mut Streams<'_>, findings: &mut Findings) -> io::Result<Outcome> {
    // Watched before there is a folder, so that no signal can come between the two.
    let signals = match EndSignals::watch() {
        Ok(signals) => signals,
        Err(error) => {
            streams.error(format_args!("signals cannot be watched: {error}"));
            return Ok(Outcome::Failed);
        }
    };
    // A folder of its own, which no other user can have prepared. It is removed at the end with everything that the runs left.
    let folder = match tempfile::Builder::new().prefix("perf-bench-").tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            streams.error(format_args!("no folder for temporary files can be made: {error}"));
            return Ok(Outcome::Failed);
        }
    };
    let ending = signals.remove_first(folder.path());
    let outcome = Plan::of(args).and_then(|plan| bench(args, plan, folder.path(), streams, findings));
    ending.wait();
    Ok(outcome.unwrap_or_else(|Stop(message, outcome)| {
        streams.error(message);
        outcome
    }))
}

/// The arguments, understood.
struct Plan {
    /// The commands to run: the one to compare with, if it is run too, then the measured one.
    commands: Vec<CommandLine>,
    /// The results of a harness that are there already, in place of commands.
    results: Option<(Harness, PathBuf)>,
    /// The kept runs to compare with, and where they lie.
    before: Option<(Baseline, MeasuredRuns)>,
    /// Where to keep the runs.
    save: Option<Baseline>,
    /// The user's judge of outputs.
    judge: Option<CommandLine>,
    options: CompareOptions,
}

impl Plan {
    fn of(args: &BenchArgs) -> Result<Plan, Stop> {
        let wrong = |message: String| Stop(message, Outcome::Failed);
        if args.vs.is_none() && args.baseline.is_none() && !args.comparison.is_text() {
            return Err(wrong("--format is for a comparison; add --vs or --baseline, or remove it".into()));
        }
        if args.vs.is_none()
            && args.baseline.is_none()
            && let Some(format) = args.comparison.outputs.needs_verdict()
        {
            return Err(wrong(format!(
                "--output {} is for a verdict, and only a comparison has one; add --vs or --baseline, or remove it",
                format.name()
            )));
        }
        let options = args.comparison.options().map_err(wrong)?;
        let named = |name: &String| Baseline::named(&args.baselines, name);
        let before = match &args.baseline {
            None => None,
            Some(name) => {
                let baseline = named(name)?;
                let runs = baseline.load()?;
                Some((baseline, runs))
            }
        };
        let results = results_of(args).map_err(wrong)?;
        let command = CommandLine::new(args.command.clone());
        if command.is_none() && results.is_none() {
            return Err(wrong("no command is given; write it after --".into()));
        }
        let other = args.vs.as_deref().map(CommandLine::parse).transpose()?;
        Ok(Plan {
            commands: other.into_iter().chain(command).collect(),
            results,
            before,
            save: args.save.as_ref().map(named).transpose()?,
            judge: args.judge.as_deref().map(CommandLine::parse).transpose()?,
            // Two commands that the user names are meant to be compared, whatever the names of their programs.
            options: CompareOptions { any_program: true, needs_counts: args.counts(), ..options },
        })
    }
}

/// The results to read in place of running a command.
fn results_of(args: &BenchArgs) -> Result<Option<(Harness, PathBuf)>, String> {
    let Some(FromHarness { harness, results }) = &args.from else { return Ok(None) };
    match (results, args.command.is_empty()) {
        (None, false) => Ok(None),
        (Some(_), false) => Err(format!(
            "--from {harness}:PATH reads results of an earlier run, so nothing is run; remove the path, or the command"
        )),
        (_, true) if args.vs.is_some() => Err(format!(
            "--vs runs a command in turns with another one; write that after --, with --from {harness} and no path"
        )),
        (results, true) => match results.clone().or_else(|| harness.usual_place()) {
            Some(path) => Ok(Some((*harness, path))),
            None => Err(format!(
                "{harness} leaves no files; write the command after --, or --from {harness}:FILE with what it printed"
            )),
        },
    }
}

/// The counts that are asked for and that no run of a baseline has, and the option that makes them.
fn lacks(args: &BenchArgs, before: &MeasuredRuns) -> Option<(&'static str, &'static str)> {
    let has = |of: fn(&MeasuredRun) -> bool| before.runs.iter().any(of);
    let asked = [
        (args.counts(), has(|run| run.instructions.is_some()), "instructions", "--count"),
        (args.count_misses, has(|run| run.misses.is_some()), "misses", "--count-misses"),
        (args.count_hardware, has(|run| run.hardware.is_some()), "counts of the hardware", "--count-hardware"),
    ];
    asked
        .into_iter()
        .find(|(is_asked, is_there, ..)| *is_asked && !is_there)
        .map(|(_, _, lacking, option)| (lacking, option))
}

/// Results of an earlier run of a harness, as the only run.
fn read_results(harness: Harness, path: &Path) -> Result<MeasuredRuns, Stop> {
    let snapshot = harness.read(path, None)?;
    let run = MeasuredRun { harness: Some(harness), ..MeasuredRun::of_snapshot(snapshot) };
    Ok(MeasuredRuns { command: format!("{harness}:{}", path.display()), runs: vec![run] })
}

fn bench(
    args: &BenchArgs,
    mut plan: Plan,
    folder: &Path,
    streams: &mut Streams<'_>,
    findings: &mut Findings,
) -> Result<Outcome, Stop> {
    let outputs = Outputs::new(folder, args.validate, plan.judge.take());
    if let Some((_, before)) = &plan.before
        && let Some((lacking, option)) = lacks(args, before)
    {
        let command = &before.command;
        let message = format!("{command}: this baseline has no {lacking}; make it again with --save and {option}");
        return Err(Stop(message, Outcome::Failed));
    }
    let facts = repository::facts(Path::new("."), &repository::variable);
    let counts_hardware = args.count_hardware
        && match Counters::open() {
            Ok(_) => true,
            Err(error) => {
                streams.warning(format_args!("hardware counters are not used: {}", hardware::reason(&error)));
                false
            }
        };
    let mut measured = match &plan.results {
        Some((harness, path)) => vec![read_results(*harness, path)?],
        None => run_all(args, &plan.commands, folder, &outputs, counts_hardware)?,
    };
    if let Some(runs) = measured.iter().find(|runs| runs.ran_nothing()) {
        return Err(BenchError::NothingRan(runs.command.clone()).into());
    }
    // The other command is another build, and results of an earlier run may be of one: of which commit, only their user knows.
    if plan.results.is_none() {
        for run in measured.iter_mut().next_back().into_iter().flat_map(|runs| &mut runs.runs) {
            repository::add(&mut run.snapshot.metadata, &facts);
        }
    }
    let (after, last) =
        (measured.pop().ok_or_else(|| Stop("nothing was run".into(), Outcome::Failed))?, measured.len());
    let after_output = outputs.first_of(last);
    let (before, before_output) = match plan.before {
        Some((baseline, runs)) => (Some(runs), baseline.output()),
        None => (measured.pop(), Some(outputs.first_of(0))),
    };
    let found = match &before {
        Some(before) if args.validate => validate(&outputs, before, before_output, &after, &after_output, streams)?,
        _ => Outcome::Complete,
    };
    if let Some(baseline) = &plan.save {
        baseline.save(&after.runs, args.validate.then_some(&*after_output))?;
    }
    for message in before.iter().chain([&after]).filter_map(MeasuredRuns::other_calls) {
        streams.warning(message);
    }
    let shown = show(args, before, after, &plan.options, streams, findings)?;
    Ok(shown.max(found))
}

/// Runs all commands in turns. With validation, stops at the first run whose output or exit status differs from the first one's.
fn run_all(
    args: &BenchArgs,
    commands: &[CommandLine],
    folder: &Path,
    outputs: &Outputs,
    counts_hardware: bool,
) -> Result<Vec<MeasuredRuns>, Stop> {
    let mut all: Vec<MeasuredRuns> =
        commands.iter().map(|command| MeasuredRuns { command: command.to_string(), runs: Vec::new() }).collect();
    let usual_warmup = if args.from.is_some() { 0 } else { 1 };
    let (warmup, runs) = (u64::from(args.warmup.unwrap_or(usual_warmup)), u64::from(args.runs));
    let measured = Measured {
        allow_failure: args.allow_failure,
        harness: args.from.as_ref().map(|from| from.harness),
        programs: &args.program,
        counts_hardware,
    };
    let bar = progress((warmup + runs) * commands.len() as u64);
    for number in 0..warmup + runs {
        for (which, command) in commands.iter().enumerate() {
            bar.set_message(command.to_string());
            let run_folder = folder.join(format!("run-{number}-{which}"));
            let output = outputs.of_run(which, number == warmup);
            let run = command.run(&run_folder, output.as_deref(), measured)?;
            let _ = fs::remove_dir_all(&run_folder);
            bar.inc(1);
            if number < warmup {
                continue;
            }
            if let (Some(first), Some(output)) = (all[which].runs.first(), &output) {
                let same = run.exit == first.exit && outputs.same(&outputs.first_of(which), output)?;
                if !same {
                    let message = format!(
                        "run {} of `{command}` differs from its run 1 in output or exit status; make the output the same in \
                         every run, or give a command that compares outputs with --judge",
                        number - warmup + 1
                    );
                    return Err(Stop(message, Outcome::Found));
                }
            }
            all[which].runs.push(run);
        }
    }
    if args.counts() {
        count_all(args, commands, folder, &mut all, &bar)?;
    }
    bar.finish_and_clear();
    Ok(all)
}

/// Counts the instructions of some runs of each command.
fn count_all(
    args: &BenchArgs,
    commands: &[CommandLine],
    folder: &Path,
    all: &mut [MeasuredRuns],
    bar: &ProgressBar,
) -> Result<(), Stop> {
    for (which, command) in commands.iter().enumerate() {
        bar.set_message(format!("counting {command}"));
        for (number, run) in all[which].runs.iter_mut().take(COUNTED_RUNS).enumerate() {
            let run_folder = folder.join(format!("count-{number}-{which}"));
            let functions = &run.snapshot.functions;
            let functions: HashMap<String, String> =
                functions.iter().map(|function| (function.name.clone(), function.file.clone())).collect();
            let (misses, allow_failure) = (args.count_misses, args.allow_failure);
            let programs = &args.program;
            let options = CountOptions { misses, allow_failure, programs, functions: &functions };
            let counted = count(command, &run_folder, options)?;
            run.set_counts(&counted);
            let _ = fs::remove_dir_all(&run_folder);
        }
    }
    Ok(())
}

/// Checks that both commands do the same.
fn validate(
    outputs: &Outputs,
    before: &MeasuredRuns,
    before_output: Option<PathBuf>,
    after: &MeasuredRuns,
    after_output: &Path,
    streams: &mut Streams<'_>,
) -> Result<Outcome, Stop> {
    let Some(before_output) = before_output else {
        let message =
            format!("{}: this baseline has no output to compare; make it again with --validate", before.command);
        return Err(Stop(message, Outcome::Failed));
    };
    let [exit_before, exit_after] = [before, after].map(|runs| runs.runs.first().map(|run| run.exit));
    let (after, before) = (&after.command, &before.command);
    if exit_before != exit_after {
        streams.error(format_args!(
            "`{after}` and `{before}` end with different exit statuses: the behaviour changed, not only the speed"
        ));
        return Ok(Outcome::Found);
    }
    if !outputs.same(&before_output, after_output)? {
        streams.error(format_args!(
            "the outputs of `{after}` and `{before}` differ: the behaviour changed, not only the speed"
        ));
        return Ok(Outcome::Found);
    }
    Ok(Outcome::Complete)
}

/// Shows the runs, or their comparison with those before.
fn show(
    args: &BenchArgs,
    before: Option<MeasuredRuns>,
    after: MeasuredRuns,
    options: &CompareOptions,
    streams: &mut Streams<'_>,
    findings: &mut Findings,
) -> Result<Outcome, Stop> {
    let cannot = |error: io::Error| Stop(format!("the output cannot be written: {error}"), Outcome::Failed);
    let Some(before) = before else {
        let command = after.command.clone();
        let side = after.into_side();
        options.refuse_idle_selection(&side)?;
        let missing: Vec<&str> = side.uncounted().filter(|name| options.selects(&[name])).collect();
        if let Some(message) = uncounted(&missing) {
            streams.warning(message);
        }
        findings.add_runs(&side, &|name| options.selects(&[name]));
        let text = draw::text(&command, &side, &|name| options.selects(&[name]), &streams.style);
        return streams.output.write_all(text.as_bytes()).map(|()| Outcome::Complete).map_err(cannot);
    };
    let comparison = Comparison::of(before.into_side(), after.into_side(), options)?;
    args.comparison.show(&comparison, streams, findings).map_err(cannot)
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress(runs: u64) -> ProgressBar {
    let bar = ProgressBar::new(runs);
    if let Ok(style) = ProgressStyle::with_template("{bar:20} run {pos} of {len}, {eta} left · {wide_msg}") {
        bar.set_style(style);
    }
    bar
}
