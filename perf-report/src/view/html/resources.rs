//! The resources of the page: the life of each.

use serde::Serialize;

use crate::{
    Resource,
    view::{resources, text::escape},
};

/// The life of a resource. Times are counted from the start of the process, in ns.
#[derive(Serialize)]
pub(super) struct Life {
    name: String,
    state: &'static str,
    /// Its initialiser among the functions.
    function: Option<usize>,
    first_use: Option<u64>,
    /// How long the first initialisation took, and the last.
    init: u64,
    last_init: u64,
    inits: u64,
    failures: u64,
    /// Accesses that waited for an initialisation.
    waited: u64,
    /// Leases given; none if it gives references, which are not counted.
    accesses: Option<u64>,
    /// Leases that were out at the end.
    leases: u64,
    weight: u64,
    /// How long it had not been used at the end.
    idle: Option<u64>,
    /// Values given up; none if it cannot be.
    evictions: Option<u64>,
    freed: u64,
    teardown: Option<u64>,
    /// How its teardown went, where that was not as it should be.
    trouble: Option<&'static str>,
    healthy: Option<bool>,
    /// Its dependencies: places among the resources, and whether that was only declared.
    uses: Vec<(usize, bool)>,
}

impl Life {
    pub(super) fn of(resource: &Resource) -> Life {
        Life {
            name: escape(&resource.name),
            state: resource.state.name(),
            function: resource.function,
            first_use: resource.first_use_ns,
            init: resource.first_init_ns,
            last_init: resource.last_init_ns,
            inits: resource.initialisations,
            failures: resource.failures,
            waited: resource.waited,
            accesses: resource.accesses,
            leases: resource.leases,
            weight: resource.weight,
            idle: resource.idle_ns,
            evictions: resource.evictable.then_some(resource.evictions),
            freed: resource.freed,
            teardown: resource.teardown.map(|teardown| teardown.ns),
            trouble: resource.teardown.and_then(|teardown| resources::problem(teardown.outcome)),
            healthy: resource.healthy,
            uses: resource.dependencies.iter().map(|it| (it.resource, !it.learnt)).collect(),
        }
    }
}
