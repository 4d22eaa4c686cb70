//! `export`: the figures of one process or of many in the format of another tool.

use std::{fmt, io, path::PathBuf};

use clap::ValueEnum;

use super::{
    Outcome, Streams,
    merge::{self, Sum},
    runs,
};
use crate::{
    Snapshot, Trace,
    recording::{Reading, Recording},
    view::{
        TraceFormat, export, metrics,
        stacks::{StackProfile, folded, pprof, speedscope},
    },
};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report export --to callgrind run.json -o callgrind.out && kcachegrind callgrind.out
  cargo perf-report export --to pprof app.perfrec -o app.pb.gz && go tool pprof -http=: app.pb.gz
  cargo perf-report export --to hlog web1.json web2.json -o latencies.hlog
  cargo perf-report export --to prometheus app.perfrec -o /var/lib/node_exporter/app.prom

The formats folded, pprof and speedscope hold whole stacks, so they need a run in which stacks were sampled (PERF_STACKS=99/s); chrome \
                        holds a trace window of one recording (PERF_TRACE=FILE).

A format cannot hold everything; a note on standard error says what is left out.

Exit status: 0 every process was exported; 1 some files were damaged, could not be read, or have no stacks; 2 there is nothing to export, or the \
                        arguments are wrong.")]
pub(super) struct ExportArgs {
    /// Snapshots, recordings, or directories of them, which are added up as `merge` does; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Format to write
    #[arg(long, value_name = "FORMAT")]
    to: Format,
    /// Write to this file instead of standard output; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The formats of `export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Calls, self and inclusive times, for KCachegrind, QCachegrind and `callgrind_annotate`.
    Callgrind,
    /// The last trace window of a recording, for Perfetto and `chrome://tracing`.
    Chrome,
    /// Sampled stacks, a line each, for `flamegraph.pl`, inferno and many other tools.
    Folded,
    /// Distributions of durations, for HdrHistogram's libraries and tools.
    Hlog,
    /// Metrics in OpenMetrics' text format.
    Openmetrics,
    /// Metrics as the body of an OTLP request of OpenTelemetry.
    Otlp,
    /// Sampled stacks, for `go tool pprof`.
    Pprof,
    /// Metrics in Prometheus's text format, as `serve` tells them.
    Prometheus,
    /// Sampled stacks, for speedscope.
    Speedscope,
}

impl Format {
    /// The parts of a snapshot that it holds.
    const fn holds(self) -> &'static [Part] {
        match self {
            Format::Callgrind => &[Part::Calls, Part::Times, Part::Callers],
            Format::Chrome => &[Part::Callers, Part::Estimates],
            Format::Hlog => &[Part::Calls, Part::Latencies],
            Format::Openmetrics | Format::Otlp | Format::Prometheus => &[
                Part::Calls,
                Part::Times,
                Part::Latencies,
                Part::Estimates,
                Part::InFlight,
                Part::Allocations,
                Part::Resources,
                Part::Timeline,
            ],
            // Whoever was seen in a stack has its callers below it. That all its times are estimates goes without saying.
            Format::Folded | Format::Pprof | Format::Speedscope => &[Part::Callers, Part::Stacks, Part::Estimates],
        }
    }

    /// Whether a terminal, or a shell that reads it, could not take it.
    const fn is_binary(self) -> bool {
        matches!(self, Format::Otlp | Format::Pprof)
    }

    /// The contents of the file.
    fn encode(self, snapshot: &Snapshot, trace: Option<&Trace>) -> Result<Vec<u8>, Refusal> {
        Ok(match self {
            Format::Chrome => TraceFormat::Chrome.render(trace.ok_or(Refusal::NoTrace)?, snapshot).into_bytes(),
            Format::Callgrind => export::callgrind::render(that_ran(snapshot)?).into_bytes(),
            Format::Folded => folded::render(&stacks(snapshot)?).into_bytes(),
            Format::Hlog => export::hlog::render(that_ran(snapshot)?),
            // That nothing ran is told by metrics too.
            Format::Openmetrics => metrics::openmetrics::render(&metrics::of_all(snapshot)).into_bytes(),
            Format::Otlp => metrics::otlp::of_snapshot(snapshot),
            Format::Pprof => pprof::render(&stacks(snapshot)?),
            Format::Prometheus => metrics::prometheus::render(&metrics::of_all(snapshot)).into_bytes(),
            Format::Speedscope => speedscope::render(&stacks(snapshot)?).into_bytes(),
        })
    }
}

impl fmt::Display for Format {
    /// Its name, as it stands in `--to`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}

fn that_ran(snapshot: &Snapshot) -> Result<&Snapshot, Refusal> {
    let ran = snapshot.functions.iter().any(|function| function.calls > 0);
    ran.then_some(snapshot).ok_or(Refusal::NothingRan)
}

fn stacks(snapshot: &Snapshot) -> Result<StackProfile, Refusal> {
    let sampled = Part::Stacks.is_in(snapshot).then(|| StackProfile::of_own_samples(snapshot));
    sampled.flatten().ok_or(Refusal::NoStacks)
}

/// Why there is nothing to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    NothingRan,
    NoStacks,
    NoTrace,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NothingRan => "no call of an annotated function has ended, so there is nothing to export",
            Refusal::NoStacks => {
                "no stacks were sampled, and this format holds nothing else; run the program with PERF_STACKS=99/s, or sample it while \
                 it runs with `cargo perf-report flame`"
            }
            Refusal::NoTrace => {
                "there is no trace in the recording, and this format holds nothing else; run the program with PERF_TRACE=FILE, or ask \
                 it for one with `cargo perf-report trace --for 2s`"
            }
        })
    }
}

