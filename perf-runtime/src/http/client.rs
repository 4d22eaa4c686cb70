//! Requests to other services, for which the program waits.

use std::borrow::Cow;
use std::task::{Context, Poll};

use ::http::{Method, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::answer::RequestFuture;
use super::route::method;
use crate::call::counted;
use crate::call::future::Life;
use crate::call::named::{MOST_NAMES, NameSet, Place};
use crate::call::wait::Wait;
use crate::process::site::{Kind, Site};
use crate::process::state;
use perf_report::recording::layout::slot;

static REQUESTS: NameSet = NameSet::new(Kind::Client, MOST_NAMES, "other requests");

/// Records requests to one service.
///
/// Each method has a row, and each [`Endpoint`] that the program names. It is a layer of `tower`, and with the feature `http-reqwest`
/// a middleware of `reqwest-middleware`. [`send`](Self::send) is for clients that block.
#[derive(Clone, Debug)]
pub struct RequestsTo {
    service: Cow<'static, str>,
}

/// Records requests to a service, which reports call by this name.
///
/// ```
/// # fn get(_: &str) -> Result<String, String> { Ok("paid".to_owned()) }
/// # fn main() -> Result<(), String> {
/// let billing = perf_runtime::http::requests_to("billing");
/// let invoice = billing.send(|| get("http://billing.internal/invoices/7"))?;
/// # assert_eq!(invoice, "paid");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn requests_to(service: impl Into<Cow<'static, str>>) -> RequestsTo {
    RequestsTo { service: service.into() }
}

/// The part of a service that a request is to, as a pattern: `/invoices/{id}`.
///
/// As an extension of a request it gives it a row of its own. Never make it of the path that is asked for: the rows are as many as the patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint(pub &'static str);

impl RequestsTo {
    /// Sends a request by a client that blocks, such as `ureq`.
    ///
    /// The wait is recorded until the client returns.
    ///
    /// # Errors
    ///
    /// The client's own, which is counted as failed.
    pub fn send<T, E>(&self, request: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if state::is_off() {
            return request();
        }
        let site = REQUESTS.site(&self.service, Place::default());
        let wait = Wait::begin(site);
        let result = request();
        if result.is_err() {
            counted::add_figures(site, &[(slot::FAILED, 1)]);
        }
        drop(wait);
        result
    }

    /// The life of a request in its row; `None` if nothing is recorded.
    pub(super) fn begin(&self, method: &Method, endpoint: Option<&Endpoint>) -> Option<Life> {
        (!state::is_off()).then(|| Life::new(self.site(method, endpoint)))
    }

    fn site(&self, of: &Method, endpoint: Option<&Endpoint>) -> &'static Site {
        let (method, service) = (method(of), &self.service);
        let name = match endpoint {
            Some(Endpoint(endpoint)) => format!("{method} {service} {endpoint}"),
            None => format!("{method} {service}"),
        };
        REQUESTS.site(&name, Place::default())
    }
}

impl<S> Layer<S> for RequestsTo {
    type Service = ClientService<S>;

    fn layer(&self, service: S) -> ClientService<S> {
        ClientService { service, requests: self.clone() }
    }
}

/// A client, as a service of `tower`, whose requests are recorded.
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    service: S,
    requests: RequestsTo,
}

impl<S, B, A> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    A: Body,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RequestFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> RequestFuture<S::Future> {
        let life = self.requests.begin(request.method(), request.extensions().get());
        RequestFuture::new(self.service.call(request), life)
    }
}
