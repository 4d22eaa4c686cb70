//! `trace`: has a running process write down every call for some time, and makes a file for a viewer of it.
//!
//! The process looks for requests in the header of its recording. The command writes one there, waits until the window has closed, and
//! reads the events as it reads anything else of the recording. A process that is killed meanwhile leaves what it had written.

use std::{
    fs::OpenOptions,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    Outcome, Streams,
    live::{
        Target,
        find::{self, FindError},
    },
    runs,
};
use crate::{
    Snapshot, Trace, quantity,
    recording::{
        Reading, Recording, RecordingError,
        layout::{WORD_BYTES, header, trace},
    },
    view::{
        TraceFormat, slow_calls,
        text::{escape, plural},
        trace::slowest::{Labels, slow_calls as slowest_calls},
        units,
    },
};

/// Arguments of `trace`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report trace 4242 --for 2s -o trace.json          the next 2 s of a process; open the file in https://ui.perfetto.dev
  cargo perf-report trace app.perfrec --for 500ms --to speedscope -o run.speedscope.json
  cargo perf-report trace app.perfrec -o trace.json            the last trace of a recording, also of a process that was killed

While it is traced, each of the process's calls takes longer, as the slow path of measuring records it. Before and after that, nothing does.
A trace can also be asked for by PERF_TRACE=trace.json,window=2s when the program is started, and by an alert (then trace 2s FILE).

Exit status: 0 the trace was written; 1 it lacks events, or the recording is damaged in parts; 2 there is no trace.")]
pub(super) struct TraceArgs {
    /// A recording (PERF_RECORDING=FILE), or the id of a process that writes one; ./1234 is a file
    #[arg(value_name = "PID|FILE")]
    target: PathBuf,
    /// Trace the running process for this long; without it, take the last trace that there is
    #[arg(long = "for", value_name = "DURATION", value_parser = length)]
    length: Option<Duration>,
    /// Format: chrome (Perfetto) or speedscope; without it, the name of the output says
    #[arg(long = "to", value_name = "FORMAT", value_parser = format)]
    format: Option<TraceFormat>,
    /// Write the trace to this file and show its slowest calls, instead of the trace itself; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// With -o: show the slowest calls of so many functions
    #[arg(long, value_name = "NUMBER", default_value = "10", requires = "output")]
    functions: usize,
}

/// The longest trace that can be asked for.
const LONGEST: Duration = Duration::from_secs(600);

/// How long the process may take to answer: it looks a few times a second, from its first recorded call on.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look whether it has.
const LOOK: Duration = Duration::from_millis(20);

fn length(text: &str) -> Result<Duration, String> {
    match quantity::duration(text).map_err(|error| error.to_string())? {
        length if length < Duration::from_millis(1) || length > LONGEST => {
            Err(format!("write a duration from 1ms to {}min", LONGEST.as_secs() / 60))
        }
        length => Ok(length),
    }
}

fn format(text: &str) -> Result<TraceFormat, String> {
    text.parse().map_err(|error: crate::view::UnknownTraceFormat| error.to_string())
}

pub(super) fn run(args: &TraceArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let Reading { snapshot, damages, further_damages, trace, .. } = match read(args) {
        Ok(reading) => reading,
        Err(error) => {
            streams.error(error);
            return Ok(Outcome::Failed);
        }
    };
    let name = runs::shown(&args.target);
    for damage in &damages {
        streams.warning(format_args!("{name}: damaged: {damage}"));
    }
    if further_damages > 0 {
        streams.warning(format_args!("{name}: {further_damages} more places are damaged"));
    }
    let Some(trace) = trace else {
        streams
            .error(format_args!("{name}: there is no trace in it; ask for one of the running process with --for 2s"));
        return Ok(Outcome::Failed);
    };
    let lost = trace.lost_events();
    if lost > 0 {
        streams.warning(format_args!(
            "{name}: {lost} events are missing, of each thread the earliest; shorten the trace, or start the program with \
             PERF_TRACE=FILE,events=4M"
        ));
    }
    // Of a recording that is only read, it may well be so.
    let is_cut = args.length.is_some() && trace.is_open;
    if is_cut {
        streams.warning(format_args!(
            "{name}: the trace has no end, because the process ended or was stopped before its time was over"
        ));
    }
    let file = runs::file_of(args.output.as_ref());
    let by_name = file.map_or(TraceFormat::Chrome, TraceFormat::of_file);
    let text = args.format.unwrap_or(by_name).render(&trace, &snapshot);
    if runs::deliver(file, text.as_bytes(), streams)? == Outcome::Failed {
        return Ok(Outcome::Failed);
    }
    if let Some(path) = file {
        let said = summary(args, path, &trace, &snapshot, streams);
        streams.output.write_all(said.as_bytes())?;
    }
    Ok(if lost == 0 && damages.is_empty() && !is_cut { Outcome::Complete } else { Outcome::Partial })
}

/// The traced calls, and the slowest ones.
fn summary(args: &TraceArgs, path: &Path, trace: &Trace, snapshot: &Snapshot, streams: &Streams<'_>) -> String {
    let calls: u64 = trace.threads.iter().map(|thread| trace.calls(thread).len() as u64).sum();
    let threads = trace.threads.len() as u64;
    let mut out = format!(
        "{}: {} of {}, pid {}: {} {} of {threads} {}{}\n",
        runs::shown(path),
        units::duration(trace.end_ns.saturating_sub(trace.begin_ns)),
        escape(&snapshot.process.program),
        snapshot.process.pid,
        units::count(calls),
        plural(calls, "call", "calls"),
        plural(threads, "thread", "threads"),
        if trace.is_open { ", not yet at its end" } else { "" },
    );
    let mut functions = slowest_calls(trace, &Labels::of_all(snapshot));
    functions.sort_by_key(|(_, calls)| std::cmp::Reverse(calls.first().map_or(0, |call| call.ns)));
    for (function, calls) in functions.iter().filter(|(_, calls)| !calls.is_empty()).take(args.functions) {
        let name = snapshot.functions.get(*function).map_or("?", |function| &function.name);
        out += &format!("\n{}", slow_calls::render(snapshot, &streams.style, name, calls));
    }
    out
}

