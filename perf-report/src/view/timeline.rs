//! The process over time: a line of small bars for memory and for processor time, then the alerts.

use super::{
    Style,
    text::{escape, plural, width, wrap},
    units::{bytes, count, duration, share},
};
use crate::{
    Snapshot,
    monitor::{Action, ActionKind, Alert, ChannelSeries, Metric, Monitor, Raised, Range, Series, Span, Unit},
};

/// Metrics that have a line.
const SHOWN: [Metric; 7] = [
    Metric::Rss,
    Metric::Heap,
    Metric::Cpu,
    Metric::MemoryPressure,
    Metric::TokioTasks,
    Metric::TokioQueue,
    Metric::TokioBusy,
];

/// Bars of a line, at most and at least.
const BARS: std::ops::RangeInclusive<usize> = 16..=60;

/// Occasions of an alert that are listed one by one.
const TOLD: usize = 3;

/// Lines for the timeline and for each alert; nothing if the process was not monitored.
pub(super) fn render(snapshot: &Snapshot, style: &Style) -> String {
    let Some(monitor) = &snapshot.monitor else { return String::new() };
    let mut out = lines(monitor, style);
    for alert in &monitor.alerts {
        out += &wrap(&told(alert), "! ", style.width);
    }
    out
}

fn lines(monitor: &Monitor, style: &Style) -> String {
    let shown = SHOWN.iter().filter_map(|&metric| monitor.series.iter().find(|series| series.metric == metric));
    // Pressure is worth a line where there was any.
    let shown = shown.filter(|series| series.metric != Metric::MemoryPressure || series.highest() > Some(0));
    let shown = shown.map(|series| (&*series.values, label(series.metric).to_owned(), summary(series, monitor)));
    // As pressure is.
    let channels = monitor.channels.iter().filter(|channel| channel.highest() > Some(0));
    let channels = channels.map(|channel| (&*channel.values, escape(&channel.name), waiting(channel, monitor)));
    let rows: Vec<_> = shown.chain(channels).collect();
    let [labels, summaries] = [rows.iter().map(|row| width(&row.1)).max(), rows.iter().map(|row| width(&row.2)).max()]
        .map(Option::unwrap_or_default);
    let room = style.width.unwrap_or(100).saturating_sub(labels + summaries + 4);
    let columns = room.clamp(*BARS.start(), *BARS.end());
    let mut out = String::new();
    for (values, label, summary) in rows {
        let bars = sparkline(values, &monitor.spans, columns);
        out += &format!(
            "{:labels$}  {}  {summary}\n",
            style.bold(&label),
            bars,
            labels = style.bold(&label).len() + labels - width(&label)
        );
    }
    if !out.is_empty() {
        let time: u64 = monitor.spans.iter().fold(0, |sum, span| sum.saturating_add(span.length_ns));
        let samples = format!("{} {}", count(monitor.samples), plural(monitor.samples, "sample", "samples"));
        let each = duration(monitor.sampling_ns.checked_div(monitor.samples).unwrap_or(0));
        out += &style.dim(&format!("{:labels$}  {} · {samples} of {each}", "", duration(time)));
        out.push('\n');
    }
    out
}

fn label(metric: Metric) -> &'static str {
    match metric {
        Metric::Rss => "memory",
        Metric::MemoryPressure => "pressure",
        Metric::TokioTasks => "tokio: tasks",
        Metric::TokioQueue => "tokio: queue",
        Metric::TokioBusy => "tokio: busy",
        metric => metric.name(),
    }
}

fn summary(series: &Series, monitor: &Monitor) -> String {
    let unit = series.metric.unit();
    let told = |value: Option<u64>| figure(unit, value.unwrap_or(0) as f64);
    let highest = series.highest().into_iter();
    // The system's own peak also counts what lies between two samples.
    let peak = monitor.series.iter().find(|other| (series.metric, other.metric) == (Metric::Rss, Metric::PeakRss));
    let highest = highest.chain(peak.and_then(Series::highest)).max();
    match series.metric.unit() {
        Unit::Bytes => format!("highest {}, last {}", told(highest), told(series.last())),
        _ => format!("highest {}, mean {}", told(highest), told(series.mean(&monitor.spans))),
    }
}

/// Of the messages that waited in a channel.
fn waiting(channel: &ChannelSeries, monitor: &Monitor) -> String {
    let told = |value: Option<u64>| count(value.unwrap_or(0));
    format!("highest {}, mean {}", told(channel.highest()), told(channel.mean(&monitor.spans)))
}

