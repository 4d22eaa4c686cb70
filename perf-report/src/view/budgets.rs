//! Budgets: which are broken and by how much.

use super::{
    Style,
    grid::{Cell, Column, Grid, GridRow, Tone},
    text::plural,
    units,
};
use crate::{BudgetCheck, BudgetVerdict, Checked};

/// Broken budgets, or all, as a table; empty if there is none to show.
pub(crate) fn table(check: &BudgetCheck, all: bool, style: &Style) -> String {
    let columns = vec![
        Column::new("figure", 0),
        Column::new("limit", 1),
        Column::new("measured", 0),
        Column::new("over by", 2),
        Column::new("verdict", 0),
        Column::new("set in", 3),
    ];
    let shown = check.checked.iter().filter(|checked| all || checked.verdict == BudgetVerdict::Broken);
    let rows: Vec<GridRow> = shown.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    Grid { name_title: "function", columns, rows }.draw(style).text
}

fn row(checked: &Checked) -> GridRow {
    let value = |value| match checked.figure.as_str() {
        "calls" => units::count(value),
        _ => units::duration_cell(value),
    };
    let broken = checked.verdict == BudgetVerdict::Broken;
    let mark = if checked.sampled { "~" } else { "" };
    let over = match checked.measured.checked_sub(checked.limit) {
        Some(over) if broken => format!("+{}", units::share(over, checked.limit)),
        _ => String::new(),
    };
    let measured = match checked.verdict {
        BudgetVerdict::NeverRan | BudgetVerdict::UnknownFigure => String::new(),
        _ => format!("{mark}{}", value(checked.measured)),
    };
    let verdict = match checked.verdict {
        BudgetVerdict::Held => "held",
        BudgetVerdict::Broken => "broken",
        BudgetVerdict::NeverRan => "never ran",
        BudgetVerdict::OfSeveralProcesses => "not checked",
        BudgetVerdict::UnknownFigure => "unknown figure",
    };
    let tone = if broken { Tone::Hot } else { Tone::Plain };
    GridRow {
        name: checked.function.clone(),
        lead: String::new(),
        cells: vec![
            checked.figure.escape_debug().to_string().into(),
            value(checked.limit).into(),
            measured.into(),
            over.into(),
            Cell { text: verdict.into(), tone },
            String::from(if checked.from_file { "file" } else { "program" }).into(),
        ],
    }
}

/// One sentence about all of them, then what needs saying.
pub(crate) fn summary(check: &BudgetCheck) -> Vec<String> {
    let all = check.checked.len();
    let broken = check.count(BudgetVerdict::Broken);
    let budgets = |number: usize| format!("{number} {}", plural(number as u64, "budget", "budgets"));
    let mut lines = vec![match (all, broken) {
        (0, _) => "No function has a budget.".to_owned(),
        (_, 0) => format!("{}, none broken.", budgets(all)),
        _ => format!("{broken} of {} broken.", budgets(all)),
    }];
    let mut note = |number: usize, of_one: &str, of_many: &str| {
        if number > 0 {
            lines.push(format!("{} {}", budgets(number), plural(number as u64, of_one, of_many)));
        }
    };
    note(
        check.count(BudgetVerdict::NeverRan),
        "says nothing: the function never ran.",
        "say nothing: their functions never ran.",
    );
    note(
        check.count(BudgetVerdict::OfSeveralProcesses),
        "limits one process and cannot be held against the sum of several; check their files one by one.",
        "limit one process and cannot be held against the sum of several; check their files one by one.",
    );
    note(
        check.count(BudgetVerdict::UnknownFigure),
        "limits a figure that is not known here; install the perf-report that belongs to the program's perf-runtime.",
        "limit figures that are not known here; install the perf-report that belongs to the program's perf-runtime.",
    );
    let sampled = check.checked.iter().filter(|checked| checked.sampled).count();
    note(
        sampled,
        "is held against a sampled figure, marked ~: an estimate from the calls that were timed.",
        "are held against sampled figures, marked ~: estimates from the calls that were timed.",
    );
    lines
}
