//! The lines above and below the panes: the process, warnings, and keys.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{Paint, bars};
use crate::{
    ClockSource, State,
    command::{
        live::{Moment, Usage},
        top::state::{Chosen, Pane},
    },
    monitor::Metric,
    view::{
        notes::deadlocks,
        text::{escape, plural, shorten, width},
        timeline::figure,
        units::{bytes, count, duration, share},
    },
};

/// Number of bars beside memory and processor time.
const BARS: usize = 16;

/// Parts joined by dots, as many as fit.
fn joined(parts: Vec<(String, Style)>, room: usize, paint: Paint) -> (Vec<Span<'static>>, usize) {
    const BETWEEN: &str = " · ";
    let (mut spans, mut used) = (Vec::new(), 0);
    for (text, style) in parts {
        let before = if used == 0 { 0 } else { width(BETWEEN) };
        if used > 0 && used + before + width(&text) > room {
            break;
        }
        if used > 0 {
            spans.push(Span::styled(BETWEEN, paint.faint()));
        }
        used += before + width(&text);
        spans.push(Span::styled(text, style));
    }
    (spans, used)
}

/// The process, and at the right the interval.
pub(super) fn title(moment: &Moment, chosen: &Chosen, paint: Paint, room: usize) -> Vec<Line<'static>> {
    let process = &moment.snapshot.process;
    let program = if process.program.is_empty() { "unnamed program".into() } else { escape(&process.program) };
    let (state, state_style) = match process.state {
        State::Running => ("running", paint.good()),
        State::Closed => ("closed", paint.warm()),
        State::Killed => ("killed", paint.hot()),
    };
    let clock = match process.clock.source {
        ClockSource::Tsc => "clock tsc",
        ClockSource::Cntvct => "clock cntvct",
        ClockSource::Monotonic => "clock of the system",
    };
    let plain = Style::new();
    let mut parts = vec![
        (shorten(&program, room.saturating_sub(28).max(8)).into_owned(), paint.strong()),
        (state.to_owned(), state_style.patch(paint.strong())),
        (format!("pid {}", process.pid), plain),
        (format!("{} recorded", duration(process.recorded_ns)), plain),
        (format!("{} {}", count(process.threads), plural(process.threads, "thread", "threads")), plain),
        (clock.to_owned(), paint.faint()),
    ];
    if moment.new_runs > 0 {
        parts.insert(2, (format!("run {}", moment.new_runs + 1), paint.warm()));
    }
    let pace = match (chosen.paused, moment.is_running()) {
        (true, _) => Span::styled(" paused ", paint.warm().patch(paint.selected())),
        (_, true) => {
            let interval = u64::try_from(chosen.interval.as_nanos()).unwrap_or(u64::MAX);
            Span::styled(format!("every {}", duration(interval)), paint.faint())
        }
        (_, false) => Span::styled("final values", paint.faint()),
    };
    let (mut spans, used) = joined(parts, room.saturating_sub(width(&pace.content) + 2), paint);
    if used + width(&pace.content) + 2 <= room {
        spans.push(" ".repeat(room - used - width(&pace.content)).into());
        spans.push(pace);
    }
    vec![Line::from(spans)]
}

/// Memory and processor time, from the system or else from the process's own monitor.
pub(super) fn usage(moment: &Moment, paint: Paint, room: usize) -> Vec<Line<'static>> {
    let monitored = |metric| {
        let series = &moment.snapshot.monitor.as_ref()?.series;
        series
            .iter()
            .find(|series| series.metric == metric)?
            .last()
            .map(|last| figure(Metric::unit(metric), last as f64))
    };
    let over_time = |of: &dyn Fn(Usage) -> f64| {
        let values: Vec<f64> = moment.past.iter().filter_map(|past| past.usage).map(of).collect();
        let bars = bars::line(&values, BARS);
        if bars.is_empty() { bars } else { format!(" {bars}") }
    };
    let plain = Style::new();
    let mut parts = Vec::new();
    let mut part = |name: &str, value: Option<String>, bars: String| {
        parts.extend(value.map(|value| (format!("{name} {value}{bars}"), plain)));
    };
    match moment.usage {
        Some(usage) => {
            part("memory", Some(bytes(usage.rss)), over_time(&|usage| usage.rss as f64));
            part("cpu", usage.cpu.map(core), over_time(&|usage| usage.cpu.unwrap_or(0.0)));
            part("threads", Some(count(usage.threads)), String::new());
        }
        None => {
            part("memory", monitored(Metric::Rss), String::new());
            part("cpu", monitored(Metric::Cpu), String::new());
            part("threads", monitored(Metric::Threads), String::new());
        }
    }
    let heap = moment.snapshot.heap;
    part("heap", heap.map(|heap| bytes(heap.live_bytes)).or_else(|| monitored(Metric::Heap)), String::new());
    if parts.is_empty() {
        return Vec::new();
    }
    vec![Line::from(joined(parts, room, paint).0)]
}

/// A share of one core, as text.
pub(super) fn core(share_of_one: f64) -> String {
    share((share_of_one.max(0.0) * 1e6).round() as u64, 1_000_000)
}

