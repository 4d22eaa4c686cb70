//! Why a resource cannot be had.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The cause of a failed initialisation, shared by all who waited for it.
pub(crate) type Cause = Arc<dyn Error + Send + Sync>;

/// The reason why a resource has no value.
///
/// Every access that waited for the same initialisation gets the same error. It is not final: the next access tries again, under
/// the `retry` rule of the resource.
///
/// ```
/// # use perf_runtime::lazy_resource;
/// # use perf_runtime::resource::ResourceError;
/// #[lazy_resource]
/// static PORT: Result<u16, std::num::ParseIntError> = "http".parse::<u16>();
///
/// let error = PORT.try_get().unwrap_err();
/// assert!(error.to_string().ends_with("PORT: its initialiser failed"));
/// assert!(error.cause::<std::num::ParseIntError>().is_some());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ResourceError {
    /// The initialiser returned an error in its last attempt.
    #[non_exhaustive]
    Failed {
        /// The resource.
        resource: Arc<str>,
        /// The error that the initialiser returned; also the [`source`](Error::source).
        cause: Arc<dyn Error + Send + Sync>,
        /// How often it was tried.
        attempts: u32,
    },
    /// The initialiser panicked in its last attempt.
    #[non_exhaustive]
    Panicked {
        /// The resource.
        resource: Arc<str>,
        /// The text of the panic, if it had one.
        message: Arc<str>,
        /// How often it was tried.
        attempts: u32,
    },
    /// The async initialiser exceeded its `timeout` in its last attempt.
    #[non_exhaustive]
    TimedOut {
        /// The resource.
        resource: Arc<str>,
        /// The limit.
        limit: Duration,
        /// How often it was tried.
        attempts: u32,
    },
    /// The initialiser is async, and the caller is a thread without an executor.
    #[non_exhaustive]
    Async {
        /// The resource.
        resource: Arc<str>,
    },
    /// The executor of a warm-up returned before the initialiser had ended.
    #[non_exhaustive]
    Unfinished {
        /// The resource.
        resource: Arc<str>,
    },
    /// The initialisation waits for the caller, directly or through others.
    #[non_exhaustive]
    Cycle {
        /// The resources on the cycle, each waiting for the next, from the one asked for back to itself.
        resources: Vec<Arc<str>>,
    },
}

impl ResourceError {
    /// Returns the initialiser's error, if it failed with an `E`.
    #[must_use]
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            ResourceError::Failed { cause, .. } => cause.downcast_ref(),
            _ => None,
        }
    }

    /// Returns the name of the resource.
    #[must_use]
    pub fn resource(&self) -> &str {
        match self {
            ResourceError::Failed { resource, .. }
            | ResourceError::Panicked { resource, .. }
            | ResourceError::TimedOut { resource, .. }
            | ResourceError::Async { resource }
            | ResourceError::Unfinished { resource } => resource,
            ResourceError::Cycle { resources } => resources.first().map_or("", |first| first),
        }
    }

    /// The panic of an accessor that returns no error, with all that is known.
    #[cold]
    #[track_caller]
    pub(crate) fn panic(&self) -> ! {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            text += &format!(": {error}");
            source = error.source();
        }
        panic!("{text}")
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tried = 1;
        match self {
            ResourceError::Failed { resource, attempts, .. } => {
                tried = *attempts;
                write!(formatter, "{resource}: its initialiser failed")
            }
            ResourceError::Panicked { resource, message, attempts } => {
                tried = *attempts;
                write!(formatter, "{resource}: its initialiser panicked: {message}")
            }
            ResourceError::TimedOut { resource, limit, attempts } => {
                tried = *attempts;
                write!(formatter, "{resource}: its initialiser took longer than {limit:?}")
            }
            ResourceError::Async { resource } => {
                write!(formatter, "{resource}: its initialiser is async; await `warm_async()` instead of `warm()`")
            }
            ResourceError::Unfinished { resource } => {
                write!(
                    formatter,
                    "{resource}: the warm-up's executor returned before the initialiser had ended; it must run the future \
                     to its end, as `block_on` does"
                )
            }
            ResourceError::Cycle { resources } => {
                write!(formatter, "a cycle of resources, each of which waits for the next: {}", resources.join(" → "))
            }
        }?;
        if tried > 1 { write!(formatter, " ({tried} attempts)") } else { Ok(()) }
    }
}

impl Error for ResourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ResourceError::Failed { cause, .. } => Some(&**cause),
            _ => None,
        }
    }
}

/// The text of a panic.
pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("(a panic without text)")
}
