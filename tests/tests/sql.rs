//! Queries and waits for connections are rows, and hold no value.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{Connection, SimpleConnection};
use diesel::{RunQueryDsl, SqliteConnection};
use perf_report::{Function, Kind, Snapshot};
use perf_runtime::{profile, sql};
use perf_tests::figures::function;
use perf_tests::in_process::recorded;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

/// The cost of measuring a call is taken as a mean: sums may be some nanoseconds off.
const OFF_NS: u64 = 1_000;

/// The row of a statement, and the calls of it that a function made.
fn row<'a>(snapshot: &'a Snapshot, statement: &str) -> &'a Function {
    let found = snapshot.functions.iter().find(|function| function.kind == Kind::Query && function.name == statement);
    found.unwrap_or_else(|| panic!("there is no {statement:?}: {:?}", queries(snapshot)))
}

fn queries(snapshot: &Snapshot) -> Vec<&str> {
    let ran = snapshot.functions.iter().filter(|function| function.kind == Kind::Query && function.calls > 0);
    ran.map(|function| &*function.name).collect()
}

fn calls_by(snapshot: &Snapshot, statement: &str, caller: &str) -> u64 {
    let name = |index: usize| &snapshot.functions[index].name;
    let edges = row(snapshot, statement).callers.iter();
    edges.filter(|edge| edge.caller.is_some_and(|index| name(index).ends_with(caller))).map(|edge| edge.calls).sum()
}

#[profile]
fn loads_each(ids: &[u64]) -> usize {
    ids.iter().map(|id| sql::query(&format!("SELECT a FROM closures WHERE id = {id}"), || 1)).sum()
}

#[test]
fn a_query_is_a_call_of_its_statement_whatever_its_values() {
    let snapshot = recorded(|| {
        assert_eq!(loads_each(&[7, 8, 9]), 3);
        let panicked = catch_unwind(AssertUnwindSafe(|| sql::query("SELECT a FROM panics", || panic!("gone"))));
        assert!(panicked.is_err());
    });
    let statement = "SELECT a FROM closures WHERE id = ?";
    assert_eq!((row(&snapshot, statement).calls, calls_by(&snapshot, statement, "loads_each")), (3, 3));
    let panics = row(&snapshot, "SELECT a FROM panics");
    assert_eq!((panics.calls, panics.unwound), (1, 1));
    let caller = function(&snapshot, "loads_each");
    assert!(caller.self_ns + row(&snapshot, statement).total_ns <= caller.total_ns + OFF_NS, "a wait is no self time");
}

#[test]
fn an_async_query_lasts_until_it_is_ready_and_one_that_is_dropped_is_cancelled() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let snapshot = recorded(|| {
        runtime.block_on(async {
            let slow = async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Err::<(), _>("gone")
            };
            assert_eq!(sql::query_async("SELECT 'x' FROM ready", slow).await, Err("gone"));
            let never = sql::query_async("SELECT 'x' FROM never", std::future::pending::<()>());
            tokio::select! {
                () = never => {}
                () = tokio::time::sleep(Duration::from_millis(5)) => {}
            }
            assert!(sql::connection_async("async", async { Err::<(), _>("closed") }).await.is_err());
            assert!(sql::connection_async("async", async { Ok::<_, ()>(()) }).await.is_ok());
        });
    });
    let ready = row(&snapshot, "SELECT ? FROM ready");
    assert!(ready.calls == 1 && ready.max_ns >= 5_000_000, "{ready:?}");
    assert_eq!(row(&snapshot, "SELECT ? FROM never").futures.unwrap().cancelled, 1);
    assert_eq!((row(&snapshot, "pool async").calls, row(&snapshot, "pool async, failed").calls), (2, 1));
}

#[profile]
fn lists_orders(connection: &rusqlite::Connection) {
    for id in 0..12 {
        let name =
            connection.query_row("SELECT name FROM users WHERE id = ?1", [id % 2], |row| row.get::<_, String>(0));
        assert!(name.unwrap().starts_with("secret"));
    }
}

#[profile]
fn reads_a_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

#[profile]
fn looks_at_the_first(connection: &rusqlite::Connection) {
    let mut statement = connection.prepare("SELECT name FROM users ORDER BY id").unwrap();
    let mut rows = statement.query_map([], reads_a_row).unwrap();
    assert!(rows.next().unwrap().unwrap().starts_with("secret"));
    // It ends with the statement, before the last row.
}

