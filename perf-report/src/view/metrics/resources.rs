//! The metrics of lazy resources.

use super::{
    family::{Families, Family, Value},
    labels::Labels,
};
use crate::{ResourceState, Snapshot};

/// The states and the label that stands for each.
const STATES: [(ResourceState, &str); 6] = [
    (ResourceState::Declared, "declared"),
    (ResourceState::Initialising, "initialising"),
    (ResourceState::Ready, "ready"),
    (ResourceState::Failed, "failed"),
    (ResourceState::Evicted, "evicted"),
    (ResourceState::ShutDown, "shut_down"),
];

pub(super) fn collect<'a>(snapshot: &'a Snapshot, labels: &Labels, families: &mut Families<'a>) {
    let mut seen: Vec<&str> = Vec::new();
    for resource in &snapshot.resources {
        // Names should be unique; of two that are not, the first counts, since two equal series are an error to a reader.
        if seen.contains(&resource.name.as_str()) {
            continue;
        }
        seen.push(&resource.name);
        let labels = labels.with([("resource", &resource.name)]);
        for (state, name) in STATES {
            families.add(Family::ResourceState, &labels, Some(("state", name)), resource.state == state);
        }
        families.add(Family::ResourceInits, &labels, None, resource.initialisations);
        families.add(Family::ResourceFailures, &labels, None, resource.failures);
        families.add(Family::ResourceInitTime, &labels, None, Value::Ns(resource.last_init_ns));
        families.add(Family::ResourceWaits, &labels, None, resource.waited);
        if let Some(accesses) = resource.accesses {
            families.add(Family::ResourceAccesses, &labels, None, accesses);
            families.add(Family::ResourceLeases, &labels, None, resource.leases);
        }
        if resource.evictable {
            families.add(Family::ResourceEvictions, &labels, None, resource.evictions);
            families.add(Family::ResourceFreed, &labels, None, resource.freed);
        }
        families.add(Family::ResourceWeight, &labels, None, resource.weight);
        if let Some(idle) = resource.idle_ns {
            families.add(Family::ResourceIdle, &labels, None, Value::Ns(idle));
        }
        if let Some(healthy) = resource.healthy {
            families.add(Family::ResourceHealthy, &labels, None, healthy);
        }
    }
}
