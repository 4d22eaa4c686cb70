//! Spans of the crate `tracing` as rows: nothing without the feature `enabled`.

/// A layer that does nothing.
pub use tracing_subscriber::layer::Identity as Layer;

/// Without the feature `enabled`, a layer that does nothing.
#[must_use]
pub fn layer() -> Layer {
    Layer::new()
}
