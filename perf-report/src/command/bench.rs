//! `bench`: commands run several times, compared, and checked to do the same.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Outcome, Streams, diff::How, runs};
use crate::{
    bench::{Baseline, Command, Runs},
    compare::Comparison,
    view::measured,
};

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 no regression, and the same behaviour where that was asked for; 1 a regression, or \
                        another behaviour; 2 a command cannot be run or measured, or the arguments are wrong."
)]
pub struct BenchArgs {
    /// The command to measure, after --
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Times that it is run
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// Times that it is run before, without being measured
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub warmup: u32,
    /// A command that it is compared with: before the change, say. They are run in turns
    #[arg(long, value_name = "COMMAND", conflicts_with = "baseline")]
    pub vs: Option<String>,
    /// Keeps the runs under a name
    #[arg(long, value_name = "NAME")]
    pub save: Option<String>,
    /// Compares with the runs kept under a name
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Where runs are kept
    #[arg(long, value_name = "FOLDER", default_value = ".perf/baselines")]
    pub baselines: PathBuf,
    /// Demands the same standard output and exit status of all runs, of both commands or of the baseline
    #[arg(long)]
    pub validate: bool,
    /// With --validate: a command that is given the files of two outputs, and ends with 0 if they are as good as the same
    #[arg(long, value_name = "COMMAND", requires = "validate")]
    pub judge: Option<String>,
    /// Measures commands that fail, too
    #[arg(long)]
    pub allow_failure: bool,
    /// How to compare.
    #[command(flatten)]
    pub how: How,
}

/// What ends a benchmark before its figures: a message and the outcome.
struct Stop(String, Outcome);

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop(error.to_string(), Outcome::Failed)
    }
}

pub(super) fn run(args: &BenchArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    // Its own folder, that no other user can have prepared; gone at the end, with what the runs left in it.
    let folder = match tempfile::Builder::new().prefix("perf-bench-").tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            writeln!(streams.errors, "perf-report: no folder for temporary files can be made: {error}")?;
            return Ok(Outcome::Failed);
        }
    };
    if let Err(error) = clear_when_ended_by_a_signal(folder.path()) {
        writeln!(streams.errors, "perf-report: signals cannot be watched: {error}")?;
        return Ok(Outcome::Failed);
    }
    let result = bench(args, folder.path(), streams);
    match result {
        Ok(outcome) => outcome,
        Err(Stop(message, outcome)) => {
            writeln!(streams.errors, "perf-report: {message}")?;
            Ok(outcome)
        }
    }
}

