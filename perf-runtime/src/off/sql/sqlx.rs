//! The queries of the crate `sqlx`, without a record.

use tracing_core::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Identity;
use tracing_subscriber::registry::LookupSpan;

/// A layer that does nothing.
#[must_use]
pub fn layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    Identity::new()
}
