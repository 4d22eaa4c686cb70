//! A row per call in flight: its thread, its function, and how long it has run.

use ratatui::text::{Line, Span};

use super::{
    Paint, PaneBody,
    grid::{Cell, Column, Grid, longest},
};
use crate::{
    command::{live::Moment, top::state::Chosen},
    view::{
        text::escape,
        units::{count, duration},
    },
};

#[derive(Clone, Copy, PartialEq)]
enum Of {
    Thread,
    Tid,
    Depth,
    Elapsed,
    P99,
    Max,
}

fn columns() -> Vec<Column<Of>> {
    vec![
        Column::new(Of::Elapsed, "for", 8, 0),
        Column::text(Of::Thread, "thread", 15, 1),
        Column::new(Of::Tid, "tid", 8, 5),
        Column::new(Of::Depth, "depth", 5, 4),
        Column::new(Of::P99, "p99", 8, 2),
        Column::new(Of::Max, "longest", 8, 3),
    ]
}

pub(super) fn body(moment: &Moment, chosen: &mut Chosen, paint: Paint, width: usize, rows: usize) -> PaneBody {
    let calls = chosen.calls(moment);
    chosen.cursor().fit(calls.len(), rows);
    let cursor = *chosen.cursor();
    let snapshot = &moment.snapshot;
    let name = |call: usize| snapshot.functions.get(snapshot.in_flight[call].function).map_or("?", |f| f.name.as_str());
    // Names are indented by the depth of their calls.
    let deepest = calls.iter().map(|&call| indent(snapshot.in_flight[call].depth)).max().unwrap_or(0);
    let longest = longest("function", calls.iter().map(|&call| name(call))) + deepest;
    let grid = Grid::fit(columns(), None, longest, width, paint);
    let head = grid.head(("function", false), None, false);
    let shown = calls.iter().enumerate().skip(cursor.offset).take(rows);
    let mut rows: Vec<_> = shown
        .map(|(place, &index)| {
            let call = &snapshot.in_flight[index];
            let (row, function) = (moment.activities.get(call.function), snapshot.functions.get(call.function));
            let longest = function.filter(|function| function.calls > 0).map(|function| function.max_ns);
            let lead = " ".repeat(indent(call.depth));
            grid.row(&lead, name(index), Default::default(), place == cursor.position, |of| match of {
                Of::Thread => Cell::new(escape(&call.thread), paint.faint()),
                Of::Tid => Cell::new(call.tid.to_string(), paint.faint()),
                Of::Depth => count(call.depth.into()).into(),
                Of::Elapsed => {
                    let unusual = longest.is_some_and(|longest| call.elapsed_ns > longest);
                    Cell::new(duration(call.elapsed_ns), if unusual { paint.warm() } else { paint.strong() })
                }
                Of::P99 => optional(row.and_then(|row| row.p99), paint),
                Of::Max => optional(longest, paint),
            })
        })
        .collect();
    if rows.is_empty() {
        let text = match (chosen.filter.is_empty(), moment.is_running()) {
            (false, _) => "No call in flight matches the filter.",
            (true, true) => "No annotated function is running now.",
            (true, false) => "All calls have ended.",
        };
        rows.push(Line::from(Span::styled(text, paint.faint())));
    }
    PaneBody { head: vec![head], rows }
}

/// The indentation of a call, in columns.
fn indent(depth: u32) -> usize {
    depth.min(8) as usize * 2
}

fn optional(ns: Option<u64>, paint: Paint) -> Cell {
    ns.map_or_else(|| Cell::new("–", paint.faint()), |ns| duration(ns).into())
}
