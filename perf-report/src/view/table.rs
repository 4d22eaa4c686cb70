//! The table: a row per function that ran, most self time first; then the futures' own figures; then what needs saying.

use std::cmp::Reverse;

use super::{
    Style,
    grid::{Column, Drawn, Figure, Grid, Row, Tone},
    notes,
    text::wrap,
    timeline, title, units,
};
use crate::{Function, Snapshot};

pub(super) fn render(snapshot: &Snapshot, style: &Style) -> String {
    let mut out = title(snapshot, style);
    let mut ran: Vec<&Function> = snapshot.functions.iter().filter(|function| function.calls > 0).collect();
    ran.sort_by_key(|function| Reverse((function.self_ns, function.total_ns, function.calls)));
    let mut notes = Vec::new();
    if ran.is_empty() {
        out += match snapshot.functions.is_empty() {
            true => "\nThe program has no annotated functions.\n",
            false => "\nNo call of an annotated function has ended.\n",
        };
    } else {
        let drawn = functions(&ran, snapshot.process.recorded_ns).draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(hidden(&drawn));
    }
    let futures: Vec<_> = ran.iter().filter(|function| function.futures.is_some()).copied().collect();
    if !futures.is_empty() {
        let drawn = futures_grid(&futures).draw(style);
        out += &format!("\n{}", drawn.text);
        notes.extend(hidden(&drawn));
    }
    let monitored = timeline::render(snapshot, style);
    if !monitored.is_empty() {
        out += &format!("\n{monitored}");
    }
    notes.extend(notes::of(snapshot));
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        out += &wrap(&note, "• ", style.width);
    }
    out
}

fn hidden(drawn: &Drawn) -> Option<String> {
    let columns = drawn.hidden.join(", ");
    (!drawn.hidden.is_empty())
        .then(|| format!("Not shown at this width: {columns} (all take {} columns).", drawn.needed))
}

fn functions(functions: &[&Function], recorded_ns: u64) -> Grid {
    let column = |title, rank| Column { title, rank };
    let allocations = functions.iter().any(|function| function.allocations.is_some());
    let mut columns = vec![
        column("calls", 1),
        column("total", 3),
        column("% wall", 8),
        column("self", 0),
        column("% self", 2),
        column("mean", 4),
        column("min", 10),
        column("p50", 6),
        column("p90", 11),
        column("p99", 5),
        column("p99.9", 9),
        column("max", 7),
    ];
    if allocations {
        columns.extend([column("allocs", 14), column("bytes", 13), column("self bytes", 12)]);
    }
    let all_self: u64 = functions.iter().fold(0, |sum, function| sum.saturating_add(function.self_ns));
    let rows = functions.iter().map(|function| {
        let sampled = function.is_sampled();
        let duration = |ns| mark(sampled, units::duration_cell(ns));
        let quantile = |quantile| duration(function.quantile_ns(quantile));
        let self_share = function.self_ns as f64 / all_self.max(1) as f64;
        let tone = match self_share {
            ..0.1 => Tone::Plain,
            ..0.3 => Tone::Warm,
            _ => Tone::Hot,
        };
        let mut figures = vec![
            units::count(function.calls).into(),
            duration(function.total_ns),
            mark(sampled, units::share(function.total_ns, recorded_ns)),
            Figure { tone, ..mark(function.self_sampled, units::duration_cell(function.self_ns)) },
            Figure { tone, ..mark(function.self_sampled, units::share(function.self_ns, all_self)) },
            duration(function.mean_ns()),
            duration(function.min_ns),
            quantile(0.5),
            quantile(0.9),
            quantile(0.99),
            quantile(0.999),
            duration(function.max_ns),
        ];
        if allocations {
            let own = function.allocations.unwrap_or_default();
            figures.extend([
                units::count(own.count).into(),
                units::bytes(own.bytes).into(),
                units::bytes(own.self_bytes).into(),
            ]);
        }
        Row { name: function.name.clone(), indent: 0, figures }
    });
    Grid { name_title: "function", columns, rows: rows.collect() }
}

fn futures_grid(functions: &[&Function]) -> Grid {
    let column = |title, rank| Column { title, rank };
    let columns = vec![
        column("started", 2),
        column("completed", 4),
        column("cancelled", 3),
        column("polls", 5),
        column("busy", 0),
        column("busy/poll", 1),
    ];
    let rows = functions.iter().filter_map(|function| {
        let futures = function.futures?;
        let figures = vec![
            units::count(futures.started).into(),
            units::count(function.calls.saturating_sub(futures.cancelled)).into(),
            units::count(futures.cancelled).into(),
            units::count(futures.polls).into(),
            units::duration_cell(futures.busy_ns).into(),
            units::duration_cell(futures.busy_ns.checked_div(futures.polls).unwrap_or(0)).into(),
        ];
        Some(Row { name: function.name.clone(), indent: 0, figures })
    });
    Grid { name_title: "future", columns, rows: rows.collect() }
}

/// Estimated figures are never shown as exact ones.
fn mark(sampled: bool, figure: String) -> Figure {
    if sampled { format!("~{figure}").into() } else { figure.into() }
}
