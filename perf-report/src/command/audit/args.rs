//! Arguments of `audit`.

use std::{path::PathBuf, str::FromStr};

use clap::ValueEnum;

use super::finding::{Finding, Severity};
use crate::{
    command::{
        outputs::{Output, OutputArgs},
        runs,
        shared_args::{Color, at_least_one},
    },
    quantity,
};

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Findings are those of `cargo clippy` (lints chosen for speed), of rustc, and of checks that clippy lacks. With \
                        --profile each is joined to the annotated function around it, and the first is worth most.

Cargo builds in its usual target folder (CARGO_TARGET_DIR counts). Sources are never changed.

Exit status: 0 nothing is found that --fail-on names; 1 something is; 2 there is no audit: the code does not compile, clippy is \
                        missing, a file cannot be read, or the arguments are wrong."
)]
pub(in crate::command) struct AuditArgs {
    /// Audit the package or workspace of this Cargo.toml instead of the current folder's
    #[arg(long, value_name = "FILE")]
    pub(super) manifest_path: Option<PathBuf>,
    /// Rank by the figures of this snapshot, recording, or directory of them
    #[arg(long, value_name = "FILE")]
    pub(super) profile: Option<PathBuf>,
    /// Format of the output
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// End with status 1 at a finding that is new and of this kind: any, low, medium, high (and above), clippy::LINT,
    /// perf::CHECK, or at least this much at stake (10ms, 5%)
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(super) fail_on: Vec<FailOn>,
    /// Accept the findings in this file, which an audit wrote with --format json: they are not shown and do not fail
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Show only the first N findings [default: 20 in text, else all]
    #[arg(long, short = 'n', value_name = "N", value_parser = at_least_one)]
    pub(super) limit: Option<usize>,
    /// Find files with more lines than this
    #[arg(long, value_name = "LINES", default_value = "400", value_parser = at_least_one)]
    pub(super) max_lines: usize,
    /// Write to this file instead of standard output; with a format in front, also write the result for a pipeline: junit,
    /// sarif, gitlab, bencher, benchmark-action, markdown and github. May be given several times; `-` is standard output, and
    /// `github` without a file writes annotations and the step's summary where GitHub's variables are set
    #[arg(long = "output", short, value_name = "FILE|FORMAT:FILE")]
    outputs: Vec<Destination>,
    /// Width of the output in columns, instead of the terminal's; 0 is unlimited
    #[arg(long, value_name = "COLUMNS")]
    pub(super) width: Option<usize>,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Further arguments of `cargo clippy`: --workspace, --features x, --all-targets, --offline, ...
    #[arg(last = true, value_name = "CARGO_ARGUMENTS")]
    pub(super) cargo: Vec<String>,
}

/// A file for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Destination {
    /// In place of standard output, in the format of `--format`.
    Text(PathBuf),
    /// Beside it, for a pipeline.
    Pipeline(Output),
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Destination, String> {
        let word = text.split(':').next().unwrap_or_default();
        // `C:` is a drive.
        let names_format = word.len() > 1 && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        match names_format && (text.contains(':') || word == "github") {
            true => text.parse().map(Destination::Pipeline),
            false => Ok(Destination::Text(PathBuf::from(text))),
        }
    }
}

impl AuditArgs {
    /// The file in place of standard output.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.texts().next()
    }

    fn texts(&self) -> impl Iterator<Item = &PathBuf> {
        self.outputs.iter().filter_map(|output| match output {
            Destination::Text(path) => Some(path),
            Destination::Pipeline(_) => None,
        })
    }

    fn pipelines(&self) -> impl Iterator<Item = &Output> {
        self.outputs.iter().filter_map(|output| match output {
            Destination::Text(_) => None,
            Destination::Pipeline(output) => Some(output),
        })
    }

    /// The files for pipelines.
    pub(super) fn for_pipelines(&self) -> OutputArgs {
        OutputArgs::of(self.pipelines().cloned().collect())
    }

    /// Refuses files of which one would overwrite the other.
    pub(super) fn refuse_clashes(&self) -> Result<(), String> {
        let mut texts = self.texts();
        let Some(file) = texts.next() else { return Ok(()) };
        if let Some(second) = texts.next() {
            return Err(format!(
                "--output names two files without a format, {} and {}; write FORMAT:FILE for the second",
                runs::shown(file),
                runs::shown(second)
            ));
        }
        match self.pipelines().any(|output| output.file.as_ref() == Some(file)) {
            true => Err(format!("two outputs go to {}; give each a file of its own", runs::shown(file))),
            false => Ok(()),
        }
    }
}

/// Formats of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal, with excerpts of the sources
    Text,
    /// Everything, also as a baseline
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// A table for a comment or a wiki
    Markdown,
    /// A page for a browser: the report of the profile with a section of findings
    Html,
}

/// A kind of finding that fails the audit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FailOn {
    /// One that is at least so grave.
    Severity(Severity),
    /// One of this lint or check.
    Check(String),
    /// One at which so many nanoseconds are at stake.
    Time(u64),
    /// One at which this part of all self time is at stake.
    Share(f64),
}

impl FailOn {
    pub(super) fn holds(&self, finding: &Finding) -> bool {
        let stake = finding.stake.as_ref();
        match self {
            FailOn::Severity(severity) => finding.severity >= *severity,
            FailOn::Check(check) => finding.check == *check,
            FailOn::Time(ns) => stake.is_some_and(|stake| stake.at_best_ns >= *ns),
            FailOn::Share(share) => stake.is_some_and(|stake| stake.at_best_share >= *share),
        }
    }

    /// Whether only a profile can tell.
    pub(super) fn needs_profile(&self) -> bool {
        matches!(self, FailOn::Time(_) | FailOn::Share(_))
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<FailOn, String> {
        let known = |name: &str| super::lints::is_known(name) || super::checks::NAMES.contains(&name);
        match text {
            "any" | "low" => Ok(FailOn::Severity(Severity::Low)),
            "medium" => Ok(FailOn::Severity(Severity::Medium)),
            "high" => Ok(FailOn::Severity(Severity::High)),
            text if known(text) => Ok(FailOn::Check(text.to_owned())),
            text if text.contains("::") => Err(format!(
                "{text:?} is no lint or check of the audit; `perf::` has {}, docs/audit.md lists the lints",
                super::checks::NAMES.map(|name| name.trim_start_matches("perf::")).join(", ")
            )),
            text if text.ends_with('%') => {
                quantity::fraction(text).map(FailOn::Share).map_err(|error| error.to_string())
            }
            text if text.starts_with(|letter: char| letter.is_ascii_digit()) => {
                quantity::nanoseconds(text).map(FailOn::Time).map_err(|error| error.to_string())
            }
            text => Err(format!(
                "{text:?} is not a kind of finding; write any, low, medium, high, clippy::LINT, perf::CHECK, a duration (10ms) or \
                 a share (5%)"
            )),
        }
    }
}
