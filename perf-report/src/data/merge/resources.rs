//! Resources of many processes: each has its own value of each, so what is told of all is how often and how long at most.

use std::collections::HashMap;

use crate::{Dependency, Resource, ResourceState, Teardown, TeardownOutcome};

use super::add;

/// Adds resources up by name. `function` tells where a function of theirs stands in the sum.
pub(super) fn add_resources(
    sum: &mut Vec<Resource>,
    places: &mut HashMap<String, usize>,
    more: Vec<Resource>,
    function: impl Fn(usize) -> Option<usize>,
) {
    let indices: Vec<usize> = more
        .iter()
        .map(|resource| {
            *places.entry(resource.name.clone()).or_insert_with(|| {
                sum.push(Resource::new(resource.name.clone()));
                sum.len() - 1
            })
        })
        .collect();
    for (resource, &at) in more.into_iter().zip(&indices) {
        let place = |index: usize| indices.get(index).copied();
        add_resource(&mut sum[at], resource, &function, place);
    }
}

fn add_resource(
    sum: &mut Resource,
    more: Resource,
    function: impl Fn(usize) -> Option<usize>,
    place: impl Fn(usize) -> Option<usize>,
) {
    // Named one by one, so that what is added to a resource cannot be forgotten here.
    let Resource {
        name: _,
        function: index,
        state,
        evictable,
        asynchronous,
        initialisations,
        failures,
        waited,
        first_use_ns,
        first_init_ns,
        last_init_ns,
        accesses,
        leases,
        weight,
        idle_ns,
        evictions,
        freed,
        teardown,
        order,
        healthy,
        dependencies,
        more_dependencies,
    } = more;
    sum.function = sum.function.or_else(|| index.and_then(function));
    // One that failed somewhere is the one to look at; else what became of it where it was used.
    if sum.state == ResourceState::Declared || state == ResourceState::Failed {
        sum.state = state;
    }
    sum.evictable |= evictable;
    sum.asynchronous |= asynchronous;
    for (sum, more) in [
        (&mut sum.initialisations, initialisations),
        (&mut sum.failures, failures),
        (&mut sum.waited, waited),
        (&mut sum.leases, leases),
        (&mut sum.weight, weight),
        (&mut sum.evictions, evictions),
        (&mut sum.freed, freed),
    ] {
        add(sum, more);
    }
    sum.first_init_ns = sum.first_init_ns.max(first_init_ns);
    sum.last_init_ns = sum.last_init_ns.max(last_init_ns);
    sum.first_use_ns = either(sum.first_use_ns, first_use_ns, u64::min);
    sum.accesses = either(sum.accesses, accesses, u64::saturating_add);
    sum.idle_ns = either(sum.idle_ns, idle_ns, u64::min);
    sum.teardown = either(sum.teardown, teardown, |a, b| Teardown {
        outcome: if severity(b.outcome) > severity(a.outcome) { b.outcome } else { a.outcome },
        ns: a.ns.max(b.ns),
    });
    sum.order = sum.order.or(order);
    sum.healthy = either(sum.healthy, healthy, |a, b| a && b);
    // Which they are is unknown, so those of several processes may be the same.
    sum.more_dependencies = sum.more_dependencies.max(more_dependencies);
    for dependency in dependencies {
        let Some(resource) = place(dependency.resource) else { continue };
        match sum.dependencies.iter_mut().find(|known| known.resource == resource) {
            Some(known) => {
                known.declared |= dependency.declared;
                known.learnt |= dependency.learnt;
            }
            None => sum.dependencies.push(Dependency { resource, ..dependency }),
        }
    }
}

fn either<T>(a: Option<T>, b: Option<T>, both: impl Fn(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(a, b)),
        (a, b) => a.or(b),
    }
}

fn severity(outcome: TeardownOutcome) -> u8 {
    match outcome {
        TeardownOutcome::Done => 0,
        TeardownOutcome::Leased => 1,
        TeardownOutcome::GivenUp => 2,
        TeardownOutcome::Panicked => 3,
    }
}
