//! `diff`: runs before and after a change, with a verdict and an exit status for CI.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{
    Outcome, Streams,
    bench::KeptCounts,
    compare::{CompareOptions, Comparison, Side, Verdict, draw},
    metric::FunctionMetric,
    outputs::{self, Findings, OutputArgs},
    pattern::Pattern,
    rules::Rules,
    runs,
};
use crate::quantity::fraction;

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 nothing regressed; 1 something regressed, or a recording is damaged; 2 the sides cannot be \
                        compared, a pattern matches nothing, a file cannot be read, or the arguments are wrong."
)]
pub(super) struct DiffArgs {
    /// Runs before the change: a snapshot, a recording, or a directory of them
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// Runs after the change
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// Also compare runs of different programs
    #[arg(long)]
    any_program: bool,
    /// How to compare.
    #[command(flatten)]
    comparison: ComparisonArgs,
}

/// How to compare and to show the result, for `diff` and `bench`.
#[derive(Debug, clap::Args)]
pub(super) struct ComparisonArgs {
    /// Smallest change that counts
    #[arg(long, value_name = "CHANGE", default_value = "5%", value_parser = fraction)]
    threshold: f64,
    /// Smallest change of counted instructions that counts
    #[arg(long, value_name = "CHANGE", default_value = "0.5%", value_parser = fraction)]
    counted_threshold: f64,
    /// Read other thresholds from a TOML file: `[[threshold]] function = "app::io::*" change = "20%"`
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,
    /// Metrics to compare: mean, p50, p90, p99, p999, max, total, calls
    #[arg(long, value_name = "METRIC", value_delimiter = ',', default_value = "p50,p99,total,calls")]
    metrics: Vec<FunctionMetric>,
    /// Compare only functions whose whole name matches; may be given several times
    #[arg(long, value_name = "PATTERN")]
    only: Vec<Pattern>,
    /// Probability of a false alarm if nothing has changed
    #[arg(long, value_name = "PROBABILITY", default_value = "2%", value_parser = probability)]
    alpha: f64,
    /// Seed of the random numbers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Also show the functions that did not change
    #[arg(long)]
    all: bool,
    /// Format of the comparison
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ComparisonFormat,
    /// Files for pipelines.
    #[command(flatten)]
    pub(super) outputs: OutputArgs,
}

/// Formats of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ComparisonFormat {
    /// For the terminal.
    Text,
    /// For a pull request.
    Markdown,
    /// For programs.
    Json,
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    match fraction(text) {
        Ok(alpha) if alpha > 0.0 && alpha < 1.0 => Ok(alpha),
        Ok(_) => Err("a probability must be above 0% and below 100%; write for example 2%".into()),
        Err(error) => Err(error.to_string()),
    }
}

impl ComparisonArgs {
    /// The options, or the mistake in the file of thresholds.
    pub(super) fn options(&self) -> Result<CompareOptions, String> {
        let thresholds = match &self.thresholds {
            None => Vec::new(),
            Some(path) => Rules::thresholds_of(path).map_err(|error| format!("{}: {error}", runs::shown(path)))?,
        };
        Ok(CompareOptions {
            metrics: self.metrics.clone(),
            threshold: self.threshold,
            counted_threshold: self.counted_threshold,
            thresholds,
            alpha: self.alpha,
            seed: self.seed,
            only: self.only.clone(),
            any_program: false,
            needs_counts: false,
        })
    }

    /// Whether the output is plain text, which is all that there is without a comparison.
    pub(super) fn is_text(&self) -> bool {
        self.format == ComparisonFormat::Text
    }

    /// Writes a comparison, and adds it to the findings. The outcome is whether something regressed.
    pub(super) fn show(
        &self,
        comparison: &Comparison,
        streams: &mut Streams<'_>,
        findings: &mut Findings,
    ) -> io::Result<Outcome> {
        findings.add_comparison(comparison);
        let text = match self.format {
            ComparisonFormat::Text => draw::text(comparison, self.all, &streams.style),
            ComparisonFormat::Markdown => draw::markdown(comparison, self.all),
            ComparisonFormat::Json => serde_json::to_string(comparison).map_err(io::Error::other)? + "\n",
        };
        streams.output.write_all(text.as_bytes())?;
        Ok(match comparison.count(Verdict::Regressed) {
            0 => Outcome::Complete,
            _ => Outcome::Found,
        })
    }
}

pub(super) fn run(args: &DiffArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    outputs::beside(&args.comparison.outputs, "diff", streams, |streams, findings| diff(args, streams, findings))
}

fn diff(args: &DiffArgs, streams: &mut Streams<'_>, findings: &mut Findings) -> io::Result<Outcome> {
    let options = match args.comparison.options() {
        Ok(options) => CompareOptions { any_program: args.any_program, ..options },
        Err(message) => {
            streams.error(message);
            return Ok(Outcome::Failed);
        }
    };
    let (Some((before, before_sound)), Some((after, after_sound))) =
        (side(&args.before, streams), side(&args.after, streams))
    else {
        return Ok(Outcome::Failed);
    };
    let comparison = match Comparison::of(before, after, &options) {
        Ok(comparison) => comparison,
        Err(error) => {
            streams.error(error);
            return Ok(Outcome::Failed);
        }
    };
    let outcome = args.comparison.show(&comparison, streams, findings)?;
    Ok(if before_sound && after_sound { outcome } else { outcome.max(Outcome::Partial) })
}

/// The runs at a path with what `bench` counted in them, and whether all were sound; `None` if one cannot be read, which is said on standard
/// error.
fn side(path: &Path, streams: &mut Streams<'_>) -> Option<(Side, bool)> {
    let (mut side, mut all_sound) = (Side::new(), true);
    let mut files = runs::files(path, streams)?;
    let counts = match KeptCounts::beside(&mut files, runs::shown(path)) {
        Ok(counts) => counts,
        Err(message) => {
            streams.error(message);
            return None;
        }
    };
    if let Some(message) = counts.other_calls() {
        streams.warning(message);
    }
    for file in files {
        let (snapshot, sound) = runs::load(&file, streams);
        all_sound &= sound;
        side.add(runs::shown(&file), snapshot?);
    }
    counts.add_to(&mut side);
    Some((side, all_sound))
}
