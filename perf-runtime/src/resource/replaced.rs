//! Values in the place of a resource's own, for tests.

use super::erased::ErasedResource;

/// A substituted value of a resource, until this is dropped.
///
/// `replace` on a resource creates it. Substitutes may be nested; accesses find the newest. The substitute of a
/// [`Resource`](crate::resource::Resource) stays in memory for ever, because references to it may exist.
#[must_use = "the replacement ends when this is dropped"]
pub struct Replaced {
    resource: &'static dyn ErasedResource,
    id: u64,
}

impl Replaced {
    pub(crate) fn new(resource: &'static dyn ErasedResource, id: u64) -> Self {
        Replaced { resource, id }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        self.resource.restore(self.id);
    }
}

impl std::fmt::Debug for Replaced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Replaced").field("resource", &self.resource.info().name()).finish()
    }
}
