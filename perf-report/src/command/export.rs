//! `export`: the figures of one process or of many in the format of another tool.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{Outcome, Streams, merge, runs};
use crate::{
    Snapshot,
    view::{export, metrics},
};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report export --to callgrind run.json -o callgrind.out && kcachegrind callgrind.out
  cargo perf-report export --to hlog web1.json web2.json -o latencies.hlog
  cargo perf-report export --to prometheus app.perfrec -o /var/lib/node_exporter/app.prom

A format cannot hold everything; a note on standard error says what is left out.

Exit status: 0 everything was exported; 1 some files were damaged or could not be read; 2 there is nothing to export, or the \
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
    /// Distributions of durations, for HdrHistogram's libraries and tools.
    Hlog,
    /// Metrics in Prometheus's text format, as `serve` tells them.
    Prometheus,
    /// Metrics in OpenMetrics' text format.
    Openmetrics,
    /// Metrics as the body of an OTLP request of OpenTelemetry.
    Otlp,
}

impl Format {
    /// Its name, as it stands in `--to`.
    const fn name(self) -> &'static str {
        match self {
            Format::Callgrind => "callgrind",
            Format::Hlog => "hlog",
            Format::Prometheus => "prometheus",
            Format::Openmetrics => "openmetrics",
            Format::Otlp => "otlp",
        }
    }

    /// The parts of a snapshot that it holds.
    const fn holds(self) -> &'static [Part] {
        match self {
            Format::Callgrind => &[Part::Times, Part::Callers],
            Format::Hlog => &[Part::Latencies],
            Format::Prometheus | Format::Openmetrics | Format::Otlp => &[
                Part::Times,
                Part::Latencies,
                Part::Estimates,
                Part::InFlight,
                Part::Allocations,
                Part::Resources,
                Part::Timeline,
            ],
        }
    }

    /// Whether a terminal, or a shell that reads it, could not take it.
    const fn is_binary(self) -> bool {
        match self {
            Format::Callgrind | Format::Hlog | Format::Prometheus | Format::Openmetrics => false,
            Format::Otlp => true,
        }
    }

    /// Why there is nothing to write of a snapshot.
    fn refusal(self, snapshot: &Snapshot) -> Option<Refusal> {
        match self {
            Format::Callgrind | Format::Hlog => {
                snapshot.functions.iter().all(|function| function.calls == 0).then_some(Refusal::NothingRan)
            }
            // That nothing ran is told by them too.
            Format::Prometheus | Format::Openmetrics | Format::Otlp => None,
        }
    }

    /// The contents of the file.
    fn encode(self, snapshot: &Snapshot) -> Vec<u8> {
        match self {
            Format::Callgrind => export::callgrind::render(snapshot).into_bytes(),
            Format::Hlog => export::hlog::render(snapshot),
            Format::Prometheus => metrics::prometheus::render(&metrics::of_all(snapshot)).into_bytes(),
            Format::Openmetrics => metrics::openmetrics::render(&metrics::of_all(snapshot)).into_bytes(),
            Format::Otlp => metrics::otlp::of_snapshot(snapshot),
        }
    }
}

/// Why there is nothing to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    NothingRan,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::NothingRan => "no call of an annotated function has ended, so there is nothing to export",
        })
    }
}

/// A part of a snapshot that some formats hold and others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
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
    const ALL: [Part; 9] = [
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
            Part::Times | Part::Latencies => functions.any(|function| function.calls > 0),
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
    let Some((snapshot, complete)) = merge::sum(&args.files, streams) else { return Ok(Outcome::Failed) };
    if let Some(refusal) = format.refusal(&snapshot) {
        streams.error(refusal);
        return Ok(Outcome::Failed);
    }
    let contents = format.encode(&snapshot);
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
