//! `export`: the figures of one process or of many in the format of another tool.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{
    Outcome, Streams,
    merge::{self, Sum},
    runs,
};
use crate::{
    Snapshot,
    view::{
        export, metrics,
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

The formats folded, pprof and speedscope hold whole stacks, so they need a run in which stacks were sampled (PERF_STACKS=99/s).

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
    /// Its name, as it stands in `--to`.
    const fn name(self) -> &'static str {
        match self {
            Format::Callgrind => "callgrind",
            Format::Folded => "folded",
            Format::Hlog => "hlog",
            Format::Openmetrics => "openmetrics",
            Format::Otlp => "otlp",
            Format::Pprof => "pprof",
            Format::Prometheus => "prometheus",
            Format::Speedscope => "speedscope",
        }
    }

    /// The parts of a snapshot that it holds.
    const fn holds(self) -> &'static [Part] {
        match self {
            Format::Callgrind => &[Part::Calls, Part::Times, Part::Callers],
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
        match self {
            Format::Otlp | Format::Pprof => true,
            Format::Callgrind
            | Format::Folded
            | Format::Hlog
            | Format::Openmetrics
            | Format::Prometheus
            | Format::Speedscope => false,
        }
    }

    /// The contents of the file.
    fn encode(self, snapshot: &Snapshot) -> Result<Vec<u8>, Refusal> {
        Ok(match self {
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
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NothingRan => "no call of an annotated function has ended, so there is nothing to export",
            Refusal::NoStacks => {
                "no stacks were sampled, and this format holds nothing else; run the program with PERF_STACKS=99/s, or sample it while \
                 it runs with `cargo perf-report flame`"
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
            "{} is a binary format; name a file with -o FILE, or write -o - for standard output",
            format.name()
        ));
        return Ok(Outcome::Failed);
    }
    let Some(Sum { snapshot, mut complete, without_stacks }) = merge::sum(&args.files, streams) else {
        return Ok(Outcome::Failed);
    };
    let contents = match format.encode(&snapshot) {
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
    match args.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => streams.output.write_all(&contents)?,
        Some(path) => {
            if let Err(error) = runs::write(path, &contents) {
                streams.error(format_args!("{}: cannot be written: {error}", runs::shown(path)));
                return Ok(Outcome::Failed);
            }
        }
    }
    say_what_is_left_out(format, &snapshot, streams);
    Ok(if complete { Outcome::Complete } else { Outcome::Partial })
}

/// A note of the parts for which the format has no place.
fn say_what_is_left_out(format: Format, snapshot: &Snapshot, streams: &mut Streams<'_>) {
    let missing = Part::ALL.iter().filter(|part| !format.holds().contains(part) && part.is_in(snapshot));
    let missing: Vec<&str> = missing.map(|part| part.name()).collect();
    if !missing.is_empty() {
        let _ = writeln!(streams.errors, "note: the format {} has no place for {}", format.name(), missing.join(", "));
    }
}
