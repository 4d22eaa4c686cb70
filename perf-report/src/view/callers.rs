//! The callers: for each function that ran, who called it, how often, for how long, and which share of its time that is.

use std::cmp::Reverse;

use super::{
    Selection, Style,
    grid::{Column, Figure, Grid, Row},
    text::wrap,
    title, units,
};
use crate::{Function, Kind, Snapshot};

pub(super) fn render(snapshot: &Snapshot, style: &Style, selection: &Selection) -> String {
    let columns = vec![
        Column { title: "calls".into(), rank: 1 },
        Column { title: "% calls".into(), rank: 3 },
        Column { title: "time".into(), rank: 0 },
        Column { title: "% time".into(), rank: 2 },
        Column { title: "per call".into(), rank: 4 },
    ];
    let mut rows = Vec::new();
    let mut selected: Vec<(usize, &Function)> = selection.of(snapshot).collect();
    if !selection.ordered {
        selected.sort_by_key(|(_, function)| Reverse((function.total_ns, function.calls)));
    }
    for (index, function) in selected {
        // What callers of a future account for is the time of its polls.
        let time_ns = match (function.kind, function.futures) {
            (Kind::Future, Some(futures)) => futures.busy_ns,
            _ => function.total_ns,
        };
        rows.push(Row {
            name: function.name.clone(),
            lead: String::new(),
            figures: figures(function, function.calls, time_ns, None),
        });
        for caller in &function.callers {
            let name = match caller.caller {
                Some(caller) if caller == index => "itself (recursion)".into(),
                Some(caller) => snapshot.functions.get(caller).map_or_else(|| "?".into(), |f| f.name.clone()),
                None => "code that is not annotated".into(),
            };
            let figures = figures(function, caller.calls, caller.total_ns, Some((function.calls, time_ns)));
            rows.push(Row { name, lead: "  ← ".into(), figures });
        }
    }
    let mut out = title(snapshot, style);
    if rows.is_empty() {
        return out + "\nNo call of an annotated function has ended.\n";
    }
    let drawn = Grid { name_title: "function and its callers", columns, rows }.draw(style);
    out += &format!("\n{}", drawn.text);
    if let Some(note) = selection.note() {
        out += &format!("\n{}", wrap(&note, "• ", style.width));
    }
    out
}

/// The figures of a function, or of one caller with its share of `whole` (calls, time).
fn figures(function: &Function, calls: u64, time_ns: u64, whole: Option<(u64, u64)>) -> Vec<Figure> {
    let mark = if function.is_sampled() { "~" } else { "" };
    let share = |part, whole: Option<u64>| whole.map_or_else(String::new, |whole| units::share(part, whole));
    vec![
        units::count(calls).into(),
        share(calls, whole.map(|whole| whole.0)).into(),
        format!("{mark}{}", units::duration_cell(time_ns)).into(),
        share(time_ns, whole.map(|whole| whole.1)).into(),
        format!("{mark}{}", units::duration_cell(time_ns.checked_div(calls).unwrap_or(0))).into(),
    ]
}
