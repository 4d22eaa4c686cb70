//! The queries of sqlx, by the events that it emits: those of its own logger, which each driver makes when it sends a statement, and drops
//! when the query has ended.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use perf_report::{Kind, Snapshot};
use perf_runtime::profile;
use perf_tests::figures::function;
use perf_tests::in_process::{recorded, row};
use sqlx_core::connection::LogSettings;
use sqlx_core::logger::QueryLogger;
use sqlx_core::sql_str::{AssertSqlSafe, SqlSafeStr};
use tracing::{Level, enabled};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Identity, Layer, SubscriberExt};

const PART: Duration = Duration::from_millis(4);

/// One test at a time, with the layer in place.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    static START: Once = Once::new();
    START.call_once(|| {
        // The log of a program, which wants warnings alone, takes nothing away.
        let log = Identity::new().with_filter(LevelFilter::WARN);
        let subscriber = tracing_subscriber::registry().with(log).with(perf_runtime::sql::sqlx::layer());
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is set");
    });
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As a driver runs a statement: its answer comes after a poll, and has so many rows.
async fn run(statement: &str, returned: u64, affected: u64) {
    let mut logger = QueryLogger::new(AssertSqlSafe(statement.to_owned()).into_sql_str(), LogSettings::default());
    let mut is_sent = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut is_sent, true) { Poll::Ready(()) } else { Poll::Pending }).await;
    (0..returned).for_each(|_| logger.increment_rows_returned());
    logger.increase_rows_affected(affected);
}

/// Polls it twice, some time apart.
fn to_its_end(future: impl Future<Output = ()>) {
    let (mut future, mut context) = (pin!(future), Context::from_waker(Waker::noop()));
    assert!(future.as_mut().poll(&mut context).is_pending());
    thread::sleep(PART);
    assert!(future.as_mut().poll(&mut context).is_ready());
}

#[profile]
async fn load_user(id: u32) {
    run(&format!("SELECT name, 'a secret' FROM users  WHERE id = {id}"), 1, 1).await;
}

#[profile]
async fn tidy() {
    run("DELETE FROM carts", 0, 7).await;
}

fn calls_by(snapshot: &Snapshot, statement: &str, caller: &str) -> u64 {
    let callers = row(snapshot, statement).callers.iter();
    let of = callers.filter(|edge| edge.caller.is_some_and(|at| snapshot.functions[at].name.ends_with(caller)));
    of.map(|edge| edge.calls).sum()
}

#[test]
fn queries_have_the_time_of_their_answers_their_callers_and_rows() {
    let _alone = alone();
    let snapshot = recorded(|| {
        (0..3).for_each(|id| to_its_end(load_user(id)));
        to_its_end(tidy());
        // As SQLite has it, after the statement before.
        to_its_end(run("SELECT  count(*)\nFROM carts", 1, 7));
        to_its_end(run("SELECT id FROM carts", 0, 7));
        to_its_end(run("INSERT INTO carts VALUES (1), (2) RETURNING id", 2, 9));
    });
    let (select, delete) = ("SELECT name, ? FROM users WHERE id = ?", "DELETE FROM carts");
    let query = row(&snapshot, select);
    assert_eq!((query.kind, query.calls, query.timed_calls, query.latency.count()), (Kind::Query, 3, 3, 3));
    // Sqlx's clock is another one, which ours knows to some thousandths.
    assert!(query.min_ns >= PART.as_nanos() as u64 * 9 / 10 && query.sum_ns >= 3 * query.min_ns, "{query:?}");
    let rows = |statement| row(&snapshot, statement).rows.map(|rows| (rows.results, rows.sum, rows.most));
    assert_eq!((rows(select), rows(delete)), (Some((3, 3, 1)), Some((1, 7, 7))));
    assert_eq!(rows("SELECT count (*) FROM carts"), Some((1, 1, 1)));
    assert_eq!(rows("SELECT id FROM carts"), Some((1, 0, 0)));
    assert!(
        snapshot
            .functions
            .iter()
            .any(|row| row.name.starts_with("INSERT") && row.rows.is_some_and(|rows| rows.sum == 2))
    );
    assert_eq!((calls_by(&snapshot, select, "load_user"), calls_by(&snapshot, delete, "tidy")), (3, 1));
    assert_eq!(calls_by(&snapshot, select, "tidy"), 0);

    // The time between the polls is the caller's wait, once.
    let caller = function(&snapshot, "load_user");
    assert!(caller.waiting_ns >= 3 * PART.as_nanos() as u64 && caller.waiting_ns <= caller.total_ns, "{caller:?}");
    assert!(caller.self_ns <= caller.futures.unwrap_or_default().busy_ns, "{caller:?}");
    assert_eq!((query.futures.map(|futures| (futures.started, futures.polls)), query.self_ns), (Some((3, 0)), 0));
    assert!(!snapshot.to_json().contains("secret"), "values are not recorded");
}

#[test]
fn other_events_are_not_asked_for_and_no_queries() {
    let _alone = alone();
    let wanted = || {
        (enabled!(target: "sqlx::query", Level::DEBUG), enabled!(target: "app", Level::DEBUG), enabled!(Level::ERROR))
    };
    assert_eq!(wanted(), (true, false, true));
    assert_eq!(LevelFilter::current(), LevelFilter::DEBUG, "nobody is asked for events of the level TRACE");
    perf_runtime::disable();
    to_its_end(tidy());
    let snapshot = recorded(|| {
        // Of others, and without a duration.
        tracing::debug!(target: "app", summary = "SELECT app", elapsed_secs = 1.0);
        tracing::debug!(target: "sqlx::query", summary = "SELECT timeless", rows_returned = 3_u64);
        tracing::debug!(target: "sqlx::query", summary = "SELECT backwards", elapsed_secs = -1.0);
        tracing::debug!(target: "sqlx::query", summary = "SELECT never", elapsed_secs = f64::NAN);
        tracing::debug!(target: "sqlx::query", elapsed_secs = 1.0);
    });
    assert!(snapshot.functions.iter().all(|row| row.kind != Kind::Query || row.calls == 0), "{snapshot:?}");
}
