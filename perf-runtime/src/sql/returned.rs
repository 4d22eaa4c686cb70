//! How many rows a statement returned or changed.

use std::future::Future;

use super::{Rows, rows};
use crate::call::counted;
use crate::call::future::Profiled;
use crate::call::wait::Wait;
use crate::process::site::Site;
use crate::process::state;

/// Runs a query, and records how many rows its result has.
///
/// ```
/// # fn load(_: &str) -> Result<Vec<String>, ()> { Ok(vec!["Ada".to_owned()]) }
/// let statement = "SELECT name FROM users";
/// let names = perf_runtime::sql::query_rows(statement, || load(statement))?;
/// # assert_eq!(names, ["Ada"]);
/// # Ok::<(), ()>(())
/// ```
///
/// The result is a `Vec`, an `Option` or a number, or a `Result` of one of them: see [`Rows`]. For other results there is [`query_counted`].
#[inline]
pub fn query_rows<T: Rows>(statement: &str, run: impl FnOnce() -> T) -> T {
    run_counted(statement, run, Rows::rows)
}

/// Awaits a query, and records how many rows its result has.
///
/// ```
/// # async fn load(_: &str) -> Result<Vec<String>, ()> { Ok(Vec::new()) }
/// # async fn names() -> Result<(), ()> {
/// let statement = "SELECT name FROM users";
/// let names = perf_runtime::sql::query_rows_async(statement, load(statement)).await?;
/// # drop(names);
/// # Ok(())
/// # }
/// # drop(names());
/// ```
pub fn query_rows_async<F>(statement: &str, future: F) -> impl Future<Output = F::Output>
where
    F: Future<Output: Rows>,
{
    await_counted(statement, future, Rows::rows)
}

/// Runs a query, and records how many rows a method of its result tells.
///
/// ```
/// # struct Done;
/// # impl Done { fn rows_affected(&self) -> u64 { 3 } }
/// # fn execute(_: &str) -> Result<Done, ()> { Ok(Done) }
/// let statement = "DELETE FROM carts WHERE age > 30";
/// let done = perf_runtime::sql::query_counted(statement, || execute(statement), Done::rows_affected)?;
/// # assert_eq!(done.rows_affected(), 3);
/// # Ok::<(), ()>(())
/// ```
///
/// While nothing is recorded, `rows` is not called.
///
/// # Errors
/// Those of `run`, whose rows are not counted.
#[inline]
pub fn query_counted<T, E>(
    statement: &str,
    run: impl FnOnce() -> Result<T, E>,
    rows: impl FnOnce(&T) -> u64,
) -> Result<T, E> {
    run_counted(statement, run, |result| result.as_ref().ok().map(rows))
}

/// Awaits a query, and records how many rows a method of its result tells.
///
/// ```
/// # struct PgQueryResult;
/// # impl PgQueryResult { fn rows_affected(&self) -> u64 { 3 } }
/// # async fn execute(_: &str) -> Result<PgQueryResult, ()> { Ok(PgQueryResult) }
/// # async fn tidy() -> Result<(), ()> {
/// let statement = "DELETE FROM carts WHERE age > 30";
/// perf_runtime::sql::query_counted_async(statement, execute(statement), PgQueryResult::rows_affected).await?;
/// # Ok(())
/// # }
/// # drop(tidy());
/// ```
///
/// # Errors
/// Those of `future`, whose rows are not counted.
pub fn query_counted_async<T, E>(
    statement: &str,
    future: impl Future<Output = Result<T, E>>,
    rows: impl FnOnce(&T) -> u64,
) -> impl Future<Output = Result<T, E>> {
    await_counted(statement, future, |result| result.as_ref().ok().map(rows))
}

/// Records how many rows a statement returned or changed.
///
/// It is for hooks of databases that tell it, beside [`query_took`](super::query_took) and [`query_ended`](super::query_ended).
pub fn query_returned(statement: &str, rows: u64) {
    if !state::is_off() {
        counted::add_rows(rows::of_statement(statement), rows);
    }
}

#[inline]
fn run_counted<T>(statement: &str, run: impl FnOnce() -> T, rows: impl FnOnce(&T) -> Option<u64>) -> T {
    if state::is_off() {
        return run();
    }
    let row = rows::of_statement(statement);
    let wait = Wait::begin(row);
    let result = run();
    drop(wait);
    note(row, rows(&result));
    result
}

fn await_counted<F: Future>(
    statement: &str,
    future: F,
    rows: impl FnOnce(&F::Output) -> Option<u64>,
) -> impl Future<Output = F::Output> {
    let row = rows::of_future(statement);
    let future = Profiled::new(row, future);
    async move {
        let result = future.await;
        if !state::is_off() {
            note(row, rows(&result));
        }
        result
    }
}

fn note(row: &'static Site, rows: Option<u64>) {
    if let Some(rows) = rows {
        counted::add_rows(row, rows);
    }
}
