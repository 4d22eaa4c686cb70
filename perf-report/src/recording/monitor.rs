//! Reads what the monitor recorded: the timeline and the alerts.

use std::collections::HashSet;

use super::{
    blocks::{Block, Blocks},
    layout::{
        WORD_BYTES,
        alert::{self, action, event},
        header, monitor,
    },
};
use crate::{
    Heap,
    monitor::{
        Action, ActionKind, Alert, ChannelSeries, Impossible, Metric, Monitor, Raised, Range, Series, Span, Unit,
    },
};

/// The monitor's block, if there is one.
pub(super) fn read(head: &Block<'_>, blocks: &mut Blocks<'_>) -> Option<Monitor> {
    let offset = head.get(header::MONITOR);
    if offset == 0 {
        return None;
    }
    let block = blocks.claim(header::MONITOR, 0, offset, monitor::LEN as u64, "block of the monitor")?;
    let Timeline { spans, series, channels } = timeline(&block, blocks).unwrap_or_default();
    Some(Monitor {
        interval_ns: block.get(monitor::INTERVAL_NS),
        samples: block.get(monitor::SAMPLES),
        sampling_ns: block.get(monitor::SAMPLING_NS),
        cores: u32::try_from(block.get(monitor::CORES)).unwrap_or(u32::MAX),
        memory_bytes: block.get(monitor::MEMORY_BYTES),
        spans,
        series,
        channels,
        alerts: alerts(&block, blocks),
    })
}

/// The counting allocator's figures, if it is installed.
pub(super) fn heap(head: &Block<'_>) -> Option<Heap> {
    let heap = Heap {
        live_bytes: head.get(header::HEAP_LIVE),
        peak_bytes: head.get(header::HEAP_PEAK),
        allocations: head.get(header::HEAP_ALLOCATIONS),
        allocated_bytes: head.get(header::HEAP_ALLOCATED),
        frees: head.get(header::HEAP_FREES),
    };
    (heap != Heap::default()).then_some(heap)
}

#[derive(Default)]
struct Timeline {
    spans: Vec<Span>,
    series: Vec<Series>,
    channels: Vec<ChannelSeries>,
}

fn timeline(block: &Block<'_>, blocks: &mut Blocks<'_>) -> Option<Timeline> {
    let active = block.get(monitor::ACTIVE);
    let (area, count) = ((active >> 32) as usize, active & u64::from(u32::MAX));
    let (points, metrics) = (block.get(monitor::POINTS), block.get(monitor::METRICS));
    if area > 1 || count > points {
        let at = block.at + monitor::ACTIVE;
        blocks.damage(at, || format!("the timeline has no area {area} of {count} points, but two of {points}"));
        return None;
    }
    let lines = metrics.saturating_add(block.get(monitor::CHANNELS));
    let point_len = lines.saturating_mul(monitor::METRIC_LEN as u64).saturating_add(monitor::POINT_METRICS as u64);
    let pointer = block.at + monitor::AREAS + area;
    let offset = block.get(monitor::AREAS + area);
    if offset == 0 || count == 0 {
        return None;
    }
    let area = blocks.claim(pointer, block.at, offset, points.saturating_mul(point_len), "timeline")?;
    let points = || area.words.chunks_exact(point_len as usize).take(count as usize);
    let spans = points().map(|point| Span {
        end_ns: point[monitor::POINT_END],
        length_ns: point[monitor::POINT_LENGTH],
        samples: point[monitor::POINT_SAMPLES],
    });
    let values = |line: usize| {
        let at = monitor::POINT_METRICS + line * monitor::METRIC_LEN;
        let values: Vec<_> = points().map(|point| range(&point[at..at + monitor::METRIC_LEN])).collect();
        values.iter().any(Option::is_some).then_some(values)
    };
    let series = Metric::ALL.iter().take(metrics as usize).enumerate();
    let series = series.filter_map(|(line, &metric)| Some(Series { metric, values: values(line)? }));
    let names = channel_names(block, blocks);
    let channels = names.into_iter().filter_map(|(line, name)| Some(ChannelSeries { name, values: values(line)? }));
    Some(Timeline { spans: spans.collect(), series: series.collect(), channels: channels.collect() })
}

