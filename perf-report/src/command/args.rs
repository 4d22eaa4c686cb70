//! The arguments, as `clap` reads and explains them.

use std::{ffi::OsString, path::Path};

use clap::{CommandFactory, Parser, Subcommand};

use super::{
    annotate::AnnotateArgs, audit::AuditArgs, bench::BenchArgs, check::CheckArgs, diff::DiffArgs, export::ExportArgs,
    flame::FlameArgs, history::HistoryArgs, mcp::McpArgs, merge::MergeArgs, serve::ServeArgs, show::ShowArgs,
    top::TopArgs, trace::TraceArgs,
};

/// The long help's first paragraphs.
const LONG_ABOUT: &str = "Shows, watches, compares and checks the recordings of annotated programs.

Annotate a program with #[profile] of the crate perf-runtime. It leaves a snapshot (PERF_REPORT=json:FILE) or a recording \
(PERF_RECORDING=FILE). Every command reads both, and tells them apart by their content.

This is not the `perf report` of Linux, which shows the samples in perf.data. This command shows exact counts and latencies of \
annotated functions.";

/// Shows, watches, compares and checks the recordings of annotated programs.
#[derive(Debug, Parser)]
#[command(
    name = "perfrec",
    version,
    long_about = LONG_ABOUT,
    after_help = "Installed as `cargo perf-report` and, for machines without cargo, as `perfrec`: two names of one command.

Exit status: 0 success; 1 a budget is exceeded, something regressed, or a file is damaged in parts; 2 there is no result: \
                  nothing could be read or nothing matched, or the arguments are wrong."
)]
pub(super) struct Args {
    /// The command.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The widest that help is set.
const WIDEST: usize = 100;

impl Args {
    /// Reads the arguments of a process, the program's name first. Help is fitted to a width.
    pub(super) fn read(mut arguments: Vec<OsString>, width: Option<usize>) -> Result<Args, clap::Error> {
        let program = arguments.first().map(Path::new).and_then(Path::file_stem);
        let mut command = Args::command().term_width(width.unwrap_or(WIDEST).min(WIDEST));
        if program.is_some_and(|program| program == "cargo-perf-report") {
            command = command.bin_name("cargo perf-report");
            // Cargo hands `cargo perf-report show x` on as `cargo-perf-report perf-report show x`.
            if arguments.get(1).is_some_and(|word| word == "perf-report") {
                arguments.remove(1);
            }
        } else {
            command = command.bin_name("perfrec");
        }
        let matches = command.try_get_matches_from_mut(arguments)?;
        clap::FromArgMatches::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show latencies, callers, resources and more of snapshots and recordings
    Show(ShowArgs),
    /// Watch a running process: rates, recent percentiles, calls in flight, resources, memory
    Top(TopArgs),
    /// Add the snapshots and recordings of many processes up to one snapshot
    Merge(MergeArgs),
    /// Check that functions stay within their budgets; the exit status tells CI
    Check(CheckArgs),
    /// Compare runs before and after a change, function by function; the exit status tells CI
    Diff(DiffArgs),
    /// Run a command several times and show its latencies, alone or compared with another command
    Bench(Box<BenchArgs>),
    /// Keep the runs of each commit, show trends, and find the commits at which something became slower
    History(HistoryArgs),
    /// Show whole stacks of a process, running or waiting, as a flame graph or for other tools
    Flame(Box<FlameArgs>),
    /// Record when each call begins and ends, for some time, for Perfetto or speedscope
    Trace(TraceArgs),
    /// Write calls, times and latencies in the format of another tool
    Export(ExportArgs),
    /// Serve metrics (Prometheus, OTLP), JSON and a live page of running, ended and killed processes
    Serve(ServeArgs),
    /// Write #[profile] into the sources of a package, and take it out again
    Annotate(AnnotateArgs),
    /// Answer an assistant's questions about recordings (Model Context Protocol)
    Mcp(McpArgs),
    /// Find what is worth fixing first: clippy's and further findings, ranked by what was measured there
    Audit(Box<AuditArgs>),
}
