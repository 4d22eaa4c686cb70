//! The process over time, from its own monitor or else as seen by this command.

use ratatui::text::{Line, Span};

use super::{Paint, bars, head::core};
use crate::{
    Snapshot,
    command::live::{Moment, Usage},
    monitor::{ChannelSeries, Metric, Monitor, Range, Series, Unit},
    view::{
        sizes::capacity,
        text::{escape, plural, width, wrap},
        timeline::{figure, told as sentence},
        units::{bytes, cost, count, duration, share},
    },
};

/// Height of memory and processor time.
const TALL: usize = 3;

/// Width of the names.
const NAMES: usize = 16;

pub(super) fn lines(moment: &Moment, paint: Paint, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    match &moment.snapshot.monitor {
        Some(monitor) => monitored(&mut lines, monitor, &moment.snapshot, paint, room),
        None => seen(&mut lines, moment, paint, room),
    }
    if let Some(heap) = moment.snapshot.heap {
        let text = format!(
            "Heap: {} live, highest {}; {} allocations of {} in all, {} freed.",
            bytes(heap.live_bytes),
            bytes(heap.peak_bytes),
            count(heap.allocations),
            bytes(heap.allocated_bytes),
            count(heap.frees)
        );
        paragraph(&mut lines, &text, room);
    }
    for alert in moment.snapshot.monitor.iter().flat_map(|monitor| &monitor.alerts) {
        paragraph(&mut lines, &sentence(alert), room);
    }
    let losses = &moment.snapshot.losses;
    let overhead = &moment.snapshot.overhead;
    let text = format!(
        "The recording uses {} of {} ({}). A timed call costs {}. Reading the recording took {} here.",
        bytes(losses.used_bytes),
        bytes(losses.capacity_bytes),
        share(losses.used_bytes, losses.capacity_bytes),
        cost(overhead.ns_per_timed_call),
        duration(u64::try_from(moment.took.as_nanos()).unwrap_or(u64::MAX))
    );
    paragraph(&mut lines, &text, room);
    lines
}

fn monitored(lines: &mut Vec<Line<'static>>, monitor: &Monitor, snapshot: &Snapshot, paint: Paint, room: usize) {
    let told = |unit, value: Option<u64>| value.map_or_else(|| "–".into(), |value| figure(unit, value as f64));
    let highest =
        |values: &[Option<Range>]| values.iter().map(|range| range.map_or(0.0, |range| range.max as f64)).collect();
    let texts = |series: &Series| {
        let value = |value| told(series.metric.unit(), value);
        let (last, mean) = (value(series.last()), value(series.mean(&monitor.spans)));
        [last, format!("mean {mean}"), format!("highest {}", value(series.highest()))]
    };
    // A pressure that was always 0 is not worth a line.
    let shown = |series: &&Series| {
        let metric = series.metric;
        let pressure = matches!(metric, Metric::MemoryPressure | Metric::CpuPressure | Metric::MajorFaults);
        !pressure || series.highest() > Some(0)
    };
    let metrics = monitor.series.iter().filter(shown).map(|series| Plot {
        name: escape(series.metric.name()),
        values: highest(&series.values),
        texts: texts(series),
        tall: matches!(series.metric, Metric::Rss | Metric::Cpu),
    });
    // The messages that wait, where any did: the deepest channel first.
    let mut channels: Vec<&ChannelSeries> = monitor.channels.iter().filter(|one| one.highest() > Some(0)).collect();
    channels.sort_by_key(|channel| std::cmp::Reverse(channel.highest()));
    let channels = channels.into_iter().map(|channel| {
        let value = |value| told(Unit::Count, value);
        let room = capacity(snapshot, &channel.name).map_or_else(String::new, |room| format!(" of {}", count(room)));
        let (last, mean) = (value(channel.last()), value(channel.mean(&monitor.spans)));
        let texts = [format!("{last}{room}"), format!("mean {mean}"), format!("highest {}", value(channel.highest()))];
        Plot { name: escape(&channel.name), values: highest(&channel.values), texts, tall: false }
    });
    let rows: Vec<Plot> = metrics.chain(channels).collect();
    plots(lines, &rows, paint, room);
    let time = monitor.spans.iter().fold(0_u64, |sum, span| sum.saturating_add(span.length_ns));
    let text = format!(
        "{} seen by the process's own monitor, in {} {}.",
        duration(time),
        count(monitor.samples),
        plural(monitor.samples, "sample", "samples")
    );
    lines.push(Line::from(Span::styled(text, paint.faint())));
}