/// Why there is no trace.
#[derive(Debug)]
enum TraceError {
    Find(FindError),
    Recording(String, RecordingError),
    Ended(String),
    Ask(String, io::Error),
    /// It does not look for requests.
    Deaf(String),
    /// Another window is open in it.
    Busy(String),
    /// It opened no window.
    Refused(String),
    /// Somebody else asked for another one in between.
    Overtaken(String),
}

impl std::fmt::Display for TraceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TraceError::Find(error) => error.fmt(f),
            TraceError::Recording(name, error) => write!(f, "{name}: {error}"),
            TraceError::Ended(name) => {
                write!(f, "{name}: its process has ended; leave out --for to take the last trace that it left")
            }
            TraceError::Ask(name, error) => {
                write!(f, "{name}: the process can't be asked for a trace: {error}; run this as the same user")
            }
            TraceError::Deaf(name) => {
                write!(
                    f,
                    "{name}: the process can't be asked for a trace: it has not run an annotated call yet, or was started with PERF_SIGNALS=0"
                )
            }
            TraceError::Busy(name) => {
                write!(f, "{name}: another trace is open in the process; try again when it is over")
            }
            TraceError::Refused(name) => write!(
                f,
                "{name}: the recording has no room for a trace; start the program with a greater PERF_CAPACITY than 256MiB"
            ),
            TraceError::Overtaken(name) => write!(f, "{name}: somebody else asked for another trace; try again"),
        }
    }
}

fn read(args: &TraceArgs) -> Result<Reading, TraceError> {
    let path = match Target::new(&args.target) {
        Target::File(path) => path,
        Target::Process(pid) => find::recording_of(pid).map_err(TraceError::Find)?.open_at,
    };
    let name = runs::shown(&args.target);
    let wrong = |error| TraceError::Recording(name.clone(), error);
    let mut recording = Recording::open(&path).map_err(wrong)?;
    if let Some(length) = args.length {
        request(&recording, &path, &name, length)?;
    }
    let reading = recording.read_trace().map_err(wrong)?;
    let is_empty = |trace: &Trace| trace.threads.iter().all(|thread| trace.calls(thread).is_empty());
    if args.length.is_some() && reading.trace.as_ref().is_some_and(|trace| trace.is_open && is_empty(trace)) {
        // It opened the window and was gone before it made a call in it.
        return Err(TraceError::Ended(name));
    }
    Ok(reading)
}

/// Asks for a window, and waits until it has closed or the process has ended.
fn request(recording: &Recording, path: &Path, name: &str, length: Duration) -> Result<(), TraceError> {
    let word = |at| recording.word(at).map_err(|error| TraceError::Recording(name.to_owned(), error.into()));
    if !recording.writer_is_alive() {
        return Err(TraceError::Ended(name.to_owned()));
    }
    if !wait(PATIENCE, || Ok(word(header::TRACE_LISTENS)? == 1 || !recording.writer_is_alive()))? {
        return Err(TraceError::Deaf(name.to_owned()));
    }
    let milliseconds = u32::try_from(length.as_millis()).unwrap_or(u32::MAX);
    // The process id tells requests of two commands apart, the last request those of one.
    let number = std::process::id() ^ ((word(header::TRACE_REQUEST)? >> 32) as u32).wrapping_add(1) << 24;
    let request = trace::request(number, milliseconds);
    ask(path, request).map_err(|error| TraceError::Ask(name.to_owned(), error))?;
    wait(PATIENCE, || Ok(word(header::TRACE_ANSWER)? == request || !recording.writer_is_alive())).and_then(
        |answered| match answered {
            true => Ok(()),
            false if word(header::TRACE_REQUEST)? != request => Err(TraceError::Overtaken(name.to_owned())),
            false => {
                // Nobody waits for it any more.
                ask(path, 0).map_err(|error| TraceError::Ask(name.to_owned(), error))?;
                Err(TraceError::Busy(name.to_owned()))
            }
        },
    )?;
    let block = word(header::TRACE)? as usize;
    let of_block = |at: usize| word(block.saturating_add(at));
    if block == 0 || of_block(trace::REQUEST)? != request {
        let ended = !recording.writer_is_alive();
        let name = name.to_owned();
        return Err(if ended { TraceError::Ended(name) } else { TraceError::Refused(name) });
    }
    let over =
        || Ok(of_block(trace::END)? != 0 || of_block(trace::REQUEST)? != request || !recording.writer_is_alive());
    wait(length + PATIENCE, over)?;
    if of_block(trace::REQUEST)? != request {
        return Err(TraceError::Overtaken(name.to_owned()));
    }
    Ok(())
}

/// Writes a request where the process looks for it.
fn ask(path: &Path, request: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start((header::TRACE_REQUEST * WORD_BYTES) as u64))?;
    file.write_all(&request.to_ne_bytes())
}

/// Waits until a condition holds, and says whether it does.
fn wait(most: Duration, mut holds: impl FnMut() -> Result<bool, TraceError>) -> Result<bool, TraceError> {
    let begun = Instant::now();
    loop {
        if holds()? {
            return Ok(true);
        }
        if begun.elapsed() > most {
            return Ok(false);
        }
        thread::sleep(LOOK);
    }
}
