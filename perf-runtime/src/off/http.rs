//! Requests, not recorded: the layers are none.

use std::borrow::Cow;

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

/// Without the feature `enabled`, a layer that does nothing.
#[derive(Clone, Debug)]
pub struct RequestsTo {
    _service: Cow<'static, str>,
}

/// Without the feature `enabled`, a layer that does nothing.
#[must_use]
pub fn requests_to(service: impl Into<Cow<'static, str>>) -> RequestsTo {
    RequestsTo { _service: service.into() }
}

/// The part of a service that a request is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint(pub &'static str);

impl RequestsTo {
    /// Sends a request.
    ///
    /// # Errors
    ///
    /// The client's own.
    pub fn send<T, E>(&self, request: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        request()
    }
}

/// The service itself: the layer returns it as it was.
impl<S> tower_layer::Layer<S> for RequestsTo {
    type Service = S;

    fn layer(&self, service: S) -> S {
        service
    }
}

#[cfg(feature = "http-reqwest")]
impl reqwest_middleware::Middleware for RequestsTo {
    fn handle<'this, 'extensions, 'next, 'future>(
        &'this self,
        request: reqwest::Request,
        extensions: &'extensions mut Extensions,
        next: reqwest_middleware::Next<'next>,
    ) -> std::pin::Pin<Box<dyn Future<Output = reqwest_middleware::Result<reqwest::Response>> + Send + 'future>>
    where
        'this: 'future,
        'extensions: 'future,
        'next: 'future,
        Self: 'future,
    {
        Box::pin(async move { next.run(request, extensions).await })
    }
}
