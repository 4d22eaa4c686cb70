//! Queries and connections as they are, without a record.

use std::future::Future;
use std::time::Duration;

#[cfg(feature = "sql-diesel")]
pub mod diesel;
#[cfg(feature = "sql-r2d2")]
pub mod r2d2;
#[cfg(feature = "sql-sqlx")]
pub mod sqlx;
// It says how many rows a value has, and records nothing.
#[path = "../../sql/row_count.rs"]
mod row_count;

pub use row_count::Rows;

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

/// Runs a query.
#[inline]
pub fn query_rows<T: Rows>(_statement: &str, run: impl FnOnce() -> T) -> T {
    run()
}

/// Awaits a query.
#[inline]
pub fn query_rows_async<F>(_statement: &str, future: F) -> impl Future<Output = F::Output>
where
    F: Future<Output: Rows>,
{
    future
}

/// Runs a query.
///
/// # Errors
/// Those of `run`.
#[inline]
pub fn query_counted<T, E>(
    _statement: &str,
    run: impl FnOnce() -> Result<T, E>,
    _rows: impl FnOnce(&T) -> u64,
) -> Result<T, E> {
    run()
}

/// Awaits a query.
///
/// # Errors
/// Those of `future`.
#[inline]
pub fn query_counted_async<T, E>(
    _statement: &str,
    future: impl Future<Output = Result<T, E>>,
    _rows: impl FnOnce(&T) -> u64,
) -> impl Future<Output = Result<T, E>> {
    future
}

/// Does nothing.
#[inline]
pub fn query_returned(_statement: &str, _rows: u64) {}

/// Does nothing.
#[inline]
pub fn query_began(_statement: &str) {}

/// Does nothing.
#[inline]
pub fn query_row(_statement: &str) {}

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
