//! `history show`: trends, for the terminal, a browser or programs.

use std::{io, path::PathBuf};

use clap::ValueEnum;

use super::{TrendArgs, draw};
use crate::command::{Outcome, Streams, runs, shared_args::at_least_one};

/// Arguments of `history show`.
#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    trends: TrendArgs,
    /// Format of the trends
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: TrendFormat,
    /// Show at most so many rows of the table
    #[arg(long, value_name = "NUMBER", default_value = "20", value_parser = at_least_one)]
    limit: usize,
    /// Write to this file instead of standard output; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Formats of trends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TrendFormat {
    /// For the terminal.
    Text,
    /// A page with a line per metric.
    Html,
    /// For programs.
    Json,
}

pub(super) fn run(args: &ShowArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let judged = match args.trends.judge() {
        Ok(judged) => judged,
        Err(message) => {
            streams.error(message);
            return Ok(Outcome::Failed);
        }
    };
    let text = match args.format {
        TrendFormat::Text => draw::text(&judged, Some(args.limit), &streams.style),
        TrendFormat::Html => draw::page(&judged).map_err(io::Error::other)?,
        TrendFormat::Json => draw::json(&judged),
    };
    runs::deliver(runs::file_of(args.output.as_ref()), text.as_bytes(), streams)
}
