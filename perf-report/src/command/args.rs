//! The arguments, as `clap` reads and explains them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::{BenchArgs, CheckArgs, DiffArgs, MergeArgs, TopArgs};
use crate::{
    Style, View,
    view::{Measure, Order, tree::Direction},
};

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
    /// Watches a running process through its recording: rates, recent percentiles, calls in flight, resources, memory
    Top(TopArgs),
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
#[command(after_help = "Examples:
  perf-report show run.json --sort p99 --limit 20
  perf-report show run.json --filter '*::storage::*' --columns calls,p50,p99,p99.99,shape
  perf-report show run.json --tree
  perf-report show run.json --function Index::build
  perf-report show run.json --format html > run.html")]
pub struct Show {
    /// Snapshots or recordings, told apart by their content; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Which views, in this order: table, callers, resources, json
    #[arg(long, short, value_name = "VIEW", value_delimiter = ',', default_value = "table")]
    pub view: Vec<View>,
    /// What to write: text for the terminal; json: the whole snapshot, or of a selection a list of rows; csv and markdown: a
    /// row per function; html: a page with all of it, to look at in a browser
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
    /// Orders by a figure, highest first (self, total, calls, mean, p50, p90, p99, p999, max, ...), or by name [default: self]
    #[arg(long, short, value_name = "FIGURE")]
    pub sort: Option<Order>,
    /// Shows only the first so many functions
    #[arg(long, short = 'n', value_name = "N")]
    pub limit: Option<usize>,
    /// Shows only functions whose whole name matches: `*` is any text, `?` a character, `[abc]` one of several
    #[arg(long, value_name = "GLOB")]
    pub filter: Option<Glob>,
    /// Columns, in this order: calls, timed, unwound, total, wall, self, share, mean, min, p50, p99.9 or any other percentile,
    /// max, shape, module, file, line, kind
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub columns: Option<Vec<Measure>>,
    /// Shows the call tree: what functions called, or, with --tree=callers, who called them
    #[arg(
        long,
        value_name = "DIRECTION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "callees",
        conflicts_with_all = ["view", "columns"]
    )]
    pub tree: Option<Direction>,
    /// How many levels of the tree to show
    #[arg(long, value_name = "LEVELS", default_value = "12", requires = "tree")]
    pub depth: usize,
    /// Shows everything about one function: its name, or the end of its path
    #[arg(long, value_name = "NAME", conflicts_with_all = ["view", "columns", "filter", "sort", "limit"])]
    pub function: Option<String>,
    /// How to write the percentiles of that function; hdr: as HdrHistogram's tools read them, in ns
    #[arg(long, value_name = "FORM", default_value = "table", requires = "function", conflicts_with = "tree")]
    pub percentiles: Percentiles,
    /// Columns to fill, instead of the terminal's; 0 for as many as it takes
    #[arg(long, value_name = "COLUMNS")]
    pub width: Option<usize>,
    /// Whether to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// What `show` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Text for a terminal.
    Table,
    /// The snapshot, or rows of it.
    Json,
    /// Rows, comma-separated.
    Csv,
    /// A table in GitHub's Markdown.
    Markdown,
    /// A page for a browser.
    Html,
}

/// How the percentiles of a function are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Percentiles {
    /// With everything else about it.
    Table,
    /// As HdrHistogram writes them.
    Hdr,
}

/// A pattern that names match as a whole. Paths of Rust have no parts to it: `*` goes over `::`.
#[derive(Clone, Debug)]
pub struct Glob(glob::Pattern);

impl Glob {
    /// Whether a name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }
}

impl std::fmt::Display for Glob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Glob {
    type Err = glob::PatternError;

    fn from_str(pattern: &str) -> Result<Glob, glob::PatternError> {
        // Where paths have parts, `**` means something else than `*`.
        let mut pattern = pattern.to_owned();
        while pattern.contains("**") {
            pattern = pattern.replace("**", "*");
        }
        glob::Pattern::new(&pattern).map(Glob)
    }
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
