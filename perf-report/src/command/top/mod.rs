//! `top`: a running process, watched through its recording.
//!
//! Two forms share all but where they go: on a terminal [`session`] draws moment after moment and obeys keys; with `--batch`
//! each moment is printed as plain text. [`state`] is what the user has chosen to see, [`keys`] what keys mean, [`draw`] makes
//! lines of both.

mod draw;
mod keys;
mod screen;
mod session;
mod state;

use std::{
    convert::Infallible,
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use state::{Chosen, Pane};

use super::{Color, Outcome, Streams};
use crate::{
    live::{Filter, Key, Sort, Target, Watch},
    rules::nanoseconds,
    view::text::escape,
};

/// Arguments of `top`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  perf-report top app.perfrec                           the process that records to this file
  perf-report top 4242                                  a process by its number
  perf-report top app.perfrec --sort p99 --filter '*::storage::*'
  perf-report top app.perfrec --batch -n 3 --limit 10   three moments as text

Keys: q quits, ? lists all others.

Rates are of the time since the look before, percentiles of the last --window; at the first look and when the process \
has ended, both are of the whole recording. All comes from the recording's file and from /proc: the process itself is \
not asked, and does nothing for it. If the program is started again, the new recording at the same path is followed.

Exit status: 0 it was watched; 1 the recording is damaged in parts; 2 there is nothing to watch, or the arguments are \
wrong.")]
pub struct TopArgs {
    /// A recording (PERF_RECORDING=FILE), or the number of a process that has one; ./1234 is a file
    #[arg(value_name = "PID|FILE")]
    target: PathBuf,
    /// Time between two looks
    #[arg(long, short, value_name = "DURATION", default_value = "1s", value_parser = interval)]
    interval: Duration,
    /// The time that recent percentiles are about
    #[arg(long, short, value_name = "DURATION", default_value = "10s", value_parser = interval)]
    window: Duration,
    /// Orders functions by a figure, highest first: rate, time, self, p50, p99, max, inflight, oldest, calls; or by name
    #[arg(long, short, value_name = "KEY", default_value = "self")]
    sort: Key,
    /// The other way round
    #[arg(long, short)]
    reverse: bool,
    /// Shows only what has this in its name, or matches as a whole: `*` is any text, `?` a character, `[abc]` one of several
    #[arg(long, short, value_name = "GLOB", default_value = "", hide_default_value = true, value_parser = filter)]
    filter: Filter,
    /// What to show first
    #[arg(long, short, value_name = "PANE", default_value = "functions")]
    pane: Pane,
    /// Prints moments as text, one below the other, instead of taking the terminal
    #[arg(long, short)]
    batch: bool,
    /// With --batch: how many, if the process does not end before
    #[arg(long, short = 'n', value_name = "NUMBER", requires = "batch", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// With --batch: shows only the first so many functions
    #[arg(long, value_name = "NUMBER", requires = "batch")]
    limit: Option<usize>,
    /// With --batch: columns to fill
    #[arg(long, value_name = "COLUMNS", requires = "batch", value_parser = clap::value_parser!(u16).range(20..))]
    width: Option<u16>,
    /// Whether to use colours; auto: unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// Columns that text takes where nothing says how many there are.
const WIDTH: usize = 140;

fn filter(text: &str) -> Result<Filter, Infallible> {
    Ok(Filter::new(text))
}

/// A duration that somebody can want to wait for.
fn interval(text: &str) -> Result<Duration, String> {
    let duration = Duration::from_nanos(nanoseconds(text)?);
    match duration {
        duration if duration < Duration::from_millis(10) => Err("give 10ms or more".into()),
        duration if duration > Duration::from_secs(86_400) => Err("give 24h or less".into()),
        duration => Ok(duration),
    }
}

/// Runs the command. `terminal` says whether standard output is one that can be taken.
pub(super) fn run(args: &TopArgs, streams: &mut Streams<'_>, terminal: bool) -> io::Result<Outcome> {
    if !args.batch && !terminal {
        let file = escape(&args.target.display().to_string());
        writeln!(
            streams.errors,
            "perf-report: top needs a terminal; print moments with `top {file} --batch -n 3`, or once with `show FILE`"
        )?;
        return Ok(Outcome::Failed);
    }
    let window_ns = u64::try_from(args.window.as_nanos()).unwrap_or(u64::MAX);
    let watch = match Watch::open(&Target::new(&args.target), window_ns) {
        Ok(watch) => watch,
        Err(error) => {
            writeln!(streams.errors, "perf-report: {error}")?;
            return Ok(Outcome::Failed);
        }
    };
    let sort = Sort { key: args.sort, reversed: args.reverse };
    let chosen = Chosen::new(args.pane, sort, args.filter.clone(), args.interval);
    if args.batch {
        return batch(args, watch, chosen, streams);
    }
    let color = match args.color {
        Color::Auto => streams.style.color,
        Color::Always => true,
        Color::Never => false,
    };
    match session::run(watch, chosen, color) {
        Ok(damaged) => Ok(if damaged { Outcome::Partial } else { Outcome::Complete }),
        Err(error) => {
            writeln!(streams.errors, "perf-report: {error}")?;
            Ok(Outcome::Failed)
        }
    }
}

/// Prints moments until there were enough of them or the process has ended.
fn batch(args: &TopArgs, mut watch: Watch, chosen: Chosen, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let width = args.width.map(usize::from).or(streams.style.width).unwrap_or(WIDTH);
    let mut due = Instant::now();
    let mut moment = watch.first();
    for number in 1.. {
        if number > 1 {
            writeln!(streams.output)?;
        }
        streams.output.write_all(draw::text(&moment, &chosen, width, args.limit).as_bytes())?;
        streams.output.flush()?;
        if args.frames == Some(number) || !moment.is_running() || moment.problem.is_some() {
            break;
        }
        due = (due + args.interval).max(Instant::now());
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        moment = watch.look();
    }
    if let Some(problem) = &moment.problem {
        writeln!(streams.errors, "perf-report: {problem}")?;
    }
    for damage in &moment.damages {
        writeln!(streams.errors, "perf-report: damaged: {damage}")?;
    }
    let whole = moment.damages.is_empty() && moment.problem.is_none();
    Ok(if whole { Outcome::Complete } else { Outcome::Partial })
}
