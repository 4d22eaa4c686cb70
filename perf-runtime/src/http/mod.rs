#![doc = include_str!("../../docs/http.md")]

mod answer;
mod client;
#[cfg(feature = "http-reqwest")]
mod reqwest;
mod route;

use std::task::{Context, Poll};

use ::http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

pub use self::answer::RequestFuture;
pub use self::client::{ClientService, Endpoint, RequestsTo, requests_to};
#[cfg(feature = "http-axum")]
pub use self::route::AxumRoute;
pub use self::route::{Head, Route};
use crate::call::future::Life;
use crate::process::state;

/// A layer that records requests: a row for each method and route.
///
/// See the [module](self) for what is shown, and what is not seen.
#[derive(Clone, Copy, Debug)]
pub struct RequestLayer<R> {
    route: R,
}

/// A layer that records requests by the routes that a function returns.
///
/// The function returns the pattern that matched (`/users/{id}`), never the path that was asked for: the rows are as many as the patterns.
/// Requests for which it returns `None` share a row.
///
/// ```
/// use perf_runtime::http::Head;
///
/// // Of a server whose paths have no variable parts.
/// const METHODS: [&str; 2] = ["/shop.Orders/List", "/shop.Orders/Place"];
/// let layer = perf_runtime::http::layer(|head: Head<'_>| {
///     METHODS.iter().find(|method| **method == head.uri.path()).map(|method| method.to_string())
/// });
/// # let _ = layer;
/// ```
#[must_use]
pub fn layer<R>(route: R) -> RequestLayer<R>
where
    R: Fn(Head<'_>) -> Option<String> + Clone,
{
    RequestLayer { route }
}

/// A layer that records requests by the routes of `axum`.
///
/// ```
/// use axum::{Router, routing::get};
///
/// let app: Router = Router::new()
///     .route("/users/{id}", get(|| async { "somebody" }))
///     .layer(perf_runtime::http::axum_layer());
/// # drop(app);
/// ```
#[cfg(feature = "http-axum")]
#[must_use]
pub fn axum_layer() -> RequestLayer<AxumRoute> {
    RequestLayer { route: AxumRoute }
}

impl<S, R: Clone> Layer<S> for RequestLayer<R> {
    type Service = RequestService<S, R>;

    fn layer(&self, service: S) -> RequestService<S, R> {
        RequestService { service, route: self.route.clone() }
    }
}

/// A service whose requests are recorded.
#[derive(Clone, Copy, Debug)]
pub struct RequestService<S, R> {
    service: S,
    route: R,
}

impl<S, R, B, A> Service<Request<B>> for RequestService<S, R>
where
    S: Service<Request<B>, Response = Response<A>>,
    R: Route,
    A: Body,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RequestFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> RequestFuture<S::Future> {
        let head = Head { method: request.method(), uri: request.uri(), extensions: request.extensions() };
        let life = (!state::is_off()).then(|| Life::new(route::site(head, &self.route)));
        RequestFuture::new(self.service.call(request), life)
    }
}
