//! From the resource records of a recording to [`Resource`]s.

use super::{
    blocks::{Block, Blocks},
    functions::Functions,
    layout::{header, resource},
};
use crate::{Dependency, Resource, ResourceState, Teardown, TeardownOutcome};

/// Reads the resources, in the order of their names.
pub(super) fn read(head: &Block<'_>, blocks: &mut Blocks<'_>, functions: &Functions, now_ns: u64) -> Vec<Resource> {
    let records = records(head, blocks, functions);
    let moments = Moments {
        start_ns: head.get(header::START_MONOTONIC_NS),
        unrecorded_ns: head.get(header::UNRECORDED_NS),
        now_ns,
    };
    let resources = records.iter().map(|(function, record)| {
        let mut resource = resource(record, blocks, moments, functions.list[*function].name.clone());
        resource.function = Some(*function);
        resource.dependencies = dependencies(record, blocks, |site| {
            let function = functions.index_of(site)?;
            records.iter().position(|record| record.0 == function)
        });
        resource
    });
    resources.collect()
}

/// The list of records, each with the index of its initialiser, in the order of their names.
fn records<'a>(head: &Block<'_>, blocks: &mut Blocks<'a>, functions: &Functions) -> Vec<(usize, Block<'a>)> {
    let mut records = Vec::new();
    let (mut pointer, mut offset) = (header::RESOURCES, head.get(header::RESOURCES));
    while offset != 0 {
        let Some(record) = blocks.claim(pointer, 0, offset, resource::LEN as u64, "record of a resource") else {
            break;
        };
        (pointer, offset) = (record.at + resource::NEXT, record.get(resource::NEXT));
        match functions.index_of(record.get(resource::SITE)) {
            Some(function) => records.push((function, record)),
            // Younger than the list of sites in this copy.
            None if blocks.growing() => {}
            None => {
                let site = record.get(resource::SITE);
                blocks.damage(record.at + resource::SITE, || format!("site {site} of a resource does not exist"));
            }
        }
    }
    records.sort_by(|a, b| functions.list[a.0].name.cmp(&functions.list[b.0].name));
    records
}

/// Readings of the monotonic clock, and how long the program had run before the first.
#[derive(Clone, Copy)]
struct Moments {
    start_ns: u64,
    unrecorded_ns: u64,
    now_ns: u64,
}

fn resource(record: &Block<'_>, blocks: &mut Blocks<'_>, moments: Moments, name: String) -> Resource {
    let Moments { start_ns, unrecorded_ns, now_ns } = moments;
    let get = |word| record.get(word);
    let time = |word| Some(get(word)).filter(|&ns| ns != 0);
    let evictable = get(resource::FLAGS) & resource::EVICTABLE != 0;
    let state = state(record, blocks);
    Resource {
        state,
        evictable,
        asynchronous: get(resource::FLAGS) & resource::ASYNC != 0,
        initialisations: get(resource::INITIALISATIONS),
        failures: get(resource::FAILURES),
        waited: get(resource::WAITED),
        // The recorder knows no moment of a use before recording began, only that it came before.
        first_use_ns: time(resource::FIRST_USE).map(|ns| unrecorded_ns.saturating_add(ns).saturating_sub(start_ns)),
        first_init_ns: get(resource::FIRST_INIT_NS),
        last_init_ns: get(resource::LAST_INIT_NS),
        accesses: evictable.then(|| get(resource::ACCESSES)),
        leases: get(resource::LEASES),
        weight: get(resource::WEIGHT),
        idle_ns: time(resource::LAST_USE)
            .filter(|_| evictable && state == ResourceState::Ready && get(resource::LEASES) == 0)
            .map(|ns| now_ns.saturating_sub(ns)),
        evictions: get(resource::EVICTIONS),
        freed: get(resource::FREED),
        teardown: teardown(record, blocks),
        order: time(resource::ORDER),
        healthy: match get(resource::HEALTH) {
            resource::HEALTHY => Some(true),
            resource::UNHEALTHY => Some(false),
            _ => None,
        },
        more_dependencies: get(resource::MORE_DEPENDENCIES),
        ..Resource::new(name)
    }
}

/// The resources that a record names, as far as `index_of` finds the site.
fn dependencies(
    record: &Block<'_>,
    blocks: &mut Blocks<'_>,
    index_of: impl Fn(u64) -> Option<usize>,
) -> Vec<Dependency> {
    let words = record.words[resource::DEPENDENCIES..resource::LEN].iter().filter(|word| **word != 0);
    let dependencies = words.filter_map(|word| {
        let site = word & u64::from(u32::MAX);
        let resource = index_of(site);
        if resource.is_none() && !blocks.growing() {
            blocks.damage(record.at + resource::DEPENDENCIES, || format!("there is no resource of site {site}"));
        }
        let (declared, learnt) = (word & resource::DECLARED != 0, word & resource::LEARNT != 0);
        Some(Dependency { resource: resource?, declared, learnt })
    });
    dependencies.collect()
}

fn state(record: &Block<'_>, blocks: &mut Blocks<'_>) -> ResourceState {
    let code = record.get(resource::STATE);
    ResourceState::from_code(code).unwrap_or_else(|| {
        blocks.damage(record.at + resource::STATE, || format!("a resource has the unknown state {code}"));
        ResourceState::Declared
    })
}

fn teardown(record: &Block<'_>, blocks: &mut Blocks<'_>) -> Option<Teardown> {
    let code = record.get(resource::TEARDOWN);
    let outcome = TeardownOutcome::from_code(code);
    if outcome.is_none() && code != resource::TEARDOWN_NOT_YET {
        blocks.damage(record.at + resource::TEARDOWN, || format!("a resource has the unknown teardown {code}"));
    }
    Some(Teardown { outcome: outcome?, ns: record.get(resource::TEARDOWN_NS) })
}
