//! The table: a row per function that ran, most self time first; then the futures' own figures; then locks and channels; then what needs
//! saying.

use super::{
    Selection, Style,
    grid::{Cell, Column, Grid, GridRow, Tone},
    measure::{Measure, Whole},
    notes, resources,
    text::bullets,
    timeline, title, units, waits,
};
use crate::{Function, Kind, Snapshot};

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
        out += match snapshot.functions.is_empty() {
            true => "\nThe program has no annotated functions.\n",
            false => "\nNo call of an annotated function has ended.\n",
        };
    } else {
        let drawn = functions(snapshot, selection).draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(drawn.note());
    }
    if selection.of(snapshot).any(|(_, function)| is_future(function)) {
        let drawn = futures_grid(snapshot, selection).draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(drawn.note());
    }
    if let Some(waits) = waits::grid(snapshot, selection) {
        let drawn = waits.draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(drawn.note());
    }
    let monitored = timeline::render(snapshot, style);
    if !monitored.is_empty() {
        out += &format!("\n{monitored}");
    }
    notes.extend(selection.note());
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

/// Whether it is among the futures: a wait that was polled is among the locks and channels.
fn is_future(function: &Function) -> bool {
    function.futures.is_some() && !waits::is_there(function)
}

/// Whether it is the row of the polls or wakes of that future. It is named as the future, and by what it is.
fn is_row_of(other: &Function, kind: Kind, future: &Function) -> bool {
    let part = if kind == Kind::Poll { " (poll)" } else { " (woken)" };
    other.kind == kind
        && other.name.strip_suffix(part) == Some(&future.name)
        && (&other.file, other.line) == (&future.file, future.line)
}

fn futures_grid(snapshot: &Snapshot, selection: &Selection) -> Grid {
    let never_polled = |function: &Function| function.futures.map_or(0, |futures| futures.never_polled);
    // Few programs have any.
    let has_unpolled = selection.of(snapshot).any(|(_, function)| is_future(function) && never_polled(function) > 0);
    let beside = |kind| snapshot.functions.iter().any(|function| function.kind == kind && function.calls > 0);
    let (has_polls, has_wakes) = (beside(Kind::Poll), beside(Kind::Wake));
    let mut columns = vec![
        Column::new("started", 2),
        Column::new("completed", 4),
        Column::new("cancelled", 3),
        Column::new("polls", 5),
        Column::new("busy", 0),
        Column::new("busy/poll", 1),
        Column::new("longest poll", 4),
        Column::new("size", 6),
    ];
    if has_unpolled {
        columns.insert(3, Column::new("never polled", 2));
    }
    for (is_there, titles) in [(has_polls, ["poll p50", "poll p99"]), (has_wakes, ["woken p50", "woken p99"])] {
        if is_there {
            columns.extend([Column::new(titles[0], 8), Column::new(titles[1], 2)]);
        }
    }
    let rows = selection.of(snapshot).filter_map(|(_, function): (usize, &Function)| {
        let futures = function.futures.filter(|_| is_future(function))?;
        let mut cells = vec![
            units::count(futures.started).into(),
            units::count(function.calls.saturating_sub(futures.cancelled)).into(),
            units::count(futures.cancelled).into(),
            units::count(futures.polls).into(),
            units::duration_cell(futures.busy_ns).into(),
            units::duration_cell(futures.busy_ns.checked_div(futures.polls).unwrap_or(0)).into(),
            units::if_known(futures.longest_poll_ns, units::duration_cell).into(),
            units::if_known(futures.bytes, units::bytes).into(),
        ];
        if has_unpolled {
            cells.insert(3, units::count(futures.never_polled).into());
        }
        for (is_there, kind) in [(has_polls, Kind::Poll), (has_wakes, Kind::Wake)] {
            if is_there {
                let row = snapshot.functions.iter().find(|other| is_row_of(other, kind, function));
                let row = row.filter(|row| row.calls > 0);
                let cell =
                    |quantile| row.map_or_else(String::new, |row| units::duration_cell(row.quantile_ns(quantile)));
                cells.extend([cell(0.5).into(), cell(0.99).into()]);
            }
        }
        Some(GridRow { name: function.name.clone(), lead: String::new(), cells })
    });
    Grid { name_title: "future", columns, rows: rows.collect() }
}
