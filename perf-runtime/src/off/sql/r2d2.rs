//! Waits for connections of the crate `r2d2`, without a record.

use r2d2::{HandleEvent, NopEventHandler};

/// An event handler that does nothing.
#[must_use]
pub fn events(_pool: &str) -> Box<dyn HandleEvent> {
    Box::new(NopEventHandler)
}
