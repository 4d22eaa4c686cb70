//! One function in full: its figures, its latency from the 1st to the 99.999th percentile, its distribution, its neighbours.

use super::{
    Style,
    callers::busy,
    graph::{Graph, Link},
    grid::{Cell, Column, Grid, GridRow},
    measure::Percentile,
    shape, slow_calls,
    text::{escape, plural, wrap},
    time_parts, title, units,
};
use crate::{Function, Futures, Snapshot, TimeSource, Timing};

/// Percentiles shown, in billionths.
pub(super) const PERCENTILES: [u32; 12] = [
    10_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    750_000_000,
    900_000_000,
    950_000_000,
    990_000_000,
    999_000_000,
    999_900_000,
    999_990_000,
];

/// Lines that a distribution takes.
const LINES: usize = 18;

/// Callers and callees that are listed.
const LISTED: usize = 10;

/// Everything about one function.
pub(crate) fn render(snapshot: &Snapshot, style: &Style, index: usize) -> String {
    let function = &snapshot.functions[index];
    let mut out = title(snapshot, style);
    out += &format!("\n{}\n", style.bold(&escape(&function.name)));
    for line in figures(snapshot, function, index) {
        out += &wrap(&line, "  ", style.width);
    }
    if let Some(parts) = time_parts::render(snapshot, style, index) {
        out += &format!("\n{parts}");
    }
    if function.calls > 0 && has_durations(function) {
        out += &format!("\n{}", percentiles(function).draw(style).text);
        out += &format!("\n{}", distribution(function, style));
    }
    if !function.slowest.is_empty() {
        out += &format!("\n{}", slow_calls::render(snapshot, style, "slowest calls", &function.slowest));
    }
    let graph = Graph::of(snapshot);
    out += &neighbours(snapshot, style, Side::Callers(function), &graph.callers[index], Some(graph.outside(index)));
    out += &neighbours(snapshot, style, Side::Callees, &graph.callees[index], None);
    out
}

/// Of locks and channels, the calls that waited have durations, and the others took no time.
fn has_durations(function: &Function) -> bool {
    function.timing != Timing::Waits || function.timed_calls > 0
}

fn figures(snapshot: &Snapshot, function: &Function, index: usize) -> Vec<String> {
    let mut place = function.kind.word().to_owned();
    if !function.file.is_empty() {
        place += &format!(" at {}:{}", escape(&function.file), function.line);
    }
    let waiting = snapshot.in_flight.iter().filter(|call| call.function == index).count() as u64;
    let waiting =
        (waiting > 0).then(|| format!("{} {} in flight", units::count(waiting), plural(waiting, "call", "calls")));
    if function.calls == 0 {
        let futures = function.futures.filter(|_| function.has_figures()).map(|futures| lives(function, futures));
        return [place, "no call has ended".into()].into_iter().chain(futures).chain(waiting).collect();
    }
    let mark = |sampled: bool, text: String| if sampled { format!("~{text}") } else { text };
    let sampled = function.is_sampled();
    let duration = |ns| mark(sampled, units::duration(ns));
    let self_text = mark(function.self_sampled, units::duration(function.self_ns));
    let mut calls = format!("{} {}", units::count(function.calls), plural(function.calls, "call", "calls"));
    if sampled {
        calls += &format!(", {} of them timed (~ marks estimates)", units::count(function.timed_calls));
    }
    if function.timing == Timing::Waits {
        calls += &match function.timed_calls {
            0 => ", none of them waited".to_owned(),
            waited => format!(", {} of them waited", units::count(waited)),
        };
    }
    if function.time_source == TimeSource::Sampled {
        calls += ", times from sampled stacks";
    }
    if function.unwound > 0 {
        calls += &format!(", {} ended by a panic", units::count(function.unwound));
    }
    let mut lines = vec![place, calls];
    if has_durations(function) {
        lines.push(format!("total {} · self {self_text}", duration(function.total_ns)));
        lines.push(format!(
            "mean {} · min {} · max {}",
            duration(function.mean_ns()),
            duration(function.min_ns),
            duration(function.max_ns)
        ));
    }
    lines.extend(function.futures.map(|futures| lives(function, futures)));
    lines.extend(super::transfer::lines(function));
    lines.extend(super::sizes::lines(function));
    lines.extend(waiting);
    lines
}

/// How its futures fared.
fn lives(function: &Function, futures: Futures) -> String {
    let mark = if function.is_sampled() { "~" } else { "" };
    // The polls of a future that was recorded at its end are not known.
    let polls = |polls| {
        format!(
            " · {} {} taking {}{}",
            units::count(polls),
            plural(polls, "poll", "polls"),
            units::duration(futures.busy_ns),
            units::if_known(futures.longest_poll_ns, |ns| format!(", the longest {mark}{}", units::duration(ns))),
        )
    };
    format!(
        "{} started, {} cancelled{}{}{}",
        units::count(futures.started),
        units::count(futures.cancelled),
        units::if_known(futures.never_polled, |number| format!(", {} never polled", units::count(number))),
        units::if_known(futures.polls, polls),
        units::if_known(futures.bytes, |bytes| format!(" · {} each", units::bytes(bytes)))
    )
}

fn percentiles(function: &Function) -> Grid {
    let mark = if function.is_sampled() { "~" } else { "" };
    let count = function.latency.count();
    let rows = PERCENTILES.into_iter().map(Percentile::new).map(|percentile| {
        let slower = percentile.above(count);
        let cells = vec![
            format!("{mark}{}", units::duration_cell(function.quantile_ns(percentile.quantile()))).into(),
            format!("{mark}{}", units::count(slower)).into(),
        ];
        GridRow { name: percentile.title(), lead: String::new(), cells }
    });
    let last = GridRow {
        name: "max".into(),
        lead: String::new(),
        cells: vec![format!("{mark}{}", units::duration_cell(function.max_ns)).into(), "0".to_owned().into()],
    };
    Grid {
        name_title: "percentile",
        columns: vec![Column::new("at most", 0), Column::new("slower calls", 0)],
        rows: rows.chain([last]).collect(),
    }
}