/// The lines of a point that are channels, and their names.
fn channel_names(block: &Block<'_>, blocks: &mut Blocks<'_>) -> Vec<(usize, String)> {
    let (metrics, most) = (block.get(monitor::METRICS), block.get(monitor::CHANNELS));
    let mut names: Vec<(usize, String)> = Vec::new();
    let mut taken = HashSet::new();
    let (mut pointer, mut offset) = (block.at + monitor::CHANNEL_LIST, block.get(monitor::CHANNEL_LIST));
    while offset != 0 {
        // Its length stands in it.
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = blocks.peek(at.saturating_add(monitor::CHANNEL_NAME_BYTES)).unwrap_or(0);
        let len = bytes.div_ceil(WORD_BYTES as u64).saturating_add(monitor::CHANNEL_NAME as u64);
        let Some(record) = blocks.claim(pointer, 0, offset, len, "record of a channel over time") else { break };
        let number = record.get(monitor::CHANNEL_NUMBER);
        // Each has a line of its own, so there is no more to keep than the file has.
        if number < most && taken.insert(number) {
            names.push(((metrics + number) as usize, record.text(monitor::CHANNEL_NAME, bytes as usize)));
        } else {
            let at = record.at + monitor::CHANNEL_NUMBER;
            blocks
                .damage(at, || format!("there is no channel {number} among {most} over time, or it was there before"));
        }
        (pointer, offset) = (record.at + monitor::CHANNEL_NEXT, record.get(monitor::CHANNEL_NEXT));
    }
    names.reverse();
    names
}

fn range(words: &[u64]) -> Option<Range> {
    let &[min, mean, max, last] = words else { return None };
    (![min, mean, max, last].contains(&monitor::NONE)).then_some(Range { min, mean, max, last })
}

fn alerts(block: &Block<'_>, blocks: &mut Blocks<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let (mut pointer, mut offset) = (block.at + monitor::ALERTS, block.get(monitor::ALERTS));
    while offset != 0 {
        // Its length stands in it.
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = blocks.peek(at.saturating_add(alert::RULE_BYTES)).unwrap_or(0);
        let len = bytes.div_ceil(WORD_BYTES as u64).saturating_add(alert::RULE as u64);
        let Some(record) = blocks.claim(pointer, 0, offset, len, "record of an alert") else { break };
        let unit = usize::try_from(record.get(alert::UNIT)).ok().and_then(|unit| Unit::ALL.get(unit).copied());
        match unit {
            Some(unit) => alerts.push(describe(&record, unit, bytes as usize)),
            None => blocks.damage(record.at + alert::UNIT, || "an alert has an unknown unit".into()),
        }
        (pointer, offset) = (record.at + alert::NEXT, record.get(alert::NEXT));
    }
    alerts.reverse();
    alerts
}

fn describe(record: &Block<'_>, unit: Unit, rule_bytes: usize) -> Alert {
    let raised = record.get(alert::RAISED);
    let oldest = raised.saturating_sub(alert::EVENTS as u64);
    let events = (oldest..raised).map(|number| {
        let at = alert::RING + (number % alert::EVENTS as u64) as usize * event::LEN;
        raised_at(&record.words[at..at + event::LEN])
    });
    Alert {
        rule: record.text(alert::RULE, rule_bytes),
        unit,
        raised,
        dropped: record.get(alert::DROPPED),
        impossible: usize::try_from(record.get(alert::IMPOSSIBLE))
            .ok()
            .and_then(|number| Impossible::ALL.get(number.checked_sub(1)?).copied()),
        events: events.collect(),
    }
}

fn raised_at(words: &[u64]) -> Raised {
    let finite = |word: usize| Some(f64::from_bits(words[word])).filter(|value| value.is_finite()).unwrap_or(0.0);
    let begun = words[event::ACTIONS];
    let actions = words[event::ACTION..].chunks_exact(action::LEN).take(event::ACTION_COUNT.min(begun as usize));
    let bytes = |bytes: u64| Some(bytes).filter(|&bytes| bytes != monitor::NONE);
    let actions = actions.filter_map(|words| {
        Some(Action {
            kind: *ActionKind::ALL.get(usize::try_from(words[action::KIND]).ok()?)?,
            at_ns: words[action::AT],
            took_ns: words[action::TOOK].checked_sub(1),
            done: words[action::DONE] == 1,
            rss_before: bytes(words[action::BEFORE]),
            rss_after: bytes(words[action::AFTER]),
            freed: bytes(words[action::FREED]),
        })
    });
    Raised {
        at_ns: words[event::AT],
        cleared_ns: Some(words[event::CLEARED]).filter(|&ns| ns != 0),
        value: finite(event::VALUE),
        worst: finite(event::WORST),
        actions: actions.collect(),
        more_actions: begun.saturating_sub(event::ACTION_COUNT as u64),
    }
}