/// A bar per period, by its highest value; a space where there is none. The scale begins at 0.
fn sparkline(values: &[Option<Range>], spans: &[Span], columns: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return String::new() };
    let begin = first.end_ns.saturating_sub(first.length_ns);
    let whole = last.end_ns.saturating_sub(begin).max(1);
    let columns = columns.min(spans.len());
    let column = |ns: u64| {
        let place = u128::from(ns.saturating_sub(begin).min(whole)) * columns as u128 / u128::from(whole);
        (place as usize).min(columns - 1)
    };
    let mut highest = vec![None; columns];
    for (span, range) in spans.iter().zip(values) {
        let Some(range) = range else { continue };
        for place in
            &mut highest[column(span.end_ns.saturating_sub(span.length_ns))..=column(span.end_ns.saturating_sub(1))]
        {
            *place = (*place).max(Some(range.max));
        }
    }
    let top = values.iter().flatten().map(|range| range.max).max().unwrap_or(0).max(1);
    let bar = |value: u64| BARS[(u128::from(value) * 8 / u128::from(top)).min(7) as usize];
    highest.into_iter().map(|value| value.map_or(' ', bar)).collect()
}

/// A value in its unit.
pub(crate) fn figure(unit: Unit, value: f64) -> String {
    let whole = value.max(0.0).round() as u64;
    match unit {
        Unit::Bytes => bytes(whole),
        Unit::BytesPerSecond => format!("{}/s", bytes(whole)),
        Unit::Ppm => share(whole, 1_000_000),
        Unit::Count => count(whole),
        Unit::PerSecond if value < 100.0 => format!("{value:.1}/s"),
        Unit::PerSecond => format!("{}/s", count(whole)),
        Unit::Nanoseconds => duration(whole),
    }
}

/// An alert: its rule, and when it was raised.
pub(crate) fn told(alert: &Alert) -> String {
    let rule = escape(&alert.rule);
    if alert.raised == 0 {
        return match alert.impossible {
            Some(why) => format!("Alert {rule}: can't be raised, because {why}."),
            None => format!("Alert {rule}: never raised."),
        };
    }
    let mut text = format!("Alert {rule}: raised {} {}", count(alert.raised), plural(alert.raised, "time", "times"));
    let older = alert.events.len().saturating_sub(TOLD);
    let all_told = alert.raised == (alert.events.len() - older) as u64;
    for (number, event) in alert.events[older..].iter().enumerate() {
        text += if number == 0 && !all_told { ", latest " } else { "; " };
        text += &told_event(alert.unit, event);
    }
    if alert.dropped > 0 {
        text += &format!(
            "; {} {} dropped because the queue was full",
            count(alert.dropped),
            plural(alert.dropped, "notification was", "notifications were")
        );
    }
    text + "."
}

pub(super) fn told_event(unit: Unit, event: &Raised) -> String {
    let mut text = format!("after {}", duration(event.at_ns));
    text += &match event.cleared_ns {
        Some(cleared) => format!(" for {}", duration(cleared.saturating_sub(event.at_ns))),
        None => ", not cleared".into(),
    };
    text += &format!(", worst {}", figure(unit, event.worst));
    for action in &event.actions {
        text += &format!(", {}", told_action(action));
    }
    if event.more_actions > 0 {
        text += &format!(" and {} more {}", event.more_actions, plural(event.more_actions, "action", "actions"));
    }
    text
}

pub(super) fn told_action(action: &Action) -> String {
    let name = match action.kind {
        ActionKind::Evict => "evicted",
        ActionKind::Trim => "trimmed",
        ActionKind::Snapshot => "wrote a snapshot",
        ActionKind::Call => "called",
        ActionKind::Trace => "traced calls",
    };
    let mut text = name.to_owned();
    if let Some(freed) = action.freed.filter(|&freed| freed > 0) {
        text += &format!(" {}", bytes(freed));
    }
    match action.took_ns {
        Some(ns) => text += &format!(" in {}", duration(ns)),
        None => text += " (did not finish)",
    }
    if !action.done {
        text += " (failed)";
    }
    let memory = matches!(action.kind, ActionKind::Evict | ActionKind::Trim);
    if let (Some(before), Some(after), true) = (action.rss_before, action.rss_after, memory) {
        text += &format!(" (memory {} → {})", bytes(before), bytes(after));
    }
    text
}
