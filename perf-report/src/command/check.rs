//! `check`: budgets, and an exit status.

use std::{io, path::PathBuf};

use super::{Outcome, Streams, runs};
use crate::{
    BudgetCheck, BudgetVerdict, Rules,
    budget::may_change,
    view::{self, budgets},
};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 all budgets hold; 1 one is broken, a rule of the file names no function, or a \
                        recording is damaged; 2 a file cannot be read, or the arguments are wrong.")]
pub struct CheckArgs {
    /// Snapshots, recordings, and directories of them
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Budgets beside those in the program, as TOML: `[[budget]] function = "app::db::*" p99 = "2ms"`
    #[arg(long, value_name = "FILE")]
    pub budgets: Option<PathBuf>,
    /// Show the budgets that hold, too
    #[arg(long)]
    pub all: bool,
    /// JSON instead of tables: an object per file
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &CheckArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let rules = match args.budgets.as_deref().map(|path| (path, Rules::open(path))) {
        None => Rules::default(),
        Some((_, Ok(rules))) => rules,
        Some((path, Err(error))) => {
            writeln!(streams.errors, "perf-report: {}: {error}", runs::shown(path))?;
            return Ok(Outcome::Failed);
        }
    };
    let mut files = Vec::new();
    let mut outcome = Outcome::Complete;
    for path in &args.files {
        match runs::files(path) {
            Ok(found) => files.extend(found),
            Err(message) => {
                writeln!(streams.errors, "perf-report: {message}")?;
                outcome = Outcome::Failed;
            }
        }
    }
    let mut used = vec![false; rules.budgets.len()];
    let mut shown = 0;
    for file in &files {
        let (Some(snapshot), sound) = runs::load(file, streams)? else {
            outcome = Outcome::Failed;
            continue;
        };
        if !sound {
            outcome = outcome.max(Outcome::Partial);
        }
        let check = BudgetCheck::of(&snapshot, &rules.budgets);
        used.iter_mut().zip(&check.rules_used).for_each(|(used, now)| *used |= now);
        if check.count(BudgetVerdict::Broken) > 0 || check.count(BudgetVerdict::UnknownFigure) > 0 {
            outcome = outcome.max(Outcome::Found);
        }
        if args.json {
            let line = serde_json::json!({ "file": runs::shown(file), "check": check });
            writeln!(streams.output, "{line}")?;
            continue;
        }
        if shown > 0 {
            writeln!(streams.output)?;
        }
        shown += 1;
        write!(streams.output, "{}", view::title(&snapshot, &streams.style))?;
        let table = budgets::table(&check, args.all, &streams.style);
        if !table.is_empty() {
            write!(streams.output, "\n{table}")?;
        }
        writeln!(streams.output)?;
        let mut notes = budgets::summary(&check);
        if may_change(&snapshot) {
            notes.push("The process was still running: what holds now may not hold at its end.".into());
        }
        for note in notes {
            write!(streams.output, "{}", view::text::wrap(&note, "• ", streams.style.width))?;
        }
    }
    // A rule for a function that was renamed would hold for ever.
    if shown > 0 || args.json {
        for (rule, _) in rules.budgets.iter().zip(&used).filter(|rule| !rule.1) {
            let pattern = rule.functions.as_str().escape_debug();
            writeln!(
                streams.errors,
                "perf-report: the budget of \"{pattern}\" names no function; correct or remove it"
            )?;
            outcome = outcome.max(Outcome::Found);
        }
    }
    Ok(outcome)
}
