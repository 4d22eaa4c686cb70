//! Requests, not recorded: the layer is none.

use http::{Extensions, Method, Uri};

/// The part of a request by which its route is found.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Head<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its address.
    pub uri: &'a Uri,
    /// The facts that layers before this one know of it.
    pub extensions: &'a Extensions,
}

/// Without the feature `enabled`, a layer that does nothing.
#[derive(Clone, Copy, Debug)]
pub struct RequestLayer<R> {
    _route: R,
}

/// The routes of `axum`.
#[cfg(feature = "http-axum")]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AxumRoute;

/// Without the feature `enabled`, a layer that does nothing.
#[must_use]
pub fn layer<R>(route: R) -> RequestLayer<R>
where
    R: Fn(Head<'_>) -> Option<String> + Clone,
{
    RequestLayer { _route: route }
}

/// Without the feature `enabled`, a layer that does nothing.
#[cfg(feature = "http-axum")]
#[must_use]
pub fn axum_layer() -> RequestLayer<AxumRoute> {
    RequestLayer { _route: AxumRoute }
}

/// The service itself: the layer returns it as it was.
impl<S, R> tower_layer::Layer<S> for RequestLayer<R> {
    type Service = S;

    fn layer(&self, service: S) -> S {
        service
    }
}
