//! What expansions need for the shape of a function rather than for its timing.

use core::future::Future;
use core::pin::Pin;

use super::future::{Profiled, future};
use crate::process::site::Site;

/// `#[profile(future)]` on a function that returns `Pin<Box<dyn Future>>`: times the future in a box of its own.
#[inline]
pub fn boxed_future<F: Future>(site: &'static Site, inner: F) -> Pin<Box<Profiled<F>>> {
    Box::pin(future(site, inner))
}

/// `#[profile(future)]` on a function with an early `return`: runs the body, which is a closure then. Called through
/// this, the closure is an `FnOnce` whatever it does, and its captures may go into what it returns.
#[inline]
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}