/// A connection whose statements are recorded, with two users.
fn sqlite() -> rusqlite::Connection {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let told = |event: TraceEvent<'_>| match event {
        TraceEvent::Stmt(statement, text) if statement.sql() == text => sql::query_began(text),
        TraceEvent::Profile(statement, _) => sql::query_ended(&statement.sql()),
        _ => {}
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT | TraceEventCodes::SQLITE_TRACE_PROFILE, Some(told));
    connection
        .execute_batch(
            "CREATE TABLE users (id, name); CREATE TABLE seen (name);
            CREATE TRIGGER sees AFTER INSERT ON users BEGIN INSERT INTO seen VALUES (new.name); END;
            INSERT INTO users VALUES (0, 'secret a'), (1, 'secret b');",
        )
        .unwrap();
    connection
}

#[test]
fn rusqlite_tells_of_each_statement() {
    let snapshot = recorded(|| {
        let connection = sqlite();
        lists_orders(&connection);
        looks_at_the_first(&connection);
    });
    let statement = "SELECT name FROM users WHERE id = ?";
    assert_eq!(calls_by(&snapshot, statement, "lists_orders"), 12);
    assert_eq!(row(&snapshot, "INSERT INTO users VALUES (?…)…;").calls, 1);
    assert!(
        queries(&snapshot).iter().all(|statement| !statement.starts_with("INSERT INTO seen")),
        "a trigger is no query"
    );
    let (caller, asked) = (function(&snapshot, "lists_orders"), row(&snapshot, statement));
    assert!(asked.total_ns > 0 && caller.self_ns + asked.total_ns <= caller.total_ns + OFF_NS);
    let ordered = row(&snapshot, "SELECT name FROM users ORDER BY id");
    let read = function(&snapshot, "reads_a_row");
    assert_eq!((ordered.calls, read.calls), (1, 1));
    assert_eq!(snapshot.functions[read.callers[0].caller.unwrap()].name, ordered.name);
    assert!(ordered.self_ns + read.total_ns <= ordered.total_ns + OFF_NS);
    assert!(!snapshot.to_json().contains("secret"), "no value is recorded");
}

#[profile]
fn asks_of_two(connection: &rusqlite::Connection) -> usize {
    let [mut all, mut some] =
        ["SELECT id FROM users", "SELECT id FROM users WHERE id > 0"].map(|text| connection.prepare(text).unwrap());
    let mut rows = all.query([]).unwrap();
    let mut found = 0;
    while rows.next().unwrap().is_some() {
        // Begins while the other runs, and ends before it.
        found += some.query_map([], |_| Ok(())).unwrap().count();
    }
    found
}

/// Works for some time that it can name.
fn works() -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(5) {}
    start.elapsed().as_nanos() as u64
}

#[profile]
fn begins<'a>(statement: &'a mut rusqlite::Statement<'_>) -> rusqlite::Rows<'a> {
    let mut rows = statement.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    rows
}

#[profile]
fn goes_on(connection: &rusqlite::Connection) -> u64 {
    let mut statement = connection.prepare("-- with a name\nSELECT name FROM users WHERE id >= 0").unwrap();
    let mut rows = begins(&mut statement);
    let worked = works();
    assert!(rows.next().unwrap().is_some() && rows.next().unwrap().is_none());
    worked
}

#[profile]
fn steps_in_turns(connection: &rusqlite::Connection) {
    let [mut first, mut second] = ["SELECT id FROM users WHERE id < 8", "SELECT name FROM users WHERE id < 8"]
        .map(|text| connection.prepare(text).unwrap());
    let (mut first, mut second) = (first.query([]).unwrap(), second.query([]).unwrap());
    assert!(first.next().unwrap().is_some() && second.next().unwrap().is_some());
    works();
    // The one that began first ends first.
    while first.next().unwrap().is_some() {}
    while second.next().unwrap().is_some() {}
}

#[test]
fn statements_may_run_while_others_do() {
    let snapshot = recorded(|| {
        let connection = sqlite();
        assert_eq!(asks_of_two(&connection), 2);
        steps_in_turns(&connection);
    });
    let inner = "SELECT id FROM users WHERE id > ?";
    let outer = row(&snapshot, "SELECT id FROM users");
    assert_eq!((outer.calls, row(&snapshot, inner).calls), (1, 2));
    assert!(outer.self_ns + row(&snapshot, inner).total_ns <= outer.total_ns + OFF_NS);
    let [first, second] =
        ["SELECT id FROM users WHERE id < ?", "SELECT name FROM users WHERE id < ?"].map(|it| row(&snapshot, it));
    let caller = function(&snapshot, "steps_in_turns");
    assert_eq!((first.calls, second.calls), (1, 1));
    let sum = caller.self_ns + first.self_ns + second.self_ns;
    assert!(sum <= caller.total_ns + OFF_NS, "no time is counted twice: {caller:?} {first:?} {second:?}");
}

