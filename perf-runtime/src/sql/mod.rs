#![doc = include_str!("../../docs/sql.md")]

#[cfg(feature = "sql-diesel")]
pub mod diesel;
#[cfg(feature = "sql-r2d2")]
pub mod r2d2;
mod rows;
mod statement;

use std::future::Future;
use std::time::Duration;

use crate::call::future::Profiled;
use crate::call::wait::{self, Wait};
use crate::process::state;

/// Runs a query: its time is that of `run`, in the row of the statement.
///
/// ```
/// # fn load(statement: &str, id: u32) -> Vec<String> { vec![format!("{statement}{id}")] }
/// # let id = 7;
/// let statement = "SELECT name FROM users WHERE id = ?";
/// let rows = perf_runtime::sql::query(statement, || load(statement, id));
/// # assert_eq!(rows.len(), 1);
/// ```
///
/// The statement may have values in it, which are not recorded. A panic ends the query and is counted.
#[inline]
pub fn query<T>(statement: &str, run: impl FnOnce() -> T) -> T {
    let _wait = (!state::is_off()).then(|| Wait::begin(rows::of_statement(statement)));
    run()
}

/// Awaits a query, in the row of the statement.
///
/// Its time is that from the first poll of `future` to the last.
///
/// ```
/// # async fn load(_: &str) -> Vec<String> { Vec::new() }
/// # async fn rows() {
/// let statement = "SELECT name FROM users";
/// let rows = perf_runtime::sql::query_async(statement, load(statement)).await;
/// # drop(rows);
/// # }
/// # drop(rows());
/// ```
///
/// A query that is dropped before it is ready counts as cancelled.
#[inline]
pub fn query_async<F: Future>(statement: &str, future: F) -> impl Future<Output = F::Output> {
    Profiled::new(rows::of_future(statement), future)
}

/// Records a query that has just ended in this thread, and how long it took.
///
/// It is for hooks of databases, which tell as much.
///
/// For `rusqlite` with its feature `trace`:
///
/// ```ignore
/// use rusqlite::trace::{TraceEvent, TraceEventCodes};
///
/// connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(|event| {
///     if let TraceEvent::Profile(statement, took) = event {
///         perf_runtime::sql::query_ended(&statement.sql(), took);
///     }
/// }));
/// ```
///
/// Calls that were recorded in the meantime are not counted twice: the query begins where the latest call in the thread ended, if that is
/// later than the hook says.
pub fn query_ended(statement: &str, took: Duration) {
    if !state::is_off() {
        wait::ended(rows::of_statement(statement), took);
    }
}

/// Waits for a connection: the time of `get` is in the row of the pool.
///
/// ```
/// # struct Pool;
/// # impl Pool { fn get(&self) -> Result<(), ()> { Ok(()) } }
/// # let pool = Pool;
/// let connection = perf_runtime::sql::connection("orders", || pool.get());
/// # assert!(connection.is_ok());
/// ```
///
/// A wait that fails is counted in the row `pool orders, failed` as well, which so tells how many did, and to which callers.
#[inline]
pub fn connection<T, E>(pool: &str, get: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    if state::is_off() {
        return get();
    }
    let wait = Wait::begin(rows::of_pool(pool));
    let connection = get();
    drop(wait);
    if connection.is_err() {
        wait::ended(rows::of_failed(pool), Duration::ZERO);
    }
    connection
}

/// Awaits a connection, in the pool's row.
///
/// The time is that from the first poll of `get` to the last.
///
/// ```
/// # struct Pool;
/// # impl Pool { async fn get(&self) -> Result<(), ()> { Ok(()) } }
/// # async fn connect(pool: Pool) {
/// let connection = perf_runtime::sql::connection_async("orders", pool.get()).await;
/// # drop(connection);
/// # }
/// # drop(connect(Pool));
/// ```
///
/// Waits that fail are counted as those of [`connection`].
pub fn connection_async<T, E>(
    pool: &'static str,
    get: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>> {
    let get = Profiled::new(rows::of_pool_future(pool), get);
    async move {
        let connection = get.await;
        if connection.is_err() && !state::is_off() {
            wait::ended(rows::of_failed(pool), Duration::ZERO);
        }
        connection
    }
}
