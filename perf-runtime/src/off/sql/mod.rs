//! Queries and connections as they are, without a record.

use std::future::Future;
use std::time::Duration;

#[cfg(feature = "sql-diesel")]
pub mod diesel;
#[cfg(feature = "sql-r2d2")]
pub mod r2d2;

/// Runs a query.
#[inline]
pub fn query<T>(_statement: &str, run: impl FnOnce() -> T) -> T {
    run()
}

/// Awaits a query.
#[inline]
pub fn query_async<F: Future>(_statement: &str, future: F) -> impl Future<Output = F::Output> {
    future
}

/// Does nothing.
#[inline]
pub fn query_began(_statement: &str) {}

/// Does nothing.
#[inline]
pub fn query_ended(_statement: &str) {}

/// Does nothing.
#[inline]
pub fn query_took(_statement: &str, _took: Duration) {}

/// Waits for a connection.
///
/// # Errors
/// Those of `get`.
#[inline]
pub fn connection<T, E>(_pool: &str, get: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    get()
}

/// Awaits a connection.
#[inline]
pub fn connection_async<T, E>(
    _pool: &'static str,
    get: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    get
}