fn seen(lines: &mut Vec<Line<'static>>, moment: &Moment, paint: Paint, room: usize) {
    let plot = |name: &str, of: &dyn Fn(Usage) -> f64, text: &dyn Fn(f64) -> String, tall| {
        let values: Vec<f64> = moment.past.iter().filter_map(|past| past.usage).map(of).collect();
        let highest = values.iter().copied().fold(0.0, f64::max);
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        let last = values.last().copied().unwrap_or(0.0);
        let texts = [text(last), format!("mean {}", text(mean)), format!("highest {}", text(highest))];
        Plot { name: name.into(), values, texts, tall }
    };
    let rows = [
        plot("memory", &|usage| usage.rss as f64, &|value| bytes(value as u64), true),
        plot("cpu", &|usage| usage.cpu.unwrap_or(0.0), &core, true),
        plot("threads", &|usage| usage.threads as f64, &|value| count(value.round() as u64), false),
    ];
    if rows[0].values.is_empty() {
        paragraph(
            lines,
            "Memory and processor time are unknown: the process has ended, or belongs to another user.",
            room,
        );
    } else {
        plots(lines, &rows, paint, room);
        paragraph(lines, "Seen by this command since it started.", room);
    }
    paragraph(
        lines,
        "For more, and since the program's start, build it with the feature `monitor` and set PERF_MONITOR=1s.",
        room,
    );
}

/// A value over time.
struct Plot {
    name: String,
    values: Vec<f64>,
    texts: [String; 3],
    tall: bool,
}

fn plots(lines: &mut Vec<Line<'static>>, plots: &[Plot], paint: Paint, room: usize) {
    let names = NAMES.min(room / 4);
    let widths = [0, 1, 2].map(|place| plots.iter().map(|plot| width(&plot.texts[place])).max().unwrap_or(0));
    // The bars keep a third of the room; values that do not fit are left out, the last ones first.
    let figures = (0..=3).rev().find(|&figures| {
        let needed: usize = widths[..figures].iter().map(|width| width + 2).sum();
        names + needed + room / 3 <= room
    });
    let figures = figures.unwrap_or(0);
    let taken: usize = widths[..figures].iter().map(|width| width + 2).sum();
    let columns = room.saturating_sub(names + 1 + taken);
    for plot in plots {
        let height = if plot.tall { TALL } else { 1 };
        let chart = bars::chart(&bars::squeeze(&plot.values, columns), columns, height);
        for (line, bars) in chart.into_iter().enumerate() {
            // Names and values stand beside the lowest line.
            let last = line + 1 == height;
            let name = if last { plot.name.as_str() } else { "" };
            let name: String = name.chars().take(names).collect();
            let mut spans = vec![
                Span::styled(format!("{name:names$} "), paint.strong()),
                Span::styled(format!("{bars:columns$}"), paint.bars()),
            ];
            if last {
                let figures = plot.texts.iter().zip(widths).take(figures);
                spans.extend(figures.map(|(text, width)| Span::raw(format!("  {text:width$}"))));
            }
            lines.push(Line::from(spans));
        }
    }
}

fn paragraph(lines: &mut Vec<Line<'static>>, text: &str, room: usize) {
    lines.extend(wrap(text, "• ", Some(room)).lines().map(|line| Line::from(line.to_owned())));
}
