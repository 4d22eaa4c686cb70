//! The row of a request: its method, if it is one of the usual ones, and the pattern that its path matched.

use ::http::{Extensions, Method, Uri};

use crate::call::named::{MOST_NAMES, NameSet, Place};
use crate::process::site::{Kind, Site};

static ROUTES: NameSet = NameSet::new(Kind::Request, MOST_NAMES, "other routes");

/// The row for requests that match no route. It is there however many routes there are.
static UNMATCHED: NameSet = NameSet::new(Kind::Request, 1, "unmatched requests");

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

/// Finds the route of a request.
///
/// Functions that take a [`Head`] do.
pub trait Route {
    /// Hands the pattern that the path of a request matched to `found`, or `None`.
    fn find<T>(&self, head: Head<'_>, found: impl FnOnce(Option<&str>) -> T) -> T;
}

impl<F: Fn(Head<'_>) -> Option<String>> Route for F {
    fn find<T>(&self, head: Head<'_>, found: impl FnOnce(Option<&str>) -> T) -> T {
        found(self(head).as_deref())
    }
}

/// The routes of `axum`.
#[cfg(feature = "http-axum")]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AxumRoute;

#[cfg(feature = "http-axum")]
impl Route for AxumRoute {
    fn find<T>(&self, head: Head<'_>, found: impl FnOnce(Option<&str>) -> T) -> T {
        found(head.extensions.get::<axum::extract::MatchedPath>().map(axum::extract::MatchedPath::as_str))
    }
}

/// The row of a request.
pub(super) fn site<R: Route>(head: Head<'_>, route: &R) -> &'static Site {
    route.find(head, |route| match route {
        Some(route) => ROUTES.site(&format!("{} {route}", method(head.method)), Place::default()),
        None => UNMATCHED.site("unmatched requests", Place::default()),
    })
}

/// A client may send any word as the method.
pub(super) fn method(method: &Method) -> &str {
    const USUAL: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::CONNECT,
        Method::PATCH,
        Method::TRACE,
    ];
    if USUAL.contains(method) { method.as_str() } else { "other method" }
}
