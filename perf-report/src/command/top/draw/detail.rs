//! Everything about one function: over time, recently, and since the recording began.

use ratatui::text::{Line, Span};

use super::{
    Paint, bars,
    functions::rate,
    grid::{Cell, Column, Grid, longest},
    head::core,
};
use crate::{
    Caller, Function,
    command::{live::Moment, metric::FunctionMetric},
    view::{
        text::{cut, escape, width},
        units::{count, duration, if_known},
    },
};

/// Height of rates and percentiles over time.
const TALL: usize = 4;

/// The most callers and calls listed.
const LISTED: usize = 12;

/// The metrics in the order of their rows, each with its budget.
const METRICS: [FunctionMetric; 6] = [
    FunctionMetric::Mean,
    FunctionMetric::P50,
    FunctionMetric::P90,
    FunctionMetric::P99,
    FunctionMetric::P999,
    FunctionMetric::Max,
];

pub(super) fn lines(moment: &Moment, index: usize, paint: Paint, room: usize) -> Vec<Line<'static>> {
    let (Some(whole), Some(row)) = (moment.snapshot.functions.get(index), moment.activities.get(index)) else {
        return vec![Line::from("This function is no longer in the recording.")];
    };
    let recent = &moment.recent.functions[index];
    let mut lines = vec![Line::from(Span::styled(cut(&escape(&whole.name), room), paint.strong()))];
    let mut place = whole.kind.word().to_owned();
    if !whole.file.is_empty() {
        place += &format!(" at {}:{}", escape(&whole.file), whole.line);
    }
    lines.push(Line::from(Span::styled(cut(&place, room), paint.faint())));
    let in_flight = match row.in_flight {
        0 => "none in flight".into(),
        calls => format!("{} in flight, the oldest for {}", count(calls), duration(row.oldest_ns)),
    };
    let now = format!(
        "{} calls/s · time {} · self {} · {in_flight} · {} calls in all",
        rate(row.rate),
        core(row.time),
        core(row.self_time),
        count(row.calls)
    );
    lines.push(Line::from(cut(&now, room)));
    let troubles = [
        (whole.unwound, "ended with a panic"),
        (whole.abandoned, "never ended, because their guard was leaked or their stack abandoned"),
    ];
    for (calls, trouble) in troubles.into_iter().filter(|trouble| trouble.0 > 0) {
        lines.push(Line::from(Span::styled(format!("{} calls {trouble}", count(calls)), paint.warm())));
    }
    if let Some(futures) = whole.futures {
        let text = format!(
            "{} futures started, {} cancelled{} · {} polls took {}{}",
            count(futures.started),
            count(futures.cancelled),
            if_known(futures.never_polled, |number| format!(", {} never polled", count(number))),
            count(futures.polls),
            duration(futures.busy_ns),
            if_known(futures.longest_poll_ns, |ns| format!(", the longest {}", duration(ns)))
        );
        lines.push(Line::from(cut(&text, room)));
    }
    for sizes in crate::view::sizes::lines(whole) {
        lines.push(Line::from(cut(&sizes, room)));
    }
    lines.push(Line::default());
    over_time(&mut lines, "calls/s", &moment.rates_of(index), &|value| format!("{}/s", rate(value)), paint, room);
    over_time(&mut lines, "p99", &moment.p99_of(index), &|value| duration(value as u64), paint, room);
    figures(&mut lines, moment, whole, recent, paint, room);
    lines.push(Line::default());
    callers(&mut lines, moment, index, paint, room);
    calls(&mut lines, moment, index, paint, room);
    lines
}

fn over_time(
    lines: &mut Vec<Line<'static>>,
    name: &str,
    values: &[f64],
    text: &dyn Fn(f64) -> String,
    paint: Paint,
    room: usize,
) {
    const NAMES: usize = 8;
    let highest = values.iter().copied().fold(0.0, f64::max);
    if values.is_empty() {
        return;
    }
    let texts = [format!("highest {}", text(highest)), text(values.last().copied().unwrap_or(0.0))];
    let taken = texts.iter().map(|text| width(text)).max().unwrap_or(0) + 2;
    let columns = room.saturating_sub(NAMES + taken).max(1);
    let chart = bars::chart(values, columns, TALL);
    let filled = columns.min(values.len());
    for (line, bars) in chart.into_iter().enumerate() {
        // The highest value is written at the top, the latest one at the bottom.
        let (name, scale) = match line {
            0 => ("", texts[0].as_str()),
            line if line + 1 == TALL => (name, texts[1].as_str()),
            _ => ("", ""),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("{name:NAMES$}"), paint.strong()),
            Span::styled(format!("{bars:filled$}"), paint.bars()),
            Span::styled(format!("  {scale}"), paint.faint()),
        ]));
    }
    lines.push(Line::default());
}

