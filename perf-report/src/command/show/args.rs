//! Arguments of `show`.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::{
    Style, View,
    command::{
        pattern::Pattern,
        shared_args::{Color, at_least_one},
    },
    view::{Measure, Order, tree::Direction},
};

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report show run.json --sort p99 --limit 20
  cargo perf-report show run.json --filter '*::storage::*' --columns calls,p50,p99,p99.99,shape
  cargo perf-report show run.json --tree
  cargo perf-report show run.json --function Index::build
  cargo perf-report show run.json --format html > run.html

Exit status: 0 everything was shown; 1 some files were damaged or could not be read; 2 nothing could be shown, or the \
                        arguments are wrong.")]
pub(in crate::command) struct ShowArgs {
    /// Snapshots, recordings, or directories of them; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Views to show, in this order: table, callers, resources, json
    #[arg(long, short, value_name = "VIEW", value_delimiter = ',', default_value = "table")]
    pub(super) view: Vec<View>,
    /// Format of the output; csv, markdown and json write a row per function, html a page for a browser
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    pub(super) format: Format,
    /// Sort by this column, highest first, or by name [default: self]
    #[arg(long, short, value_name = "COLUMN")]
    pub(super) sort: Option<Order>,
    /// Show only the first N functions
    #[arg(long, short = 'n', value_name = "N", value_parser = at_least_one)]
    pub(super) limit: Option<usize>,
    /// Show only functions whose whole name matches: `*` is any text, `?` one character, `[abc]` one of several
    #[arg(long, value_name = "PATTERN")]
    pub(super) filter: Option<Pattern>,
    /// Columns to show, in this order: calls, timed, unwound, total, wall, self, share, mean, min, p50, p99.9, max, shape, ...
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub(super) columns: Option<Vec<Measure>>,
    /// Include what measuring took, which is otherwise taken out of all durations
    #[arg(long)]
    pub(super) raw: bool,
    /// Show a call tree: the functions that were called (callees), or with --tree=callers the callers
    #[arg(
        long,
        value_name = "DIRECTION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "callees",
        conflicts_with_all = ["view", "columns"]
    )]
    pub(super) tree: Option<Direction>,
    /// Show at most this many levels of the tree
    #[arg(long, value_name = "LEVELS", default_value = "12", requires = "tree", value_parser = at_least_one)]
    pub(super) depth: usize,
    /// Show everything about one function, given by its name or by the end of its path
    #[arg(long, value_name = "NAME", conflicts_with_all = ["view", "columns", "filter", "sort", "limit"])]
    pub(super) function: Option<String>,
    /// Format of that function's percentiles; hdr is the format of HdrHistogram's tools, in ns
    #[arg(long, value_name = "FORMAT", default_value = "table", requires = "function", conflicts_with = "tree")]
    pub(super) percentiles: Percentiles,
    /// Width of the output in columns, instead of the terminal's; 0 is unlimited
    #[arg(long, value_name = "COLUMNS")]
    pub(super) width: Option<usize>,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

/// Formats of `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for a terminal.
    Table,
    /// The whole snapshot, or a row for each selected function.
    Json,
    /// Rows, comma-separated.
    Csv,
    /// A table in GitHub's Markdown.
    Markdown,
    /// A page for a browser.
    Html,
}

/// Formats of a function's percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Percentiles {
    /// With everything else about the function.
    Table,
    /// As HdrHistogram writes them.
    Hdr,
}

impl ShowArgs {
    /// The style that the options make of the detected one.
    pub(super) fn style(&self, detected: Style) -> Style {
        Style {
            width: self.width.map_or(detected.width, |width| Some(width).filter(|&width| width > 0)),
            color: self.color.or_detected(detected.color),
        }
    }

    /// Whether an option selects functions, their order or their columns.
    pub(super) fn narrows(&self) -> bool {
        self.sort.is_some() || self.limit.is_some() || self.filter.is_some() || self.columns.is_some()
    }

    /// Why options that are right alone are wrong together.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let rows = self.format != Format::Table;
        let shows_functions = self.view.iter().any(|view| matches!(view, View::Table | View::Callers));
        match () {
            () if rows && self.tree.is_some() => Some(
                "--tree is text; remove --format, or use --format html, whose page has a call graph, without --tree",
            ),
            () if rows && self.function.is_some() => {
                Some("--function is text; remove --format, or select the function's row with --filter")
            }
            () if rows && self.view != [View::Table] => Some("--view is text; give either --view or --format"),
            () if self.format == Format::Html && self.narrows() => Some(
                "the HTML page has all functions, and sorts and filters them itself; remove --sort, --limit, --filter and \
                 --columns",
            ),
            () if self.narrows() && self.view.contains(&View::Json) => {
                Some("--view json always has every function; use --format json for the rows of some functions")
            }
            () if self.narrows() && !shows_functions => Some(
                "--sort, --limit, --filter and --columns select functions, and --view resources lists none; remove them, or add \
                 the view table",
            ),
            () => None,
        }
    }
}
