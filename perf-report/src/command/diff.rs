//! `diff`: before and after, with a verdict and an exit status.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use glob::Pattern;

use super::{Outcome, Streams, runs};
use crate::{
    Figure, Rules,
    compare::{Comparison, Options, Side, Verdict},
    fraction, pattern,
    view::comparison,
};

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 no regression; 1 a regression, or a damaged recording; 2 the sides cannot be \
                        compared, a file cannot be read, or the arguments are wrong.")]
pub struct DiffArgs {
    /// Runs before the change: a snapshot, a recording, or a directory of them
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// Runs after it
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// How to compare.
    #[command(flatten)]
    pub how: How,
}

/// How to compare and to show it, for `diff` and `bench`.
#[derive(Debug, clap::Args)]
pub struct How {
    /// Smallest change that counts
    #[arg(long, value_name = "CHANGE", default_value = "5%", value_parser = fraction)]
    pub threshold: f64,
    /// Other thresholds for some functions, as TOML: `[[threshold]] function = "app::io::*" change = "20%"`
    #[arg(long, value_name = "FILE")]
    pub thresholds: Option<PathBuf>,
    /// Figures to compare, of mean, p50, p90, p99, p999, max, total, calls
    #[arg(long, value_name = "FIGURE", value_delimiter = ',', default_value = "p50,p99,total,calls")]
    pub figures: Vec<Figure>,
    /// Only functions whose name matches; may be given several times
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub only: Vec<Pattern>,
    /// Probability of any finding where nothing has changed
    #[arg(long, value_name = "PROBABILITY", default_value = "2%", value_parser = probability)]
    pub alpha: f64,
    /// Seed of the random numbers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Compare runs of different programs, too
    #[arg(long)]
    pub any_program: bool,
    /// Show the functions that did not change, too
    #[arg(long)]
    pub all: bool,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ComparisonFormat,
}

/// Formats of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ComparisonFormat {
    /// For the terminal.
    Text,
    /// For a pull request.
    Markdown,
    /// For programs.
    Json,
}

fn probability(text: &str) -> Result<f64, String> {
    match fraction(text)? {
        alpha if alpha > 0.0 && alpha < 1.0 => Ok(alpha),
        _ => Err("it lies between 0 and 1, both excluded".into()),
    }
}

impl How {
    /// What is to be done, or what is wrong with the file of thresholds.
    pub(super) fn options(&self) -> Result<Options, String> {
        let thresholds = match &self.thresholds {
            None => Vec::new(),
            Some(path) => Rules::open(path).map_err(|error| format!("{}: {error}", runs::shown(path)))?.thresholds,
        };
        Ok(Options {
            figures: self.figures.clone(),
            threshold: self.threshold,
            thresholds,
            alpha: self.alpha,
            seed: self.seed,
            only: self.only.clone(),
            any_program: self.any_program,
        })
    }

    /// Writes a comparison; whether it is a regression.
    pub(super) fn show(&self, comparison: &Comparison, streams: &mut Streams<'_>) -> io::Result<Outcome> {
        let text = match self.format {
            ComparisonFormat::Text => comparison::text(comparison, self.all, &streams.style),
            ComparisonFormat::Markdown => comparison::markdown(comparison, self.all),
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
    let options = match args.how.options() {
        Ok(options) => options,
        Err(message) => {
            writeln!(streams.errors, "perf-report: {message}")?;
            return Ok(Outcome::Failed);
        }
    };
    let (Some((before, before_sound)), Some((after, after_sound))) =
        (side(&args.before, streams)?, side(&args.after, streams)?)
    else {
        return Ok(Outcome::Failed);
    };
    let comparison = match Comparison::of(before, after, &options) {
        Ok(comparison) => comparison,
        Err(error) => {
            writeln!(streams.errors, "perf-report: {error}")?;
            return Ok(Outcome::Failed);
        }
    };
    let outcome = args.how.show(&comparison, streams)?;
    Ok(if before_sound && after_sound { outcome } else { outcome.max(Outcome::Partial) })
}

/// The runs at a path, and whether all were sound; nothing if one cannot be read, which is said.
pub(super) fn side(path: &Path, streams: &mut Streams<'_>) -> io::Result<Option<(Side, bool)>> {
    let files = match runs::files(path) {
        Ok(files) => files,
        Err(message) => {
            writeln!(streams.errors, "perf-report: {message}")?;
            return Ok(None);
        }
    };
    let (mut side, mut all_sound) = (Side::new(), true);
    for file in files {
        let (Some(snapshot), sound) = runs::load(&file, streams)? else { return Ok(None) };
        all_sound &= sound;
        side.add(runs::shown(&file), snapshot);
    }
    Ok(Some((side, all_sound)))
}
