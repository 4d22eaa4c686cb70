//! Helpers of expansions that are about the shape of a function, not about its timing.

use core::future::Future;
use core::pin::Pin;

use super::future::{Profiled, future};
use crate::process::site::Site;

/// `#[profile(future)]`, for a returned `Pin<Box<dyn Future>>`: times the future.
///
/// The timed future has a box of its own.
#[inline]
pub fn boxed_future<F: Future>(site: &'static Site, inner: F) -> Pin<Box<Profiled<F>>> {
    Box::pin(future(site, inner))
}

/// `#[profile(future)]`, for an early `return`: runs the body, which is a closure.
///
/// The closure is called through this function, so it is an `FnOnce` whatever it does, and may return its captures.
#[inline]
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}