/// Recent values beside those of the whole recording, and budgets.
fn figures(
    lines: &mut Vec<Line<'static>>,
    moment: &Moment,
    whole: &Function,
    recent: &Function,
    paint: Paint,
    room: usize,
) {
    let mark = |function: &Function, text: String| if function.is_sampled() { format!("~{text}") } else { text };
    let of = |metric: FunctionMetric, function: &Function| {
        if function.calls == 0 { "–".into() } else { mark(function, duration(metric.of(function))) }
    };
    let budget = |metric: FunctionMetric| whole.budgets.iter().find(|budget| budget.figure == metric.name());
    let title = match moment.recent_ns {
        Some(ns) => format!("last {}", duration(ns)),
        None => "–".into(),
    };
    let cut_at = |text: String| cut(&text, room);
    lines.push(Line::from(Span::styled(
        cut_at(format!("{:10}{title:>14}{:>18}{:>12}", "duration", "whole recording", "budget")),
        paint.head(),
    )));
    for metric in METRICS {
        let (now, all) = (of(metric, recent), of(metric, whole));
        let now = if moment.recent_ns.is_some() { now } else { "–".into() };
        let limit = budget(metric).map_or(String::new(), |budget| duration(budget.limit));
        let over = budget(metric).is_some_and(|budget| recent.calls > 0 && metric.of(recent) > budget.limit);
        let style = if over { paint.hot() } else { Default::default() };
        let verdict = if over { "  exceeded" } else { "" };
        let text = format!("{:10}{now:>14}{all:>18}{limit:>12}{verdict}", metric.name());
        lines.push(Line::from(Span::styled(cut_at(text), style)));
    }
    let recent_calls = if moment.recent_ns.is_some() { count(recent.calls) } else { "–".into() };
    lines.push(Line::from(cut_at(format!("{:10}{recent_calls:>14}{:>18}", "calls", count(whole.calls)))));
}

#[derive(Clone, Copy, PartialEq)]
enum Of {
    Calls,
    Rate,
    Time,
    Thread,
    Elapsed,
}

/// Its recent callers.
fn callers(lines: &mut Vec<Line<'static>>, moment: &Moment, index: usize, paint: Paint, room: usize) {
    let callers = &moment.recent.functions[index].callers;
    let name = |caller: &Caller| {
        let function = caller.caller.and_then(|caller| moment.recent.functions.get(caller));
        function.map_or("code that is not annotated", |function| function.name.as_str())
    };
    if callers.is_empty() {
        return;
    }
    let mut callers: Vec<&Caller> = callers.iter().collect();
    callers.sort_by_key(|caller| std::cmp::Reverse((caller.total_ns, caller.calls)));
    let time_ns = moment.recent_ns.unwrap_or(moment.snapshot.process.recorded_ns).max(1);
    let columns = vec![
        Column::new(Of::Calls, "calls", 10, 1),
        Column::new(Of::Rate, "calls/s", 9, 2),
        Column::new(Of::Time, "time", 8, 3),
    ];
    let longest = longest("called by", callers.iter().map(|caller| name(caller)));
    let grid = Grid::fit(columns, None, longest, room, paint);
    lines.push(grid.head(("called by", false), None, false));
    // How calls that were only counted are shared among callers is an estimate.
    let mark = if moment.recent.functions[index].is_sampled() { "~" } else { "" };
    for caller in callers.iter().take(LISTED) {
        lines.push(grid.row("", name(caller), Default::default(), false, |of| {
            let figure = match of {
                Of::Calls => count(caller.calls),
                Of::Rate => rate(caller.calls as f64 * 1e9 / time_ns as f64),
                _ => duration(caller.total_ns),
            };
            Cell::from(format!("{mark}{figure}"))
        }));
    }
    if callers.len() > LISTED {
        lines.push(Line::from(Span::styled(format!("… {} more", callers.len() - LISTED), paint.faint())));
    }
    lines.push(Line::default());
}

/// Its calls in flight, oldest first.
fn calls(lines: &mut Vec<Line<'static>>, moment: &Moment, index: usize, paint: Paint, room: usize) {
    let mut calls: Vec<_> = moment.snapshot.in_flight.iter().filter(|call| call.function == index).collect();
    if calls.is_empty() {
        return;
    }
    calls.sort_by_key(|call| std::cmp::Reverse(call.elapsed_ns));
    let columns = vec![Column::new(Of::Elapsed, "for", 8, 0), Column::new(Of::Thread, "tid", 8, 1)];
    let longest = longest("in flight in", calls.iter().map(|call| call.thread.as_str()));
    let grid = Grid::fit(columns, None, longest, room, paint);
    lines.push(grid.head(("in flight in", false), None, false));
    for call in calls.iter().take(LISTED) {
        lines.push(grid.row("", &call.thread, Default::default(), false, |of| match of {
            Of::Elapsed => duration(call.elapsed_ns).into(),
            _ => call.tid.to_string().into(),
        }));
    }
    if calls.len() > LISTED {
        lines.push(Line::from(Span::styled(format!("… {} more", calls.len() - LISTED), paint.faint())));
    }
}
