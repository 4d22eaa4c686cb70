//! The arguments, as `clap` reads and explains them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::{BenchArgs, CheckArgs, DiffArgs, MergeArgs};
use crate::{Style, View};

/// Shows what perf recorded: per-function latency, callers, and more.
#[derive(Debug, Parser)]
#[command(
    name = "perf-report",
    version,
    after_help = "Exit status: 0 all was shown; 1 a file was damaged or unreadable and what could be read was shown, \
                  or a check found what must not be; 2 nothing could be shown, or the arguments are wrong."
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command can do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Shows snapshots (PERF_REPORT=json:FILE) and recordings (PERF_RECORDING=FILE), also of running or killed processes
    Show(Show),
    /// Adds the snapshots and recordings of many processes up to one snapshot
    Merge(MergeArgs),
    /// Holds functions to their budgets: those of #[profile(budget(...))] and those of a file
    Check(CheckArgs),
    /// Compares runs before and after a change, function by function, with a verdict
    Diff(DiffArgs),
    /// Runs a command several times and shows what its functions took, alone or compared with another
    Bench(Box<BenchArgs>),
}

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Snapshots or recordings, told apart by their content; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Which views, in this order: table, callers, json
    #[arg(long, short, value_name = "VIEW", value_delimiter = ',', default_value = "table")]
    pub view: Vec<View>,
    /// Columns to fill, instead of the terminal's; 0 for as many as it takes
    #[arg(long, value_name = "COLUMNS")]
    pub width: Option<usize>,
    /// Whether to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

impl Show {
    /// What the options make of the style that was detected.
    #[must_use]
    pub fn style(&self, detected: Style) -> Style {
        Style {
            width: self.width.map_or(detected.width, |width| Some(width).filter(|&width| width > 0)),
            color: match self.color {
                Color::Auto => detected.color,
                Color::Always => true,
                Color::Never => false,
            },
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// In files and pipes too.
    Always,
    /// Nowhere.
    Never,
}
