//! The metrics of alerts.

use super::{
    family::{Families, Family},
    labels::Labels,
};
use crate::{Snapshot, State};

pub(super) fn collect<'a>(snapshot: &'a Snapshot, labels: &Labels, families: &mut Families<'a>) {
    let running = snapshot.process.state == State::Running;
    let alerts = snapshot.monitor.iter().flat_map(|monitor| &monitor.alerts);
    // A rule that was given twice is two alerts, and one series.
    let mut seen: Vec<&str> = Vec::new();
    for alert in alerts {
        if seen.contains(&alert.rule.as_str()) {
            continue;
        }
        seen.push(&alert.rule);
        let labels = labels.with([("rule", &alert.rule)]);
        let active = running && alert.events.last().is_some_and(|event| event.cleared_ns.is_none());
        families.add(Family::AlertRaised, &labels, None, alert.raised);
        families.add(Family::AlertActive, &labels, None, active);
        families.add(Family::AlertDropped, &labels, None, alert.dropped);
    }
}