/// The distribution on a logarithmic scale, a bar per line.
fn distribution(function: &Function, style: &Style) -> String {
    let parts = shape::parts(function, LINES);
    // A range around a narrow distribution is empty at its ends.
    let first = parts.iter().position(|part| part.1 > 0).unwrap_or(0);
    let last = parts.iter().rposition(|part| part.1 > 0).map_or(0, |last| last + 1);
    let parts = &parts[first..last];
    let most = parts.iter().map(|part| part.1).max().unwrap_or(0);
    let sum = function.latency.count();
    let counts: Vec<String> = parts.iter().map(|part| units::count(part.1)).collect();
    let count_width = counts.iter().map(String::len).max().unwrap_or(0).max("calls".len());
    let bar_room = style.width.unwrap_or(80).saturating_sub(8 + 2 + 2 + count_width + 2 + 6).clamp(10, 60);
    let mut out =
        style.bold(&format!("{:>8}  {:bar_room$}  {:>count_width$}  {:>6}", "from", "distribution", "calls", "share"));
    out.push('\n');
    for (&(from_ns, calls), count) in parts.iter().zip(&counts) {
        let eighths = (calls as f64 / most.max(1) as f64 * bar_room as f64 * 8.0).ceil() as usize;
        let mut bar = "█".repeat(eighths / 8);
        bar.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8).wrapping_sub(1)));
        let from = units::duration_cell(from_ns as u64);
        let share = if calls == 0 { String::new() } else { units::share(calls, sum) };
        out += &format!("{from:>8}  {bar:bar_room$}  {count:>count_width$}  {share:>6}");
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// Which neighbours of a function.
#[derive(Clone, Copy)]
enum Side<'a> {
    /// Who called this one.
    Callers(&'a Function),
    /// Whom it called.
    Callees,
}

fn neighbours(snapshot: &Snapshot, style: &Style, side: Side<'_>, links: &[Link], outside: Option<Link>) -> String {
    let what = match side {
        Side::Callers(_) => "callers",
        Side::Callees => "callees",
    };
    let outside = outside.filter(|link| link.calls > 0);
    let mut rows: Vec<(String, Link)> =
        links.iter().map(|link| (snapshot.functions[link.function].name.clone(), *link)).collect();
    rows.extend(outside.map(|link| ("code that is not annotated".into(), link)));
    if rows.is_empty() {
        return String::new();
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.1.ns, row.1.calls)));
    let more = rows.len().saturating_sub(LISTED) as u64;
    rows.truncate(LISTED);
    let rows = rows.into_iter().map(|(name, link)| {
        let called = match side {
            Side::Callers(function) => function,
            Side::Callees => &snapshot.functions[link.function],
        };
        let mark = if called.is_sampled() { "~" } else { "" };
        let time = format!("{}{mark}{}", busy(called), units::duration_cell(link.ns));
        let cells = [format!("{mark}{}", units::count(link.calls)), time].map(Cell::from);
        GridRow { name, lead: String::new(), cells: cells.into() }
    });
    let drawn =
        Grid { name_title: what, columns: vec![Column::new("calls", 0), Column::new("time", 0)], rows: rows.collect() }
            .draw(style);
    let more = if more > 0 { format!("… {} more\n", units::count(more)) } else { String::new() };
    format!("\n{}{more}", drawn.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn futures_that_were_only_made_or_have_not_ended_are_told_of() {
        let mut function = Function::new("app::log");
        function.futures = Some(Futures { never_polled: 3, ..Futures::default() });
        let lines = figures(&Snapshot::empty(), &function, 0);
        assert_eq!(lines[1..], ["no call has ended", "0 started, 0 cancelled, 3 never polled"]);
        function.futures = Some(Futures { started: 2, polls: 7, busy_ns: 900, bytes: 48, ..Futures::default() });
        let lines = figures(&Snapshot::empty(), &function, 0);
        assert_eq!(lines[1..], ["no call has ended", "2 started, 0 cancelled · 7 polls taking 900 ns · 48 B each"]);
        function.futures = Some(Futures::default());
        assert_eq!(figures(&Snapshot::empty(), &function, 0)[1..], ["no call has ended"]);
    }

    #[test]
    fn of_a_lock_it_is_said_how_many_waited_and_without_waits_there_are_no_durations() {
        let mut lock =
            Function { kind: Kind::Lock, timing: Timing::Waits, calls: 1_020, ..Function::new("Mutex<u64>") };
        let page = |lock: &Function| {
            let snapshot = Snapshot { functions: vec![lock.clone()], ..Snapshot::empty() };
            render(&snapshot, &Style::plain(), 0)
        };
        let idle = page(&lock);
        assert!(idle.contains("\n  lock\n  1,020 calls, none of them waited\n"), "{idle}");
        assert!(!idle.contains("percentile") && !idle.contains("distribution") && !idle.contains("mean"), "{idle}");
        lock.latency.record(40_300_000, 10);
        (lock.timed_calls, lock.sum_ns, lock.total_ns) = (10, 403_000_000, 403_000_000);
        let busy = page(&lock);
        assert!(busy.contains("1,020 calls, 10 of them waited\n  total 403 ms"), "{busy}");
        assert!(busy.contains("mean 40.3 ms") && busy.contains("distribution"), "{busy}");
    }
}