/// Has the folder removed before a signal does what it always does. The command that runs is left to itself; Ctrl-C reaches it
/// too.
#[cfg(unix)]
fn clear_when_ended_by_a_signal(folder: &Path) -> io::Result<()> {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
    };
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let folder = folder.to_owned();
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = fs::remove_dir_all(&folder);
            // None of these signals leaves a process alive.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn clear_when_ended_by_a_signal(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn bench(args: &BenchArgs, folder: &Path, streams: &mut Streams<'_>) -> Result<io::Result<Outcome>, Stop> {
    let mut options = args.how.options().map_err(|message| Stop(message, Outcome::Failed))?;
    // Who names two commands wants them compared, whatever they are called.
    options.any_program = true;
    let named = |name: &Option<String>| name.as_deref().map(|name| Baseline::named(&args.baselines, name)).transpose();
    let (save, baseline) = (named(&args.save)?, named(&args.baseline)?);
    let mut before = baseline.as_ref().map(Baseline::load).transpose()?;
    let other = args.vs.as_deref().map(Command::parse).transpose()?;
    let judge = args.judge.as_deref().map(Command::parse).transpose()?;
    let command =
        Command::new(args.command.clone()).ok_or_else(|| Stop("give a command after --".into(), Outcome::Failed))?;

    let commands: Vec<&Command> = other.iter().chain([&command]).collect();
    let mut all: Vec<Runs> =
        commands.iter().map(|command| Runs { command: command.to_string(), runs: Vec::new() }).collect();
    let output = |which: usize| folder.join(format!("stdout-{which}"));
    let bar = progress(u64::from(args.warmup + args.runs) * commands.len() as u64);
    for number in 0..args.warmup + args.runs {
        for (which, command) in commands.iter().enumerate() {
            bar.set_message(command.to_string());
            let run_folder = folder.join(format!("run-{number}-{which}"));
            // The first run that counts sets the output, and the others are held against it.
            let first = number == args.warmup;
            let path = if first { output(which) } else { folder.join("stdout") };
            let run = command.run(&run_folder, args.validate.then_some(&*path), args.allow_failure)?;
            let _ = fs::remove_dir_all(&run_folder);
            bar.inc(1);
            if number < args.warmup {
                continue;
            }
            if args.validate && !first {
                let steady = run.outcome == all[which].runs[0].outcome && same(&output(which), &path, judge.as_ref())?;
                if !steady {
                    return Err(Stop(
                        format!(
                            "`{command}` does not do the same in each run: run {} differs from run 1; give a command that \
                             judges outputs, with --judge",
                            number - args.warmup + 1
                        ),
                        Outcome::Found,
                    ));
                }
            }
            all[which].runs.push(run);
        }
    }
    bar.finish_and_clear();

    let after = all.pop().ok_or_else(|| Stop("nothing was run".into(), Outcome::Failed))?;
    let after_output = output(commands.len() - 1);
    let before_output = match &baseline {
        Some(baseline) => baseline.output(),
        None => other.as_ref().map(|_| output(0)),
    };
    before = before.or_else(|| all.pop());
    let mut found = Outcome::Complete;
    if args.validate
        && let Some(before) = &before
    {
        let Some(before_output) = before_output else {
            let message =
                format!("{}: has no output to validate against; make it again with --validate", before.command);
            return Err(Stop(message, Outcome::Failed));
        };
        let outcomes = [before, &after].map(|runs| runs.runs.first().map(|run| run.outcome));
        let (ended, printed) = (outcomes[0] == outcomes[1], same(&before_output, &after_output, judge.as_ref())?);
        if !ended || !printed {
            let what = if ended { "prints something else than" } else { "ends otherwise than" };
            let (after, before) = (&after.command, &before.command);
            let message = format!("`{after}` {what} `{before}`: the change is not only one of speed");
            if let Err(error) = writeln!(streams.errors, "perf-report: {message}") {
                return Ok(Err(error));
            }
            found = Outcome::Found;
        }
    }
    if let Some(save) = &save {
        fs::create_dir_all(&args.baselines)?;
        save.save(&after.runs, args.validate.then_some(&*after_output))?;
    }
    let Some(before) = before else {
        let command = after.command.clone();
        let text = measured::text(&command, &after.into_side(), &streams.style);
        return Ok(streams.output.write_all(text.as_bytes()).map(|()| found));
    };
    let comparison = Comparison::of(before.into_side(), after.into_side(), &options)?;
    Ok(args.how.show(&comparison, streams).map(|outcome| outcome.max(found)))
}

/// Whether two outputs are the same, or as good as that to the user's own judge.
fn same(one: &Path, other: &Path, judge: Option<&Command>) -> Result<bool, Stop> {
    let cannot = |path: &Path, error: io::Error| Stop(format!("{}: {error}", runs::shown(path)), Outcome::Failed);
    match judge {
        Some(judge) => Ok(judge.judge(one, other)?),
        None => {
            let read = |path: &Path| fs::read(path).map_err(|error| cannot(path, error));
            Ok(read(one)? == read(other)?)
        }
    }
}

/// How far it is and how long it will still take, on a terminal; nothing elsewhere.
fn progress(runs: u64) -> ProgressBar {
    let bar = ProgressBar::new(runs);
    if let Ok(style) = ProgressStyle::with_template("{bar:20} run {pos} of {len}, {eta} left · {wide_msg}") {
        bar.set_style(style);
    }
    bar
}
