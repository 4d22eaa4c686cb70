//! `check`: budgets, and an exit status for CI.

mod budget;
pub(super) mod draw;

use std::{io, path::PathBuf};

use budget::may_change;
pub(crate) use budget::{BudgetCheck, BudgetVerdict, CheckedBudget};

use super::{
    Outcome, Streams,
    outputs::{self, Findings, OutputArgs},
    rules::{BudgetRule, Rules},
    runs,
};
use crate::{Snapshot, view};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 every budget is met; 1 a budget is exceeded, or a recording is damaged; 2 no budget was \
                        checked, a rule matches no function, a file cannot be read, or the arguments are wrong."
)]
pub(super) struct CheckArgs {
    /// Snapshots, recordings, or directories of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Add the budgets of a TOML file: `[[budget]] function = "app::db::*" p99 = "2ms"`
    #[arg(long, value_name = "FILE")]
    budgets: Option<PathBuf>,
    /// Also show the budgets that are met
    #[arg(long)]
    all: bool,
    /// Write JSON instead of tables, one line per file
    #[arg(long)]
    json: bool,
    /// Files for pipelines.
    #[command(flatten)]
    outputs: OutputArgs,
}

pub(super) fn run(args: &CheckArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    outputs::beside(&args.outputs, "check", streams, |streams, findings| check(args, streams, findings))
}

fn check(args: &CheckArgs, streams: &mut Streams<'_>, findings: &mut Findings) -> io::Result<Outcome> {
    let rules = match args.budgets.as_deref().map(|path| (path, Rules::budgets_of(path))) {
        None => Vec::new(),
        Some((_, Ok(rules))) => rules,
        Some((path, Err(error))) => {
            streams.error(format_args!("{}: {error}", runs::shown(path)));
            return Ok(Outcome::Failed);
        }
    };
    let mut outcome = Outcome::Complete;
    let mut totals = Totals { files: 0, budgets: 0, answered: 0, rules_used: vec![false; rules.len()] };
    for path in &args.files {
        let Some(files) = runs::files(path, streams) else {
            outcome = Outcome::Failed;
            continue;
        };
        for file in files {
            let (Some(snapshot), sound) = runs::load(&file, streams) else {
                outcome = Outcome::Failed;
                continue;
            };
            if !sound {
                outcome = outcome.max(Outcome::Partial);
            }
            let check = BudgetCheck::of(&snapshot, &rules);
            if check.count(BudgetVerdict::Exceeded) > 0 || check.count(BudgetVerdict::UnknownMetric) > 0 {
                outcome = outcome.max(Outcome::Found);
            }
            findings.add_budgets(&runs::shown(&file), &snapshot.process.program, &check);
            if args.json {
                let line = serde_json::json!({ "file": runs::shown(&file), "check": check });
                writeln!(streams.output, "{line}")?;
            } else {
                if totals.files > 0 {
                    writeln!(streams.output)?;
                }
                show(&snapshot, &check, args.all, streams)?;
            }
            totals.add(&check);
        }
    }
    Ok(outcome.max(totals.complain(&rules, streams)))
}

/// The table of one file and the sentences below it.
fn show(snapshot: &Snapshot, check: &BudgetCheck, all: bool, streams: &mut Streams<'_>) -> io::Result<()> {
    write!(streams.output, "{}", view::title(snapshot, &streams.style))?;
    let table = draw::table(check, all, &streams.style);
    if !table.is_empty() {
        write!(streams.output, "\n{table}")?;
    }
    writeln!(streams.output)?;
    let mut notes = draw::summary(check);
    if may_change(snapshot) {
        notes.push("The process was still running: it may yet exceed a budget that it meets now.".into());
    }
    for note in notes {
        write!(streams.output, "{}", view::text::wrap(&note, "• ", streams.style.width))?;
    }
    Ok(())
}

/// Sums over the files: a check of nothing must not pass.
struct Totals {
    files: usize,
    budgets: usize,
    /// The budgets with an answer: met or exceeded.
    answered: usize,
    /// For each rule of the file, whether it matched a function anywhere.
    rules_used: Vec<bool>,
}

impl Totals {
    fn add(&mut self, check: &BudgetCheck) {
        self.files += 1;
        self.budgets += check.checked.len();
        self.answered += check.count(BudgetVerdict::Met) + check.count(BudgetVerdict::Exceeded);
        self.rules_used.iter_mut().zip(&check.rules_used).for_each(|(used, now)| *used |= now);
    }

    /// Complains about rules that match no function, which a renamed function leaves behind, and about a check of nothing.
    fn complain(&self, rules: &[BudgetRule], streams: &mut Streams<'_>) -> Outcome {
        if self.files == 0 {
            return Outcome::Failed;
        }
        let mut outcome = Outcome::Complete;
        for (rule, _) in rules.iter().zip(&self.rules_used).filter(|rule| !rule.1) {
            let pattern = rule.functions.as_str();
            streams.error(format_args!("the budget for {pattern:?} matches no function; correct or remove it"));
            outcome = Outcome::Failed;
        }
        if self.budgets == 0 && rules.is_empty() {
            streams.error(
                "there is no budget to check; add #[profile(budget(p99 = \"2ms\"))] to a function, or give a file with \
                 --budgets",
            );
            outcome = Outcome::Failed;
        } else if self.answered == 0 && self.budgets > 0 {
            streams.error("no budget was checked; give runs in which the functions run, one file per process");
            outcome = Outcome::Failed;
        }
        outcome
    }
}
