//! The constant in which an expansion describes its resource.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::process::site::Site;

use super::erased::Managed;
use super::error::Cause;
use super::rules::Rules;

/// A value that was made. On the heap from the first moment on: a large one must not pass through the stack frame of each
/// function between the initialiser and the cell where it stays.
pub(crate) type Made<T> = Result<Box<T>, Cause>;

/// A future that an async initialiser made.
pub(crate) type Initialising<T> = Pin<Box<dyn Future<Output = Made<T>> + Send>>;

/// How the value is made.
pub(crate) enum Initialise<T> {
    Blocking(fn() -> Made<T>),
    Async(fn() -> Initialising<T>),
}

/// The whole of an attribute, in the terms of the runtime.
pub struct Declaration<T: 'static> {
    pub(crate) rules: Rules,
    /// The resources of `depends`. A function, because a constant cannot refer to statics of unknown order.
    pub(crate) depends: fn() -> &'static [&'static dyn Managed],
    pub(crate) initialise: Initialise<T>,
    pub(crate) weight: Option<fn(&T) -> usize>,
    pub(crate) on_init: Option<fn(&T)>,
    pub(crate) on_evict: Option<fn(&T)>,
    pub(crate) on_shutdown: Option<fn(&T)>,
    pub(crate) health: Option<fn(&T) -> bool>,
}

/// The longest pause between attempts unless `max` says another, in ns.
const LONGEST_PAUSE: u64 = 30_000_000_000;

const fn nanos(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

/// The longest pause by `backoff` and `max`, which is the largest number if it is not given; in ns.
const fn longest_pause(backoff: u64, max: u64) -> u64 {
    match max {
        u64::MAX if backoff < LONGEST_PAUSE => LONGEST_PAUSE,
        u64::MAX => backoff,
        max => max,
    }
}

impl<T: 'static> Declaration<T> {
    const fn new(site: &'static Site, initialise: Initialise<T>) -> Self {
        let rules = Rules {
            site,
            retries: 0,
            backoff: Duration::ZERO,
            longest: Duration::MAX,
            timeout: None,
            idle: None,
            max_age: None,
            warm: false,
        };
        Declaration {
            rules,
            depends: || &[],
            initialise,
            weight: None,
            on_init: None,
            on_evict: None,
            on_shutdown: None,
            health: None,
        }
    }

    /// With an initialiser that blocks its thread.
    #[must_use]
    pub const fn blocking(site: &'static Site, initialise: fn() -> Made<T>) -> Self {
        Declaration::new(site, Initialise::Blocking(initialise))
    }

    /// With an async initialiser.
    #[must_use]
    pub const fn asynchronous(site: &'static Site, initialise: fn() -> Initialising<T>) -> Self {
        Declaration::new(site, Initialise::Async(initialise))
    }

    /// `depends(...)`.
    #[must_use]
    pub const fn depends(mut self, depends: fn() -> &'static [&'static dyn Managed]) -> Self {
        self.depends = depends;
        self
    }

    /// `retry(times, backoff, max)`, in ns.
    ///
    /// Without `max`, a pause is at most 30 s: pauses that double without bound would make a recovery take as long as the outage.
    #[must_use]
    pub const fn retry(mut self, times: u32, backoff: u64, longest: u64) -> Self {
        self.rules.retries = times;
        self.rules.backoff = nanos(backoff);
        self.rules.longest = nanos(longest_pause(backoff, longest));
        self
    }

    /// `timeout`, in ns.
    #[must_use]
    pub const fn timeout(mut self, limit: u64) -> Self {
        self.rules.timeout = Some(nanos(limit));
        self
    }

    /// `evict(idle)`, in ns.
    #[must_use]
    pub const fn idle(mut self, limit: u64) -> Self {
        self.rules.idle = Some(nanos(limit));
        self
    }

    /// `evict(max_age)`, in ns.
    #[must_use]
    pub const fn max_age(mut self, limit: u64) -> Self {
        self.rules.max_age = Some(nanos(limit));
        self
    }

    /// `warm`.
    #[must_use]
    pub const fn warm(mut self) -> Self {
        self.rules.warm = true;
        self
    }

    /// `weight`.
    #[must_use]
    pub const fn weight(mut self, weight: fn(&T) -> usize) -> Self {
        self.weight = Some(weight);
        self
    }

    /// `health`.
    #[must_use]
    pub const fn health(mut self, health: fn(&T) -> bool) -> Self {
        self.health = Some(health);
        self
    }

    /// `on_init`.
    #[must_use]
    pub const fn on_init(mut self, hook: fn(&T)) -> Self {
        self.on_init = Some(hook);
        self
    }

    /// `on_evict`.
    #[must_use]
    pub const fn on_evict(mut self, hook: fn(&T)) -> Self {
        self.on_evict = Some(hook);
        self
    }

    /// `on_shutdown`.
    #[must_use]
    pub const fn on_shutdown(mut self, hook: fn(&T)) -> Self {
        self.on_shutdown = Some(hook);
        self
    }
}

/// A declared type that is a `Result`: what it is a resource of, and how that fails.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named like a `Result` but is none, so `#[lazy_resource]` cannot tell its value from its error",
    note = "give the type another name, or make it an alias of `core::result::Result`"
)]
pub trait Fallible {
    /// The value.
    type Value;
    /// The error.
    type Error;
    /// The result with its error made a cause.
    ///
    /// # Errors
    /// If it is one.
    fn with_cause(self) -> Result<Box<Self::Value>, Cause>
    where
        Self::Error: Into<Box<dyn Error + Send + Sync>>;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;

    fn with_cause(self) -> Result<Box<T>, Cause>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        match self {
            Ok(value) => Ok(Box::new(value)),
            Err(error) => Err(Arc::from(error.into())),
        }
    }
}

/// An initialiser that cannot fail.
///
/// # Errors
/// Never.
pub fn infallible<T>(initialise: fn() -> T) -> Made<T> {
    Ok(Box::new(initialise()))
}

/// An initialiser that returns a `Result`.
///
/// # Errors
/// If it fails.
pub fn fallible<R: Fallible>(initialise: fn() -> R) -> Made<R::Value>
where
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    initialise().with_cause()
}

/// An async initialiser that cannot fail.
pub fn infallible_async<T: 'static, F>(future: F) -> Initialising<T>
where
    F: Future<Output = T> + Send + 'static,
{
    Box::pin(async move { Ok(Box::new(future.await)) })
}

/// An async initialiser that returns a `Result`.
pub fn fallible_async<R, F>(future: F) -> Initialising<R::Value>
where
    R: Fallible,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
    F: Future<Output = R> + Send + 'static,
{
    Box::pin(async move { future.await.with_cause() })
}

/// Calls an option that is an expression, so that a closure's types are inferred.
#[inline]
pub fn call<'a, T: ?Sized, R>(value: &'a T, option: impl FnOnce(&'a T) -> R) -> R {
    option(value)
}

/// The error type of resources that have none.
pub type Never = Infallible;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_bounded_also_without_max() {
        assert_eq!(longest_pause(1_000_000, u64::MAX), 30_000_000_000);
        assert_eq!(longest_pause(60_000_000_000, u64::MAX), 60_000_000_000, "the first pause is what was asked for");
        assert_eq!(longest_pause(1_000_000, 5_000_000), 5_000_000);
        assert_eq!(longest_pause(1_000_000, 3_600_000_000_000), 3_600_000_000_000);
    }
}