#[test]
fn statements_may_run_longer_than_the_function_that_began_them() {
    let mut worked = 0;
    let snapshot = recorded(|| worked = goes_on(&sqlite()));
    let (begun, around) = (function(&snapshot, "begins"), function(&snapshot, "goes_on"));
    let query = row(&snapshot, "SELECT name FROM users WHERE id >= ?");
    assert_eq!((query.calls, begun.calls, query.unwound), (1, 1, 0));
    // The time between is the query's, and not that of the function that only waited for its rows.
    assert!(query.self_ns >= worked && around.self_ns + worked <= around.total_ns + OFF_NS, "{around:?} {query:?}");
    let sum = around.self_ns + begun.self_ns + query.self_ns;
    assert!(sum <= around.total_ns + OFF_NS, "no time is counted twice: {around:?} {begun:?} {query:?}");
    assert_eq!(query.abandoned, 0);
}

#[test]
fn a_query_may_end_in_another_thread_or_while_recording_is_off() {
    let snapshot = recorded(|| {
        sql::query_began("SELECT a FROM moved");
        thread::spawn(|| sql::query_ended("SELECT a FROM moved")).join().unwrap();
        sql::query_ended("SELECT a FROM moved");
        sql::query_began("SELECT a FROM switched_off");
        perf_runtime::disable();
        sql::query_ended("SELECT a FROM switched_off");
        perf_runtime::enable();
    });
    assert_eq!(row(&snapshot, "SELECT a FROM moved").calls, 1);
    assert_eq!(row(&snapshot, "SELECT a FROM switched_off").calls, 1);
    assert_eq!(snapshot.in_flight, []);
}

#[profile]
fn is_told_too_much() {
    sql::query_took("SELECT a FROM slow", Duration::from_secs(3_600));
    sql::query_took("SELECT a FROM slow", Duration::from_secs(3_600));
}

#[test]
fn a_query_takes_no_longer_than_the_call_around_it_whatever_its_hook_says() {
    let snapshot = recorded(is_told_too_much);
    let (caller, query) = (function(&snapshot, "is_told_too_much"), row(&snapshot, "SELECT a FROM slow"));
    assert_eq!(query.calls, 2);
    assert!(caller.self_ns + query.total_ns <= caller.total_ns + OFF_NS, "{caller:?} {query:?}");
}

#[test]
fn diesel_tells_of_each_query() {
    let snapshot = recorded(|| {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.set_instrumentation(sql::diesel::Queries::default());
        connection.batch_execute("CREATE TABLE orders (id INTEGER, note TEXT)").unwrap();
        for id in 0..3 {
            let query = diesel::sql_query("INSERT INTO orders VALUES (?, ?)");
            let query = query.bind::<diesel::sql_types::Integer, _>(id);
            query.bind::<diesel::sql_types::Text, _>("secret\nsecret").execute(&mut connection).unwrap();
        }
        // One that fails is a query as well.
        diesel::sql_query("SELECT nothing FROM nowhere").execute(&mut connection).unwrap_err();
    });
    assert_eq!(row(&snapshot, "INSERT INTO orders VALUES (?…)").calls, 3);
    assert_eq!(row(&snapshot, "SELECT nothing FROM nowhere").calls, 1);
    assert!(!snapshot.to_json().contains("secret"), "no value is recorded");
}

#[profile]
fn asks_in_vain(pool: &r2d2::Pool<SqliteConnectionManager>) {
    pool.get_timeout(Duration::from_millis(20)).unwrap_err();
}

#[test]
fn r2d2_tells_of_waits_and_of_those_that_failed() {
    let snapshot = recorded(|| {
        let events = sql::r2d2::events("orders");
        let pool = r2d2::Pool::builder().max_size(1).event_handler(events);
        let pool = pool.build(SqliteConnectionManager::memory()).unwrap();
        let held = pool.get().unwrap();
        thread::scope(|scope| scope.spawn(|| asks_in_vain(&pool)).join().unwrap());
        drop(held);
    });
    let (all, failed) = (row(&snapshot, "pool orders"), row(&snapshot, "pool orders, failed"));
    assert_eq!((all.calls, failed.calls, calls_by(&snapshot, "pool orders, failed", "asks_in_vain")), (2, 1, 1));
    assert!(all.max_ns >= 19_000_000, "the wait that failed is one: {all:?}");
    let caller = function(&snapshot, "asks_in_vain");
    assert!(caller.self_ns + all.max_ns <= caller.total_ns + OFF_NS, "a wait is no self time: {caller:?} {all:?}");
}
