//! A row per function: how often it runs, how long, and how many of its calls are in flight.

use ratatui::text::{Line, Span};

use super::{
    Paint, PaneBody, bars,
    grid::{Cell, Column, Grid, longest},
    head::core,
};
use crate::{
    Function,
    command::{
        live::{Activity, Key, Moment},
        metric::FunctionMetric,
        top::state::{Chosen, Pane},
    },
    view::{
        text::{escape, shorten, width},
        units::{count, duration},
    },
};

/// The content of a column: a value, or rates over time.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Value(Key),
    Trend,
}

/// Number of bars in the column of rates over time.
const TREND: usize = 16;

fn columns(moment: &Moment) -> Vec<Column<Of>> {
    let value = |key, title, width, rank| Column::new(Of::Value(key), title, width, rank);
    let has_states = moment.activities.iter().any(|row| row.running.is_some());
    let mut columns = vec![
        value(Key::Rate, "calls/s", 9, 1),
        value(Key::Time, "time", 7, 4),
        value(Key::SelfTime, "self", 7, 2),
        value(Key::Running, "running", 7, 5),
        value(Key::Waiting, "waiting", 7, 5),
        value(Key::P50, "p50", 8, 6),
        value(Key::P99, "p99", 8, 3),
        value(Key::Max, "max", 8, 8),
        value(Key::InFlight, "in flight", 9, 5),
        value(Key::Oldest, "oldest", 8, 7),
        value(Key::Calls, "calls", 10, 9),
        Column::text(Of::Trend, "calls/s over time", 17, 10),
    ];
    let has_waits = moment.activities.iter().any(|row| row.waiting.is_some());
    // Before anybody looked there is nothing to show, but waits that are recorded.
    columns.retain(|column| match column.of {
        Of::Value(Key::Running) => has_states,
        Of::Value(Key::Waiting) => has_waits,
        _ => true,
    });
    columns
}

pub(super) fn body(moment: &Moment, chosen: &mut Chosen, paint: Paint, width: usize, rows: usize) -> PaneBody {
    let functions = chosen.functions(moment);
    chosen.follow(&functions);
    chosen.cursor().fit(functions.len(), rows);
    let cursor = *chosen.cursor();
    let name = |index: usize| moment.snapshot.functions[index].name.as_str();
    let sort = chosen.sort;
    let longest = longest("function", functions.iter().map(|&index| name(index)));
    let grid = Grid::fit(columns(moment), Some(Of::Value(sort.key)), longest, width, paint);
    let head = grid.head(("function", sort.key == Key::Name), Some(Of::Value(sort.key)), sort.reversed);
    let shown = functions.iter().enumerate().skip(cursor.offset).take(rows);
    let rows: Vec<_> = shown
        .map(|(place, &index)| {
            let (row, function) = (&moment.activities[index], &moment.snapshot.functions[index]);
            let idle = row.rate == 0.0 && row.in_flight == 0;
            let style = if idle { paint.faint() } else { ratatui::style::Style::new() };
            grid.row("", &function.name, style, place == cursor.position, |of| match of {
                Of::Value(key) => cell(key, row, function, paint),
                Of::Trend => Cell::new(bars::line(&moment.rates_of(index), TREND), paint.bars()),
            })
        })
        .collect();
    let rows = if rows.is_empty() { vec![nothing(chosen, moment, paint)] } else { rows };
    PaneBody { head: vec![head], rows }
}

/// A line instead of rows, which says why there are none.
fn nothing(chosen: &Chosen, moment: &Moment, paint: Paint) -> Line<'static> {
    let text = match (chosen.filter.is_empty(), moment.snapshot.functions.is_empty()) {
        (false, _) => "No function that ran matches the filter.",
        (true, true) => "The program has no annotated function.",
        (true, false) => "No annotated function has run yet.",
    };
    Line::from(Span::styled(text, paint.faint()))
}

fn cell(key: Key, row: &Activity, function: &Function, paint: Paint) -> Cell {
    let nothing = || Cell::new("–", paint.faint());
    let known = |text: String, zero: bool| if zero { nothing() } else { text.into() };
    let mark = |sampled: bool, text: String| if sampled { format!("~{text}") } else { text };
    let quantile = |ns: Option<u64>, figure: FunctionMetric| {
        let Some(ns) = ns else { return nothing() };
        let style = if is_over(function, figure, ns) { paint.hot() } else { Default::default() };
        Cell::new(mark(row.sampled, duration(ns)), style)
    };
    match key {
        Key::Name => Cell::default(),
        Key::Rate => known(rate(row.rate), row.rate == 0.0),
        Key::Time => known(mark(row.sampled, core(row.time)), row.time == 0.0),
        Key::SelfTime => known(mark(row.self_sampled, core(row.self_time)), row.self_time == 0.0),
        Key::Running => threads(row.running, false, nothing),
        Key::Waiting => threads(row.waiting, row.waiting_sampled, nothing),
        Key::P50 => quantile(row.p50, FunctionMetric::P50),
        Key::P99 => quantile(row.p99, FunctionMetric::P99),
        Key::Max => quantile(row.max, FunctionMetric::Max),
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

/// A number of threads, on average.
fn threads(number: Option<f64>, sampled: bool, nothing: impl FnOnce() -> Cell) -> Cell {
    let mark = if sampled { "~" } else { "" };
    number.filter(|&number| number > 0.0).map_or_else(nothing, |number| format!("{mark}{}", core(number)).into())
}

/// Whether a recent figure is beyond the function's own budget for it.
fn is_over(function: &Function, figure: FunctionMetric, value: u64) -> bool {
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
    let text = format!("  {}/s, highest {}/s", rate(*now), rate(highest));
    let name = shorten(&escape(&moment.snapshot.functions[function].name), room / 3).into_owned();
    let bars = bars::line(&values, room.saturating_sub(width(&text) + width(&name) + 2));
    Line::from(vec![
        Span::styled(name, paint.strong()),
        "  ".into(),
        Span::styled(bars, paint.bars()),
        Span::styled(text, paint.faint()),
    ])
}
