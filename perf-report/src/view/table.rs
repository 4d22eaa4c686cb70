//! The table: a row per function that ran, most self time first; then the futures' own figures; then locks and channels; then what needs
//! saying.

use super::{
    Selection, Style, futures,
    grid::{Cell, Column, Grid, GridRow, Tone},
    measure::{Measure, Whole},
    notes, resources,
    text::bullets,
    timeline, title, waits,
};
use crate::{Function, Snapshot};

/// The usual columns, and which go first where there is no room for all.
const COLUMNS: [(Measure, u8); 13] = [
    (Measure::Calls, 1),
    (Measure::Total, 3),
    (Measure::Wall, 8),
    (Measure::SelfTime, 0),
    (Measure::SelfShare, 2),
    (Measure::Mean, 4),
    (Measure::Min, 11),
    (Measure::P50, 6),
    (Measure::P90, 12),
    (Measure::P99, 5),
    (Measure::P999, 10),
    (Measure::Max, 7),
    (Measure::Shape, 9),
];

/// The column that comes behind the shares of self time where anything waited.
const WAITING: (Measure, u8) = (Measure::Waiting, 2);

/// Those that come on top of them where the counting allocator is installed.
const ALLOCATION_COLUMNS: [(Measure, u8); 3] =
    [(Measure::Allocations, 15), (Measure::Allocated, 14), (Measure::SelfAllocated, 13)];

pub(super) fn render(snapshot: &Snapshot, style: &Style, selection: &Selection) -> String {
    let mut out = title(snapshot, style);
    let mut notes = Vec::new();
    if selection.functions.is_empty() {
        out += match (snapshot.functions.is_empty(), selection.left_out) {
            (true, _) => "\nThe program has no annotated functions.\n",
            (_, 0) => "\nNo call of an annotated function has ended.\n",
            _ => "\nNo call of these has ended.\n",
        };
    } else {
        let drawn = functions(snapshot, selection).draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(drawn.note());
    }
    for grid in [futures::grid(snapshot, selection), waits::grid(snapshot, selection)].into_iter().flatten() {
        let drawn = grid.draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(drawn.note());
    }
    let monitored = timeline::render(snapshot, style);
    if !monitored.is_empty() {
        out += &format!("\n{monitored}");
    }
    notes.extend(selection.note());
    notes.extend(selection.note_on_futures());
    notes.extend(notes::of(snapshot));
    out += &bullets(&notes, style);
    if !snapshot.resources.is_empty() {
        out += &resources::table(snapshot, style);
    }
    out
}

fn functions(snapshot: &Snapshot, selection: &Selection) -> Grid {
    let columns: Vec<(Measure, u8)> = match &selection.columns {
        // Columns that the user asked for stay at any width.
        Some(columns) => columns.iter().map(|&measure| (measure, 0)).collect(),
        None => usual_columns(snapshot, selection),
    };
    let whole = Whole::of(snapshot);
    // Locks and channels have a table of their own; those at which nobody waited stand there alone.
    let is_elsewhere = |function: &Function| selection.columns.is_none() && waits::is_all_there(function);
    let shown = selection.of(snapshot).filter(|(_, function)| !is_elsewhere(function));
    let rows = shown.map(|(_, function)| {
        let self_share = function.self_ns as f64 / whole.self_ns.max(1) as f64;
        let tone = match self_share {
            ..0.1 => Tone::Plain,
            ..0.3 => Tone::Warm,
            _ => Tone::Hot,
        };
        let cell = |measure: Measure| Cell {
            text: measure.text(function, whole),
            tone: if matches!(measure, Measure::SelfTime | Measure::SelfShare) { tone } else { Tone::Plain },
        };
        let cells = columns.iter().map(|&(measure, _)| cell(measure)).collect();
        GridRow { name: function.name.clone(), lead: String::new(), cells }
    });
    let rows = rows.collect();
    let columns = columns.iter().map(|&(measure, rank)| Column::new(measure.title(), rank));
    Grid { name_title: "function", columns: columns.collect(), rows }
}

fn usual_columns(snapshot: &Snapshot, selection: &Selection) -> Vec<(Measure, u8)> {
    let mut columns = COLUMNS.to_vec();
    if selection.of(snapshot).any(|(_, function)| function.waiting_ns > 0) {
        let behind = columns.iter().position(|column| column.0 == Measure::SelfShare).map_or(0, |at| at + 1);
        columns.insert(behind, WAITING);
    }
    if snapshot.heap.is_some() {
        columns.extend(ALLOCATION_COLUMNS);
    }
    columns
}