/// Warnings, the most urgent first.
pub(super) fn warnings(moment: &Moment, paint: Paint, room: usize) -> Vec<Line<'static>> {
    let mut warnings = Vec::new();
    if let Some(problem) = &moment.problem {
        warnings.push((format!("{problem}; the values below are the last ones read"), paint.hot()));
    }
    for deadlock in &moment.snapshot.deadlocks {
        let described = deadlocks::described(&moment.snapshot, deadlock);
        warnings.push((format!("deadlock: {described}"), paint.hot()));
    }
    for alert in moment.snapshot.monitor.iter().flat_map(|monitor| &monitor.alerts) {
        if let Some(event) = alert.events.last().filter(|event| event.cleared_ns.is_none()) {
            let ago = duration(moment.snapshot.process.recorded_ns.saturating_sub(event.at_ns));
            let worst = figure(alert.unit, event.worst);
            warnings.push((format!("alert {}: raised {ago} ago, worst {worst}", escape(&alert.rule)), paint.hot()));
        }
    }
    let losses = &moment.snapshot.losses;
    for (calls, fate) in [
        (losses.lost_calls, "could not be recorded"),
        (losses.overflow_calls, "missing from the table, because the recording is full; raise PERF_CAPACITY"),
        (losses.unbucketed_calls, "missing from the percentiles, because the recording is full; raise PERF_CAPACITY"),
    ] {
        if calls > 0 {
            warnings.push((format!("{} {} {fate}", count(calls), plural(calls, "call", "calls")), paint.warm()));
        }
    }
    if let Some(damage) = moment.damages.first() {
        let more = moment.damages.len() - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        warnings.push((format!("damaged: {}{more}", escape(damage)), paint.warm()));
    }
    warnings
        .into_iter()
        .map(|(text, style)| {
            let cut = crate::view::text::cut(&format!("! {text}"), room);
            Line::from(Span::styled(cut, style))
        })
        .collect()
}

/// The panes, each with its number of rows, and at the right the time that the values cover.
pub(super) fn tabs(moment: &Moment, chosen: &Chosen, paint: Paint, room: usize) -> Line<'static> {
    let numbers = [
        Some(moment.activities.iter().filter(|row| row.calls > 0 || row.in_flight > 0).count()),
        Some(moment.snapshot.in_flight.len()),
        Some(moment.snapshot.resources.len()),
        None,
        None,
    ];
    let names = ["functions", "in flight", "resources", "process", "stacks"];
    let (mut spans, mut used) = (Vec::new(), 0);
    for (pane, (name, number)) in Pane::ALL.into_iter().zip(names.into_iter().zip(numbers)) {
        let number = number.map_or(String::new(), |number| format!(" {}", count(number as u64)));
        let is_shown = pane == chosen.pane && !chosen.help;
        let text = format!(" {name}{number} ");
        if used + width(&text) > room {
            break;
        }
        used += width(&text) + 1;
        let style = if is_shown { paint.strong().patch(paint.selected()) } else { paint.faint() };
        spans.extend([Span::styled(text, style), " ".into()]);
    }
    if let Some(over) = over(moment).into_iter().find(|over| used + width(over) <= room) {
        spans.push(" ".repeat(room - used - width(&over)).into());
        spans.push(Span::styled(over, paint.faint()));
    }
    Line::from(spans)
}

/// The time that the values cover, in many words and in few.
pub(super) fn over(moment: &Moment) -> [String; 2] {
    match (moment.rates_ns, moment.recent_ns) {
        (None, _) => ["values of the whole recording", "of the whole"].map(str::to_owned),
        (Some(rates), None) => [format!("rates of {} · percentiles of all", duration(rates)), duration(rates)],
        (Some(rates), Some(recent)) => {
            let (rates, recent) = (duration(rates), duration(recent));
            [format!("rates of {rates} · percentiles of {recent}"), format!("of {rates} and {recent}")]
        }
    }
}

/// The keys, or the filter while the user types it.
pub(super) fn foot(chosen: &Chosen, paint: Paint, room: usize) -> Line<'static> {
    let filter = escape(chosen.filter.text());
    if chosen.typing.is_some() {
        let help = "  Enter keeps it, Esc cancels";
        let help = if width(&filter) + width(help) + 2 <= room { help } else { "" };
        let shown = crate::view::text::cut_front(&filter, room.saturating_sub(2));
        return Line::from(vec![
            Span::styled("/", paint.head()),
            Span::styled(shown, paint.strong()),
            Span::styled(" ", paint.selected()),
            Span::styled(help, paint.faint()),
        ]);
    }
    let mut spans = Vec::new();
    let mut used = 0;
    if !chosen.filter.is_empty() {
        let text = shorten(&format!("filter {filter}"), room / 2).into_owned();
        used = width(&text) + 2;
        spans.extend([Span::styled(text, paint.warm()), "  ".into()]);
    }
    let keys: &[(&str, &str)] = match (chosen.help || chosen.detail.is_some(), chosen.pane) {
        (true, _) => {
            &[("q", "quit"), ("Esc", "back"), ("↑↓", "scroll"), ("Tab", "panes"), ("p", "pause"), ("?", "help")]
        }
        (_, Pane::Functions) => &[
            ("q", "quit"),
            ("?", "help"),
            ("/", "filter"),
            ("s", "sort"),
            ("Enter", "detail"),
            ("Tab", "panes"),
            ("p", "pause"),
            ("r", "reverse"),
            ("+-", "interval"),
            ("z", "new window"),
        ],
        _ => &[("q", "quit"), ("?", "help"), ("/", "filter"), ("Enter", "detail"), ("Tab", "panes"), ("p", "pause")],
    };
    for &(key, action) in keys {
        let needed = width(key) + 1 + width(action) + 2;
        if used + needed > room + 2 {
            break;
        }
        used += needed;
        spans.extend([Span::styled(key, paint.head()), Span::styled(format!(" {action}  "), paint.faint())]);
    }
    Line::from(spans)
}
