//! Files and streams, not recorded: each is what it was.

/// Without the feature `enabled`, the file or stream itself.
pub type Profiled<T> = T;

/// Without the feature `enabled`, returns its argument.
#[must_use]
pub fn profiled<T>(inner: T) -> Profiled<T> {
    inner
}

/// Without the feature `enabled`, returns its argument.
#[must_use]
pub fn profiled_as<T>(_name: &'static str, inner: T) -> Profiled<T> {
    inner
}

/// Without the feature `enabled`, returns its argument.
#[must_use]
pub fn into_inner<T>(profiled: Profiled<T>) -> T {
    profiled
}
