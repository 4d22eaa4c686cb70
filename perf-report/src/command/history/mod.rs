//! `history`: the runs of each commit, kept in a folder; trends of each metric, and the commits at which it changed.
//!
//! `store` is the folder and `sums` what it keeps of a run; `series` puts the runs of all commits in a row, `change_points` finds
//! where a row changed, and `trend` judges that. `add`, `show` and `check` are the commands, `draw` shows it.

mod add;
mod change_points;
mod check;
mod draw;
mod series;
mod show;
mod store;
mod sums;
mod trend;

use std::{io, path::PathBuf};

pub(crate) use series::{Comparable, HistoryMetric, Series};
pub(crate) use store::{Commit, WHOLE, has_only_sums};
pub(crate) use trend::{Change, DOUBLED, FEWEST_COMMITS, Trend, TrendVerdict};

use self::{
    add::AddArgs,
    check::CheckArgs,
    show::ShowArgs,
    store::Store,
    trend::{TrendOptions, trends},
};
use super::{
    Outcome, Streams,
    nearest::{listed, nearest},
    pattern::Pattern,
};
use crate::quantity::fraction;

/// Arguments of `history`.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    /// The command.
    #[command(subcommand)]
    command: HistoryCommand,
}

#[derive(Debug, clap::Subcommand)]
enum HistoryCommand {
    /// Add the runs of a commit, or everything that another history has
    Add(AddArgs),
    /// Show how each metric went from commit to commit, and where it changed
    Show(ShowArgs),
    /// Fail if a metric became worse at one of the newest commits, and still is
    Check(Box<CheckArgs>),
}

/// Which part of a history to look at, and how to judge it.
#[derive(Debug, clap::Args)]
struct TrendArgs {
    /// Folder of the history
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only runs of this branch
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Only the newest commits
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    /// Only functions whose whole name matches; may be given several times
    #[arg(long, value_name = "PATTERN")]
    only: Vec<Pattern>,
    /// Metrics to look at: mean, p50, p90, p99, p999, max, total, calls; instructions, where bench counted them
    #[arg(long, value_name = "METRIC", value_delimiter = ',', default_value = "p50,p99,total,calls,instructions")]
    metrics: Vec<HistoryMetric>,
    /// Smallest change that counts; more where a metric varied by more on commits that did not change it
    #[arg(long, value_name = "CHANGE", default_value = "5%", value_parser = fraction)]
    threshold: f64,
    /// Smallest change of counted instructions that counts; more where they varied by more
    #[arg(long, value_name = "CHANGE", default_value = "0.5%", value_parser = fraction)]
    counted_threshold: f64,
    /// Probability of a false alarm among all metrics if nothing has changed
    #[arg(long, value_name = "PROBABILITY", default_value = "2%", value_parser = probability)]
    alpha: f64,
    /// Seed of the random numbers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Number of the newest commits at which a change is news
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    newest: usize,
}

/// A history, judged.
pub(crate) struct Judged {
    pub(crate) program: String,
    pub(crate) comparable: Comparable,
    pub(crate) trends: Vec<Trend>,
    pub(crate) alpha: f64,
    /// The number of commits that `--last` leaves out.
    pub(crate) older: usize,
}

impl TrendArgs {
    /// Reads and judges the history, or says why that cannot be.
    fn judge(&self) -> Result<Judged, String> {
        let store = Store::open(&self.folder).map_err(|error| error.to_string())?;
        let mut commits = store.read().map_err(|error| error.to_string())?;
        if let Some(branch) = &self.branch {
            commits = self.of_branch(commits, branch)?;
        }
        let older = commits.len().saturating_sub(self.last as usize);
        let comparable = series::comparable(commits.split_off(older));
        if comparable.commits.is_empty() {
            return Err(format!("{}: the history has no runs; add some with `history add`", self.folder.display()));
        }
        let series = series::series(&comparable.commits, &self.metrics, &self.only);
        if series.is_empty() {
            return Err(self.nothing_selected(&comparable));
        }
        let options = TrendOptions {
            threshold: self.threshold,
            counted_threshold: self.counted_threshold,
            alpha: self.alpha,
            seed: self.seed,
            newest: self.newest,
        };
        let trends = trends(series, &comparable.commits, &options);
        Ok(Judged { program: store.program, comparable, trends, alpha: self.alpha, older })
    }

    fn of_branch(&self, mut commits: Vec<Commit>, branch: &str) -> Result<Vec<Commit>, String> {
        let of_run = |run: &sums::RunSums| run.metadata.branch.clone();
        let mut branches: Vec<String> = commits.iter().flat_map(|commit| &commit.runs).filter_map(of_run).collect();
        commits.iter_mut().for_each(|commit| commit.runs.retain(|run| run.metadata.branch.as_deref() == Some(branch)));
        commits.retain(|commit| !commit.runs.is_empty());
        if !commits.is_empty() {
            return Ok(commits);
        }
        branches.sort_unstable();
        branches.dedup();
        let known = if branches.is_empty() { "none".to_owned() } else { listed(&branches) };
        Err(format!("{}: no run is of the branch {branch:?}; the history has {known}", self.folder.display()))
    }

    fn nothing_selected(&self, comparable: &Comparable) -> String {
        let counted = comparable.commits.iter().flat_map(|commit| &commit.runs).any(|run| run.instructions.is_some());
        if self.metrics == [HistoryMetric::Instructions] && !counted {
            return "no run of the history has counted instructions; make the runs with `bench --count --save NAME`"
                .to_owned();
        }
        let all = comparable.commits.iter().flat_map(|commit| &commit.runs).flat_map(|run| &run.functions);
        let names: std::collections::BTreeSet<&str> = all.map(|function| &*function.name).collect();
        match self.only.first() {
            Some(only) => {
                let nearest = nearest(names, only.as_str());
                let hint = if nearest.is_empty() {
                    String::new()
                } else {
                    format!("; the nearest names: {}", listed(&nearest))
                };
                format!("--only {:?} matches no function; correct the pattern{hint}", only.as_str())
            }
            None => "no annotated function ran in any run of the history".to_owned(),
        }
    }
}

/// A probability that a reasonable number of permutations can tell from 0.
fn probability(text: &str) -> Result<f64, String> {
    match super::diff::probability(text)? {
        alpha if alpha < 0.001 => Err("so small a probability takes too many permutations; write 0.1% or more".into()),
        alpha => Ok(alpha),
    }
}

pub(super) fn run(args: &HistoryArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    match &args.command {
        HistoryCommand::Add(args) => add::run(args, streams),
        HistoryCommand::Show(args) => show::run(args, streams),
        HistoryCommand::Check(args) => check::run(args, streams),
    }
}
