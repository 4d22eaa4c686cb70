//! Queries of the crate `diesel`, without a record.

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// Does nothing.
#[derive(Debug, Default)]
pub struct Queries {
    _private: (),
}

impl Instrumentation for Queries {
    fn on_connection_event(&mut self, _event: InstrumentationEvent<'_>) {}
}
