#![doc = include_str!("../../docs/sql.md")]

#[cfg(feature = "sql-diesel")]
pub mod diesel;
#[cfg(feature = "sql-r2d2")]
pub mod r2d2;
mod returned;
mod row_count;
mod rows;
mod running;
#[cfg(feature = "sql-sqlx")]
pub mod sqlx;
mod statement;

pub use returned::{query_counted, query_counted_async, query_returned, query_rows, query_rows_async};
pub use row_count::Rows;

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

/// Begins a query, which ends at [`query_ended`].
///
/// Both are given the same statement, in the same thread. They are for hooks of databases. For `rusqlite` with its feature `trace`:
///
/// ```ignore
/// use rusqlite::trace::{TraceEvent, TraceEventCodes};
///
/// let events =
///     TraceEventCodes::SQLITE_TRACE_STMT | TraceEventCodes::SQLITE_TRACE_PROFILE | TraceEventCodes::SQLITE_TRACE_ROW;
/// connection.trace_v2(events, Some(|event| match event {
///     TraceEvent::Stmt(statement, text) if statement.sql() == text => perf_runtime::sql::query_began(text),
///     TraceEvent::Row(statement) => perf_runtime::sql::query_row(&statement.sql()),
///     TraceEvent::Profile(statement, _) => perf_runtime::sql::query_ended(&statement.sql()),
///     _ => {}
/// }));
/// ```
///
/// It takes rusqlite 0.40: `StmtRef::sql` of earlier versions reads from a null pointer at the statements that SQLite runs for itself, as within
/// `CREATE TABLE`.
///
/// Annotated functions that run in between are called by the query. Queries may end in any order, and after the function that began them: then
/// the query is recorded with the part of its time that no other call has, and the rest is the function's. SQLite tells of the triggers
/// of a statement as well, with a text that is not the statement's: those are no queries of their own.
pub fn query_began(statement: &str) {
    if !state::is_off() {
        let hash = rows::hash(statement);
        running::begin(key(hash), rows::of_hashed(statement, hash));
    }
}

/// A query that [`query_began`] began has one more row.
///
/// It is the latest of the statement in this thread. If there is none, nothing happens. The rows of a query are recorded when it ends; one of which
/// no row was told has no result that is counted, as nobody knows whether its hook tells them.
pub fn query_row(statement: &str) {
    running::has_row(|| key(rows::hash(statement)));
}

/// Ends a query that [`query_began`] began.
///
/// It is the latest of the statement in this thread. If there is none, nothing happens.
pub fn query_ended(statement: &str) {
    // Also if recording was switched off meanwhile: calls in flight are recorded when they end.
    running::end(|| key(rows::hash(statement)));
}

/// The keys of diesel's connections are small numbers.
fn key(hash: u64) -> u64 {
    hash | 1 << 63
}

/// Records a query that has just ended in this thread, and how long it took.
///
/// It is for hooks that tell no more than that. The time is within the call around it, and nothing that was recorded in the meantime is
/// counted twice: the query begins where the latest call in the thread began or ended, if that is later than the hook says.
pub fn query_took(statement: &str, took: Duration) {
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