/// A part of a snapshot that some formats hold and others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Calls,
    Times,
    Callers,
    Latencies,
    Estimates,
    Stacks,
    InFlight,
    Allocations,
    Resources,
    Timeline,
}

impl Part {
    const ALL: [Part; 10] = [
        Part::Calls,
        Part::Times,
        Part::Callers,
        Part::Latencies,
        Part::Estimates,
        Part::Stacks,
        Part::InFlight,
        Part::Allocations,
        Part::Resources,
        Part::Timeline,
    ];

    const fn name(self) -> &'static str {
        match self {
            Part::Calls => "numbers of calls",
            Part::Times => "self and total times",
            Part::Callers => "callers",
            Part::Latencies => "percentiles",
            Part::Estimates => "marks of estimated times",
            Part::Stacks => "sampled stacks",
            Part::InFlight => "calls in flight",
            Part::Allocations => "allocations",
            Part::Resources => "lazy resources",
            Part::Timeline => "the process over time",
        }
    }

    /// Whether a snapshot has it.
    fn is_in(self, snapshot: &Snapshot) -> bool {
        let mut functions = snapshot.functions.iter();
        match self {
            Part::Calls | Part::Times | Part::Latencies => functions.any(|function| function.calls > 0),
            Part::Callers => functions.any(|function| !function.callers.is_empty()),
            Part::Estimates => functions.any(|function| function.self_sampled || function.is_sampled()),
            Part::Stacks => snapshot.stacks.as_ref().is_some_and(|stacks| stacks.samples > 0),
            Part::InFlight => !snapshot.in_flight.is_empty(),
            Part::Allocations => snapshot.heap.is_some() || functions.any(|function| function.allocations.is_some()),
            Part::Resources => !snapshot.resources.is_empty(),
            Part::Timeline => snapshot.monitor.is_some(),
        }
    }
}

pub(super) fn run(args: &ExportArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let format = args.to;
    if format.is_binary() && args.output.is_none() {
        streams.error(format_args!(
            "{format} is a binary format; name a file with -o FILE, or write -o - for standard output"
        ));
        return Ok(Outcome::Failed);
    }
    let input = match format {
        Format::Chrome => traced(&args.files, streams),
        _ => merge::sum(&args.files, streams).map(|sum| (sum, None)),
    };
    let Some((Sum { snapshot, mut complete, without_stacks }, trace)) = input else { return Ok(Outcome::Failed) };
    let contents = match format.encode(&snapshot, trace.as_ref()) {
        Ok(contents) => contents,
        Err(refusal) => {
            streams.error(refusal);
            return Ok(Outcome::Failed);
        }
    };
    for label in without_stacks.iter().filter(|_| format.holds().contains(&Part::Stacks)) {
        let label = label.escape_debug();
        streams.warning(format_args!("{label}: no stacks were sampled there, so this process is not in the export"));
        complete = false;
    }
    if runs::deliver(runs::file_of(args.output.as_ref()), &contents, streams)? == Outcome::Failed {
        return Ok(Outcome::Failed);
    }
    say_what_is_left_out(format, &snapshot, streams);
    Ok(if complete { Outcome::Complete } else { Outcome::Partial })
}

/// The figures and the trace of a recording. Whatever is wrong goes to standard error; `None` if nothing can be read.
fn traced(files: &[PathBuf], streams: &mut Streams<'_>) -> Option<(Sum, Option<Trace>)> {
    let files: Vec<PathBuf> = files.iter().filter_map(|file| runs::files(file, streams)).flatten().collect();
    let [file] = files.as_slice() else {
        if !files.is_empty() {
            streams.error("the format chrome holds the trace of one process; give one recording (PERF_RECORDING=FILE)");
        }
        return None;
    };
    let name = runs::shown(file);
    let reading = Recording::open(file).and_then(|mut recording| recording.read_trace());
    let Reading { snapshot, damages, further_damages, trace, .. } =
        reading.map_err(|error| streams.error(format_args!("{name}: {error}"))).ok()?;
    let mut complete = damages.is_empty();
    for damage in &damages {
        streams.warning(format_args!("{name}: damaged: {damage}"));
    }
    if further_damages > 0 {
        streams.warning(format_args!("{name}: {further_damages} more places are damaged"));
    }
    if let Some(lost) = trace.as_ref().map(Trace::lost_events).filter(|&lost| lost > 0) {
        streams.warning(format_args!("{name}: {lost} events of the trace are missing, of each thread the earliest"));
        complete = false;
    }
    Some((Sum { snapshot, complete, without_stacks: Vec::new() }, trace))
}

/// A note of the parts for which the format has no place.
fn say_what_is_left_out(format: Format, snapshot: &Snapshot, streams: &mut Streams<'_>) {
    let missing = Part::ALL.iter().filter(|part| !format.holds().contains(part) && part.is_in(snapshot));
    let missing: Vec<&str> = missing.map(|part| part.name()).collect();
    if !missing.is_empty() {
        let _ = writeln!(streams.errors, "note: the format {format} has no place for {}", missing.join(", "));
    }
}
