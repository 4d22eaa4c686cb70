//! Lazy resources, as far as alerts watch and evict them; nothing without the feature `resources`.

use super::watched::ResourceFigure;

/// A figure of a resource; `None` if there is no such resource.
#[cfg(feature = "resources")]
pub(crate) fn figure(figure: ResourceFigure, name: &str) -> Option<f64> {
    use crate::resource::{ResourceState, resources};

    let resource = resources().find(name)?;
    let yes = |yes: bool| f64::from(u8::from(yes));
    Some(match figure {
        ResourceFigure::Failed => yes(resource.state() == ResourceState::Failed),
        // As it answered last, when it was swept: asking is code of the program's, and may take its time.
        ResourceFigure::Unhealthy => yes(resource.last_health() == Some(false)),
        ResourceFigure::Idle => resource.idle().map_or(0.0, |idle| idle.as_nanos() as f64),
    })
}

/// Evicts idle values that held at least so many bytes together, if there are, and says how many.
#[cfg(feature = "resources")]
pub(crate) fn evict(bytes: usize) -> usize {
    crate::resource::resources().evict_until(bytes)
}

#[cfg(not(feature = "resources"))]
pub(crate) fn figure(_figure: ResourceFigure, _name: &str) -> Option<f64> {
    None
}

#[cfg(not(feature = "resources"))]
pub(crate) fn evict(_bytes: usize) -> usize {
    0
}
