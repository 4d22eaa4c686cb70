//! A row per function: how often, how long, how many at this moment.

use ratatui::text::{Line, Span};

use super::{
    Body, Paint, bars,
    grid::{Cell, Column, Grid, longest},
    head::core,
};
use crate::{
    Figure, Function,
    command::top::state::{Chosen, Pane},
    live::{Key, Moment, Row},
    view::{
        text::{escape, shorten, width},
        units::{count, duration},
    },
};

/// What a column shows: a figure, or its rates over time.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Figure(Key),
    Trend,
}

/// Bars in the column of rates over time.
const TREND: usize = 16;

fn columns() -> Vec<Column<Of>> {
    let figure = |key, title, width, rank| Column::new(Of::Figure(key), title, width, rank);
    vec![
        figure(Key::Rate, "calls/s", 9, 1),
        figure(Key::Time, "time", 7, 4),
        figure(Key::SelfTime, "self", 7, 2),
        figure(Key::P50, "p50", 8, 6),
        figure(Key::P99, "p99", 8, 3),
        figure(Key::Max, "max", 8, 8),
        figure(Key::InFlight, "in flight", 9, 5),
        figure(Key::Oldest, "oldest", 8, 7),
        figure(Key::Calls, "calls", 10, 9),
        Column::text(Of::Trend, "calls/s over time", 17, 10),
    ]
}

pub(super) fn body(moment: &Moment, chosen: &mut Chosen, paint: Paint, width: usize, rows: usize) -> Body {
    let functions = chosen.functions(moment);
    chosen.follow(&functions);
    chosen.cursor().fit(functions.len(), rows);
    let cursor = *chosen.cursor();
    let name = |index: usize| moment.snapshot.functions[index].name.as_str();
    let sort = chosen.sort;
    let longest = longest("function", functions.iter().map(|&index| name(index)));
    let grid = Grid::fit(columns(), Some(Of::Figure(sort.key)), longest, width, paint);
    let head = grid.head(("function", sort.key == Key::Name), Some(Of::Figure(sort.key)), sort.reversed);
    let shown = functions.iter().enumerate().skip(cursor.offset).take(rows);
    let rows: Vec<_> = shown
        .map(|(place, &index)| {
            let (row, function) = (&moment.rows[index], &moment.snapshot.functions[index]);
            let idle = row.rate == 0.0 && row.in_flight == 0;
            let style = if idle { paint.faint() } else { ratatui::style::Style::new() };
            grid.row("", &function.name, style, place == cursor.position, |of| match of {
                Of::Figure(key) => cell(key, row, function, paint),
                Of::Trend => Cell::new(bars::line(&moment.rates_of(index), TREND), paint.bars()),
            })
        })
        .collect();
    let rows = if rows.is_empty() { vec![nothing(chosen, moment, paint)] } else { rows };
    Body { head: vec![head], rows }
}

/// Why there is no row.
fn nothing(chosen: &Chosen, moment: &Moment, paint: Paint) -> Line<'static> {
    let text = match (chosen.filter.is_empty(), moment.snapshot.functions.is_empty()) {
        (false, _) => "No function that ran passes the filter.",
        (true, true) => "The program has no annotated functions.",
        (true, false) => "No annotated function has run yet.",
    };
    Line::from(Span::styled(text, paint.faint()))
}

fn cell(key: Key, row: &Row, function: &Function, paint: Paint) -> Cell {
    let nothing = || Cell::new("–", paint.faint());
    let known = |text: String, zero: bool| if zero { nothing() } else { text.into() };
    let mark = |sampled: bool, text: String| if sampled { format!("~{text}") } else { text };
    let quantile = |ns: Option<u64>, figure: Figure| {
        let Some(ns) = ns else { return nothing() };
        let style = if is_over(function, figure, ns) { paint.hot() } else { Default::default() };
        Cell::new(mark(row.sampled, duration(ns)), style)
    };
    match key {
        Key::Name => Cell::default(),
        Key::Rate => known(rate(row.rate), row.rate == 0.0),
        Key::Time => known(mark(row.sampled, core(row.time)), row.time == 0.0),
        Key::SelfTime => known(mark(row.self_sampled, core(row.self_time)), row.self_time == 0.0),
        Key::P50 => quantile(row.p50, Figure::P50),
        Key::P99 => quantile(row.p99, Figure::P99),
        Key::Max => quantile(row.max, Figure::Max),
        Key::InFlight => known(count(row.in_flight), row.in_flight == 0),
        Key::Oldest if row.in_flight == 0 => nothing(),
        Key::Oldest => {
            // Longer than any call before it: perhaps it hangs.
            let unusual = row.calls > 0 && row.oldest_ns > function.max_ns;
            Cell::new(duration(row.oldest_ns), if unusual { paint.warm() } else { Default::default() })
        }
        Key::Calls => count(row.calls).into(),
    }
}

/// Whether a recent figure is beyond the function's own budget for it.
fn is_over(function: &Function, figure: Figure, value: u64) -> bool {
    function.budgets.iter().any(|budget| budget.figure == figure.name() && value > budget.limit)
}

/// Calls per second.
pub(super) fn rate(per_second: f64) -> String {
    match per_second {
        0.0 => "0.0".into(),
        ..0.05 => "<0.1".into(),
        ..99.95 => format!("{per_second:.1}"),
        _ => count(per_second.round() as u64),
    }
}

/// The selected function's rates over time.
pub(super) fn rates(moment: &Moment, chosen: &mut Chosen, paint: Paint, room: usize) -> Line<'static> {
    if chosen.pane != Pane::Functions || chosen.help || chosen.detail.is_some() {
        return Line::default();
    }
    let position = chosen.cursor().position;
    let Some(&function) = chosen.functions(moment).get(position) else { return Line::default() };
    let values = moment.rates_of(function);
    let (Some(now), highest) = (values.last(), values.iter().copied().fold(0.0, f64::max)) else {
        return Line::default();
    };
    let told = format!("  {}/s, highest {}/s", rate(*now), rate(highest));
    let name = shorten(&escape(&moment.snapshot.functions[function].name), room / 3).into_owned();
    let bars = bars::line(&values, room.saturating_sub(width(&told) + width(&name) + 2));
    Line::from(vec![
        Span::styled(name, paint.strong()),
        "  ".into(),
        Span::styled(bars, paint.bars()),
        Span::styled(told, paint.faint()),
    ])
}
