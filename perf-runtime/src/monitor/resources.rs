//! Lazy resources, as far as alerts watch and evict them; nothing without the feature `resources`.

use super::watched::ResourceMetric;

/// A figure of a resource; `None` if there is no such resource.
#[cfg(feature = "resources")]
pub(crate) fn figure(figure: ResourceMetric, name: &str) -> Option<f64> {
    use crate::resource::{ResourceState, resources};

    let resource = resources().find(name)?;
    let yes = |yes: bool| f64::from(u8::from(yes));
    Some(match figure {
        ResourceMetric::Failed => yes(resource.state() == ResourceState::Failed),
        // As it answered last, when it was swept: asking is code of the program's, and may take its time.
        ResourceMetric::Unhealthy => yes(resource.last_health() == Some(false)),
        ResourceMetric::Idle => resource.idle().map_or(0.0, |idle| idle.as_nanos() as f64),
    })
}

/// The resources that have a name, or whose path ends so.
#[cfg(feature = "resources")]
pub(crate) fn names(name: &str) -> Vec<String> {
    let all = || crate::resource::resources().iter().map(|resource| resource.name().to_owned());
    let same: Vec<String> = all().filter(|full| full == name).collect();
    if !same.is_empty() {
        return same;
    }
    all().filter(|full| full.strip_suffix(name).is_some_and(|rest| rest.ends_with("::"))).collect()
}

/// Why the one resource of that name does not tell a figure, if so.
#[cfg(feature = "resources")]
pub(crate) fn untold(figure: ResourceMetric, name: &str) -> Option<&'static str> {
    let resource = crate::resource::resources().find(name)?;
    match figure {
        ResourceMetric::Idle if !resource.is_evictable() => {
            Some("the use of this resource is not counted; only one with the option evict tells how long it is idle")
        }
        ResourceMetric::Unhealthy if !resource.erased().has_health() => {
            Some("nothing tells whether this resource is well; its attribute has no option health")
        }
        _ => None,
    }
}

#[cfg(not(feature = "resources"))]
pub(crate) fn untold(_figure: ResourceMetric, _name: &str) -> Option<&'static str> {
    None
}

#[cfg(not(feature = "resources"))]
pub(crate) fn names(_name: &str) -> Vec<String> {
    Vec::new()
}

/// Evicts idle values that held at least so many bytes together, if there are, and says how many.
#[cfg(feature = "resources")]
pub(crate) fn evict(bytes: u64) -> u64 {
    crate::resource::resources().evict_until(bytes)
}

#[cfg(not(feature = "resources"))]
pub(crate) fn figure(_figure: ResourceMetric, _name: &str) -> Option<f64> {
    None
}

#[cfg(not(feature = "resources"))]
pub(crate) fn evict(_bytes: u64) -> u64 {
    0
}
