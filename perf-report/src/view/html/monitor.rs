//! The process over time, for the page: a value per span and metric, and the alerts.

use serde::{Serialize, Serializer};

use super::level;
use crate::{
    monitor::{Action, Alert, ChannelSeries, Monitor, Raised, Range, Series, Unit},
    view::{text::escape, timeline},
};

/// The timeline. Times are counted from the beginning of the recording, in ns.
#[derive(Serialize)]
pub(super) struct Timeline {
    interval: u64,
    samples: u64,
    /// Time that taking them took.
    sampling: u64,
    cores: u32,
    /// Where the first span begins, and where each ends.
    begin: u64,
    ends: Vec<u64>,
    series: Vec<Line>,
    alerts: Vec<Watch>,
}

/// A metric over time.
#[derive(Serialize)]
struct Line {
    metric: String,
    unit: Unit,
    highest: u64,
    last: u64,
    mean: u64,
    values: Vec<Option<Value>>,
}

/// Lowest, mean and highest value of a span; one number where they are the same.
struct Value(Range);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Range { min, mean, max, .. } = self.0;
        if min == max { mean.serialize(serializer) } else { [min, mean, max].serialize(serializer) }
    }
}

/// An alert and what came of it.
#[derive(Serialize)]
struct Watch {
    rule: String,
    /// The metric it watches and the levels at which it is raised and cleared, as far as its rule says so plainly.
    level: Option<level::Level>,
    raised: u64,
    /// Messages that were not delivered.
    dropped: u64,
    /// The last times that it was raised.
    events: Vec<Event>,
}

/// One time that it was raised.
#[derive(Serialize)]
struct Event {
    at: u64,
    cleared: Option<u64>,
    /// When it was, for how long, and what was done.
    told: String,
    actions: Vec<Deed>,
}

/// The actions that were taken.
#[derive(Serialize)]
struct Deed {
    at: u64,
    kind: &'static str,
    told: String,
}

impl Timeline {
    pub(super) fn of(monitor: &Monitor) -> Timeline {
        let begin = monitor.spans.first().map_or(0, |span| span.end_ns.saturating_sub(span.length_ns));
        let line = |series: &Series| Line {
            metric: series.metric.name().into(),
            unit: series.metric.unit(),
            highest: series.highest().unwrap_or(0),
            last: series.last().unwrap_or(0),
            mean: series.mean(&monitor.spans).unwrap_or(0),
            values: series.values.iter().map(|value| value.map(Value)).collect(),
        };
        let channel = |channel: &ChannelSeries| Line {
            metric: format!("waiting in {}", escape(&channel.name)),
            unit: Unit::Count,
            highest: channel.highest().unwrap_or(0),
            last: channel.last().unwrap_or(0),
            mean: channel.mean(&monitor.spans).unwrap_or(0),
            values: channel.values.iter().map(|value| value.map(Value)).collect(),
        };
        let seen = monitor.series.iter().filter(|series| series.highest().is_some());
        Timeline {
            interval: monitor.interval_ns,
            samples: monitor.samples,
            sampling: monitor.sampling_ns,
            cores: monitor.cores,
            begin,
            ends: monitor.spans.iter().map(|span| span.end_ns).collect(),
            series: seen.map(line).chain(monitor.channels.iter().map(channel)).collect(),
            alerts: monitor.alerts.iter().map(|alert| Watch::of(alert, monitor)).collect(),
        }
    }
}

impl Watch {
    fn of(alert: &Alert, monitor: &Monitor) -> Watch {
        Watch {
            rule: escape(&alert.rule),
            level: level::of(&alert.rule, monitor),
            raised: alert.raised,
            dropped: alert.dropped,
            events: alert.events.iter().map(|event| Event::of(alert, event)).collect(),
        }
    }
}

impl Event {
    fn of(alert: &Alert, event: &Raised) -> Event {
        let deed =
            |action: &Action| Deed { at: action.at_ns, kind: action.kind.name(), told: timeline::told_action(action) };
        Event {
            at: event.at_ns,
            cleared: event.cleared_ns,
            told: timeline::told_event(alert.unit, event),
            actions: event.actions.iter().map(deed).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn a_span_of_one_value_is_one_number() {
        let value = |min, mean, max| Some(Value(Range { min, mean, max, last: 9 }));
        assert_eq!(json::to_text(&[value(3, 3, 3), None, value(1, 2, 4)]), "[3,null,[1,2,4]]");
    }
}
