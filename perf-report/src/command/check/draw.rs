//! Budgets: which are exceeded, and by how much.

use super::{BudgetCheck, BudgetVerdict, CheckedBudget};
use crate::{
    Style,
    view::{
        grid::{Cell, Column, Grid, GridRow, Tone},
        text::plural,
        units,
    },
};

/// The budgets that are exceeded, or all, as a table; empty if there is none to show.
pub(crate) fn table(check: &BudgetCheck, all: bool, style: &Style) -> String {
    let columns = vec![
        Column::new("metric", 0),
        Column::new("limit", 1),
        Column::new("measured", 0),
        Column::new("over by", 2),
        Column::new("verdict", 0),
        Column::new("set in", 3),
    ];
    let shown = check.checked.iter().filter(|checked| all || checked.verdict == BudgetVerdict::Exceeded);
    let rows: Vec<GridRow> = shown.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    Grid { name_title: "function", columns, rows }.draw(style).text
}

fn row(checked: &CheckedBudget) -> GridRow {
    let value = |value| match checked.metric.as_str() {
        "calls" => units::count(value),
        _ => units::duration_cell(value),
    };
    let exceeded = checked.verdict == BudgetVerdict::Exceeded;
    let mark = if checked.sampled { "~" } else { "" };
    let over = match checked.measured.checked_sub(checked.limit) {
        Some(over) if exceeded => format!("+{}", units::share(over, checked.limit)),
        _ => String::new(),
    };
    let measured = match checked.verdict {
        BudgetVerdict::NeverRan | BudgetVerdict::UnknownMetric => String::new(),
        _ => format!("{mark}{}", value(checked.measured)),
    };
    let verdict = match checked.verdict {
        BudgetVerdict::Met => "met",
        BudgetVerdict::Exceeded => "exceeded",
        BudgetVerdict::NeverRan => "never ran",
        BudgetVerdict::OfSeveralProcesses => "not checked",
        BudgetVerdict::UnknownMetric => "unknown metric",
    };
    let tone = if exceeded { Tone::Hot } else { Tone::Plain };
    GridRow {
        name: checked.function.clone(),
        lead: String::new(),
        cells: vec![
            checked.metric.escape_debug().to_string().into(),
            value(checked.limit).into(),
            measured.into(),
            over.into(),
            Cell { text: verdict.into(), tone },
            String::from(if checked.from_file { "file" } else { "program" }).into(),
        ],
    }
}

/// A sentence about all budgets, then the notes.
pub(crate) fn summary(check: &BudgetCheck) -> Vec<String> {
    let all = check.checked.len();
    let exceeded = check.count(BudgetVerdict::Exceeded);
    let budgets = |number: usize| format!("{number} {}", plural(number as u64, "budget", "budgets"));
    let mut lines = vec![match (all, exceeded) {
        (0, _) => "No function has a budget.".to_owned(),
        (_, 0) => format!("{}, none exceeded.", budgets(all)),
        _ => format!("{exceeded} of {} exceeded.", budgets(all)),
    }];
    let mut note = |number: usize, of_one: &str, of_many: &str| {
        if number > 0 {
            lines.push(format!("{} {}", budgets(number), plural(number as u64, of_one, of_many)));
        }
    };
    note(
        check.count(BudgetVerdict::NeverRan),
        "was not checked, because its function never ran.",
        "were not checked, because their functions never ran.",
    );
    note(
        check.count(BudgetVerdict::OfSeveralProcesses),
        "is for one process and was not checked against the sum of several; check the file of each process.",
        "are for one process and were not checked against the sum of several; check the file of each process.",
    );
    note(
        check.count(BudgetVerdict::UnknownMetric),
        "has a metric that this version does not know; install the perf-report of the program's perf-runtime.",
        "have a metric that this version does not know; install the perf-report of the program's perf-runtime.",
    );
    note(
        check.checked.iter().filter(|checked| checked.sampled).count(),
        "was checked against an estimate from the calls that were timed, marked ~.",
        "were checked against estimates from the calls that were timed, marked ~.",
    );
    lines
}
