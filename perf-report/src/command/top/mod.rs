//! `top`: a running process, watched through its recording.
//!
//! On a terminal, [`session`] draws one moment after the other and obeys keys; with `--batch` each moment is printed as plain
//! text. Both share the rest: [`state`] is the user's choice, [`keys`] the meaning of the keys, and [`draw`] makes lines of text of
//! a moment and the choice.

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

use super::{
    Outcome, Streams,
    live::{Filter, Key, Moment, Remote, Sort, Target, WatchedRecording},
    serve::Token,
    shared_args::{Color, at_least_one},
};
use crate::{quantity, view::text::escape};

/// Arguments of `top`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report top app.perfrec                           the process that records to this file
  cargo perf-report top 4242                                  a process, by its id
  cargo perf-report top app.perfrec --sort p99 --filter '*::storage::*'
  cargo perf-report top http://web1:9464 --token-file token   a process on another machine, by `serve`
  cargo perf-report top app.perfrec --batch -n 3 --limit 10   three moments as text

Keys: q quits, ? shows all keys.

Rates cover the time since the last refresh, percentiles the last --window. On the first screen, and after the process has ended, \
both cover the whole recording. All data comes from the recording and from /proc; the process itself is not disturbed. If the \
program is started again, its new recording at the same path is followed.

Exit status: 0 the process was watched; 1 the recording is damaged in parts; 2 there is nothing to watch, or the arguments are \
wrong.")]
pub(super) struct TopArgs {
    /// A recording (PERF_RECORDING=FILE), the id of a process that writes one, or the URL of a `serve`; ./1234 is a file
    #[arg(value_name = "PID|FILE|URL")]
    target: PathBuf,
    /// File with the token of the `serve` that a URL names
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Time between two refreshes
    #[arg(long, short, value_name = "DURATION", default_value = "1s", value_parser = interval)]
    interval: Duration,
    /// Time that percentiles cover
    #[arg(long, short, value_name = "DURATION", default_value = "10s", value_parser = interval)]
    window: Duration,
    /// Sort by rate, time, self, running, waiting, p50, p99, max, inflight, oldest or calls, highest first, or by name
    #[arg(long, short, value_name = "COLUMN", default_value = "self")]
    sort: Key,
    /// Reverse the order
    #[arg(long, short)]
    reverse: bool,
    /// Show only names that contain this text, or match it as a whole if it has `*`, `?` or `[abc]`
    #[arg(long, short, value_name = "PATTERN", default_value = "", hide_default_value = true, value_parser = filter)]
    filter: Filter,
    /// Pane to show first
    #[arg(long, short, value_name = "PANE", default_value = "functions")]
    pane: Pane,
    /// Print each refresh as text instead of using the whole terminal
    #[arg(long, short)]
    batch: bool,
    /// With --batch: stop after this many refreshes
    #[arg(long, short = 'n', value_name = "NUMBER", requires = "batch", value_parser = clap::value_parser!(u64).range(1..))]
    frames: Option<u64>,
    /// With --batch: show only the first NUMBER rows
    #[arg(long, value_name = "NUMBER", requires = "batch", value_parser = at_least_one)]
    limit: Option<usize>,
    /// With --batch: width of the output in columns
    #[arg(long, value_name = "COLUMNS", requires = "batch", value_parser = clap::value_parser!(u16).range(20..))]
    width: Option<u16>,
    /// When to use colours; auto: unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// The width of text if neither an option nor the terminal gives one.
const WIDTH: usize = 140;

fn filter(text: &str) -> Result<Filter, Infallible> {
    Ok(Filter::new(text))
}

/// Reads a duration that somebody may want to wait for.
fn interval(text: &str) -> Result<Duration, String> {
    match quantity::duration(text).map_err(|error| error.to_string())? {
        duration if duration < Duration::from_millis(10) => Err("too short; write 10ms or more".into()),
        duration if duration > Duration::from_secs(86_400) => Err("too long; write 24h or less".into()),
        duration => Ok(duration),
    }
}

/// Runs the command. `terminal` says whether standard output is a terminal that can be taken as a whole.
pub(super) fn run(args: &TopArgs, streams: &mut Streams<'_>, terminal: bool) -> Outcome {
    if !args.batch && !terminal {
        let file = escape(&args.target.display().to_string());
        streams.error(format_args!(
            "top needs a terminal; print text with `cargo perf-report top {file} --batch -n 3`, or use `cargo perf-report show`"
        ));
        return Outcome::Failed;
    }
    let window_ns = u64::try_from(args.window.as_nanos()).unwrap_or(u64::MAX);
    let recording = match open(args, window_ns) {
        Ok(recording) => recording,
        Err(error) => {
            streams.error(error);
            return Outcome::Failed;
        }
    };
    let sort = Sort { key: args.sort, reversed: args.reverse };
    let chosen = Chosen::new(args.pane, sort, args.filter.clone(), args.interval);
    if args.batch {
        return batch(args, recording, &chosen, streams);
    }
    match session::run(recording, chosen, args.color.or_detected(streams.style.color)) {
        Ok(true) => Outcome::Partial,
        Ok(false) => Outcome::Complete,
        Err(error) => {
            streams.error(error);
            Outcome::Failed
        }
    }
}

/// The process or file that the arguments name.
fn open(args: &TopArgs, window_ns: u64) -> Result<WatchedRecording, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    match args.target.to_str().filter(|text| Remote::is_url(text)) {
        Some(url) => {
            let token = args.token_file.as_deref().map(Token::read).transpose().map_err(|error| said(&error))?;
            let server = Remote::new(url, token.as_ref()).map_err(|error| said(&error))?;
            WatchedRecording::open_remote(server, window_ns).map_err(|error| said(&error))
        }
        None if args.token_file.is_some() => {
            Err("--token-file is for the URL of a `serve`; a recording and a process need no token".into())
        }
        None => WatchedRecording::open(&Target::new(&args.target), window_ns).map_err(|error| said(&error)),
    }
}

/// Prints moments until there were enough of them, the process has ended, or nobody reads them any more.
fn batch(args: &TopArgs, mut recording: WatchedRecording, chosen: &Chosen, streams: &mut Streams<'_>) -> Outcome {
    let width = args.width.map(usize::from).or(streams.style.width).unwrap_or(WIDTH);
    let mut due = Instant::now();
    let mut moment = recording.first();
    for number in 1.. {
        let text = draw::text(&moment, chosen, width, args.limit);
        match print(&text, number > 1, streams) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => {
                streams.error(format_args!("the output cannot be written: {error}"));
                return Outcome::Failed;
            }
        }
        if args.frames == Some(number) || !moment.is_running() || moment.problem.is_some() {
            break;
        }
        due = (due + args.interval).max(Instant::now());
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        moment = recording.refresh();
    }
    ended(&moment, streams)
}

fn print(text: &str, further: bool, streams: &mut Streams<'_>) -> io::Result<()> {
    if further {
        writeln!(streams.output)?;
    }
    streams.output.write_all(text.as_bytes())?;
    streams.output.flush()
}

/// The outcome; problems of the recording go to standard error.
fn ended(moment: &Moment, streams: &mut Streams<'_>) -> Outcome {
    if let Some(problem) = &moment.problem {
        streams.error(problem);
    }
    for damage in &moment.damages {
        streams.warning(format_args!("damaged: {damage}"));
    }
    let whole = moment.damages.is_empty() && moment.problem.is_none();
    if whole { Outcome::Complete } else { Outcome::Partial }
}
