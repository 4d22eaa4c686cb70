//! The callers: for each function that ran, who called it, how often, for how long, and which share of its time that is.

use std::cmp::Reverse;

use super::{
    Selection, Style,
    grid::{Cell, Column, Grid, GridRow},
    notes::SHARED_CALLS,
    text::bullets,
    title, units,
};
use crate::{Function, Snapshot};

/// Stands before the time of a future's polls, where others have the time of their calls.
pub(super) fn busy(function: &Function) -> &'static str {
    if function.futures.is_some() { "busy " } else { "" }
}

pub(super) fn render(snapshot: &Snapshot, style: &Style, selection: &Selection) -> String {
    let columns = vec![
        Column::new("calls", 1),
        Column::new("% calls", 3),
        Column::new("time", 0),
        Column::new("% time", 2),
        Column::new("per call", 4),
    ];
    let mut rows = Vec::new();
    let mut selected: Vec<(usize, &Function)> = selection.of(snapshot).collect();
    if !selection.ordered {
        selected.sort_by_key(|(_, function)| Reverse((time_ns(function), function.calls)));
    }
    for (index, function) in selected {
        let time_ns = time_ns(function);
        rows.push(GridRow {
            name: function.name.clone(),
            lead: String::new(),
            cells: cells(function, function.calls, time_ns, None),
        });
        for caller in &function.callers {
            let name = match caller.caller {
                Some(caller) if caller == index => "itself (recursion)".into(),
                Some(caller) => snapshot.functions.get(caller).map_or_else(|| "?".into(), |f| f.name.clone()),
                None => "code that is not annotated".into(),
            };
            let cells = cells(function, caller.calls, caller.total_ns, Some((function.calls, time_ns)));
            rows.push(GridRow { name, lead: "  ← ".into(), cells });
        }
    }
    let mut out = title(snapshot, style);
    if rows.is_empty() {
        return out + "\nNo call of an annotated function has ended.\n";
    }
    let drawn = Grid { name_title: "function and its callers", columns, rows }.draw(style);
    out += &format!("\n{}", drawn.text);
    let mut notes: Vec<String> = selection.note().into_iter().collect();
    if selection.of(snapshot).any(|(_, function)| function.is_sampled()) {
        notes.push(format!("~ marks estimates by adaptive timing. {SHARED_CALLS}"));
    }
    out + &bullets(&notes, style)
}

/// The time that the callers of a function account for: of a future that of its polls.
fn time_ns(function: &Function) -> u64 {
    function.futures.map_or(function.total_ns, |futures| futures.busy_ns)
}

/// The cells of a function, or of one caller with its share of `whole` (calls, time).
fn cells(function: &Function, calls: u64, time_ns: u64, whole: Option<(u64, u64)>) -> Vec<Cell> {
    let mark = if function.is_sampled() { "~" } else { "" };
    let busy = busy(function);
    // The calls of all callers together are counted.
    let of_caller = if whole.is_some() { mark } else { "" };
    let share = |part, whole: Option<u64>| whole.map_or_else(String::new, |whole| units::share(part, whole));
    vec![
        format!("{of_caller}{}", units::count(calls)).into(),
        share(calls, whole.map(|whole| whole.0)).into(),
        format!("{busy}{mark}{}", units::duration_cell(time_ns)).into(),
        share(time_ns, whole.map(|whole| whole.1)).into(),
        format!("{busy}{mark}{}", units::duration_cell(time_ns.checked_div(calls).unwrap_or(0))).into(),
    ]
}
