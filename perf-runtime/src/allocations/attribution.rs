//! The way from an allocation to the annotated call that made it, which the recorder knows.

use std::sync::OnceLock;

/// Adds an allocation of so many bytes to the calling thread's innermost annotated call.
type Attribute = fn(u64);

/// Set when the first recording starts.
static ATTRIBUTE: OnceLock<Attribute> = OnceLock::new();

/// Lets annotated calls know of their allocations from now on. `attribute` must not allocate.
pub(crate) fn attribute_with(attribute: Attribute) {
    ATTRIBUTE.get_or_init(|| attribute);
}

/// The thread has allocated memory.
#[inline]
pub(super) fn attribute(bytes: usize) {
    if let Some(attribute) = ATTRIBUTE.get() {
        attribute(bytes as u64);
    }
}
