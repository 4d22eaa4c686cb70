//! How many rows the results of statements have.

use std::panic::{AssertUnwindSafe, catch_unwind};

use perf_report::{Merge, Snapshot};
use perf_runtime::{profile, sql};
use perf_tests::in_process::{recorded, row};
use rusqlite::trace::{TraceEvent, TraceEventCodes};

/// Results, rows and the most of one result.
fn rows(snapshot: &Snapshot, statement: &str) -> Option<(u64, u64, u64)> {
    row(snapshot, statement).rows.map(|rows| (rows.results, rows.sum, rows.most))
}

/// As the drivers of sqlx have it.
struct Done(u64);

impl Done {
    fn rows_affected(&self) -> u64 {
        self.0
    }
}

#[test]
fn results_say_how_many_rows_they_have() {
    let snapshot = recorded(|| {
        for names in [vec!["Ada"], vec!["Ada", "Grace", "Edith"], Vec::new()] {
            let found = sql::query_rows("SELECT name FROM users WHERE id > 5", || Ok::<_, ()>(names.clone()));
            assert_eq!(found.unwrap(), names, "the result is handed on");
        }
        assert_eq!(sql::query_rows("SELECT name FROM users LIMIT 1", || Some("Ada")), Some("Ada"));
        assert_eq!(sql::query_rows("SELECT name FROM users LIMIT 1", || None::<&str>), None);
        assert_eq!(sql::query_rows("UPDATE users SET age = 7", || Ok::<usize, ()>(40)), Ok(40));
        let done = sql::query_counted("DELETE FROM users", || Ok::<_, ()>(Done(7)), Done::rows_affected);
        assert_eq!(done.unwrap().0, 7);
        sql::query("SELECT 1 FROM unknown", || vec![1, 2]);
        sql::query_returned("SELECT 1 FROM told", 12);
    });
    assert_eq!(rows(&snapshot, "SELECT name FROM users WHERE id > ?"), Some((3, 4, 3)));
    assert_eq!(rows(&snapshot, "SELECT name FROM users LIMIT ?"), Some((2, 1, 1)));
    assert_eq!(rows(&snapshot, "UPDATE users SET age = ?"), Some((1, 40, 40)));
    assert_eq!(rows(&snapshot, "DELETE FROM users"), Some((1, 7, 7)));
    assert_eq!(rows(&snapshot, "SELECT ? FROM unknown"), None, "nothing is said of results that do not tell");
    assert_eq!(rows(&snapshot, "SELECT ? FROM told"), Some((1, 12, 12)));
    assert_eq!(row(&snapshot, "SELECT name FROM users WHERE id > ?").calls, 3);
}

#[test]
fn errors_and_panics_have_no_rows_and_are_calls() {
    let snapshot = recorded(|| {
        assert_eq!(sql::query_rows("SELECT a FROM errors", || Err::<Vec<()>, _>("closed")), Err("closed"));
        let failed = sql::query_counted("SELECT b FROM errors", || Err::<Done, _>("closed"), |_| panic!("not asked"));
        assert_eq!(failed.err(), Some("closed"));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            sql::query_rows("SELECT c FROM errors", || -> Vec<()> { panic!("gone") })
        }));
        assert!(panicked.is_err());
    });
    for (statement, unwound) in [("SELECT a FROM errors", 0), ("SELECT b FROM errors", 0), ("SELECT c FROM errors", 1)]
    {
        let row = row(&snapshot, statement);
        assert_eq!((row.calls, row.unwound, row.rows), (1, unwound, None), "{statement}");
    }
}

#[test]
fn awaited_results_count_in_whichever_thread_they_become_ready() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    const TASKS: u64 = 40;
    let snapshot = recorded(|| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..TASKS)
                .map(|number| {
                    tokio::spawn(async move {
                        let load = async {
                            tokio::task::yield_now().await;
                            Ok::<_, ()>(vec![0_u8; number as usize])
                        };
                        sql::query_rows_async("SELECT * FROM tasks", load).await.unwrap();
                        let delete = async { Ok::<_, ()>(Done(number)) };
                        sql::query_counted_async("DELETE FROM tasks", delete, Done::rows_affected).await.unwrap();
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            let dropped = sql::query_rows_async("SELECT * FROM never", std::future::pending::<Vec<u8>>());
            tokio::select! {
                biased;
                _ = dropped => {}
                () = std::future::ready(()) => {}
            }
        });
    });
    let expected = Some((TASKS, (0..TASKS).sum(), TASKS - 1));
    assert_eq!(rows(&snapshot, "SELECT * FROM tasks"), expected);
    assert_eq!(rows(&snapshot, "DELETE FROM tasks"), expected);
    assert_eq!(rows(&snapshot, "SELECT * FROM never"), None);
}

#[profile]
fn lists_orders(connection: &rusqlite::Connection) -> rusqlite::Result<usize> {
    let changed =
        sql::query_rows("UPDATE orders SET paid = 1", || connection.execute("UPDATE orders SET paid = 1", []));
    let mut statement = connection.prepare("SELECT id FROM orders")?;
    let ids: rusqlite::Result<Vec<i64>> =
        sql::query_rows("SELECT id FROM orders", || statement.query_map([], |row| row.get(0))?.collect());
    Ok(changed? + ids?.len())
}

#[test]
fn sqlite_tells_of_each_row() {
    let snapshot = recorded(|| {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE users (id); INSERT INTO users VALUES (0), (1), (2)").unwrap();
        let told = |event: TraceEvent<'_>| match event {
            TraceEvent::Stmt(statement, text) if statement.sql() == text => sql::query_began(text),
            TraceEvent::Row(statement) => sql::query_row(&statement.sql()),
            TraceEvent::Profile(statement, _) => sql::query_ended(&statement.sql()),
            _ => {}
        };
        connection.trace_v2(TraceEventCodes::all(), Some(told));
        let mut all = connection.prepare("SELECT id FROM users").unwrap();
        let mut some = connection.prepare("SELECT id FROM users WHERE id >= ?1").unwrap();
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let id: i64 = row.get(0).unwrap();
            // It begins while the other runs, and ends before it.
            assert_eq!(some.query_map([id], |_| Ok(())).unwrap().count() as i64, 3 - id);
        }
        drop(rows);
        // Only its first row is looked at.
        connection.query_row("SELECT id FROM users WHERE id < 9", [], |_| Ok(())).unwrap();
        connection.execute("UPDATE users SET id = id + 1 WHERE id = 2", []).unwrap();
        assert_eq!(some.query_map([7], |_| Ok(())).unwrap().count(), 0);
        sql::query_row("SELECT id FROM nothing that runs");
    });
    assert_eq!(rows(&snapshot, "SELECT id FROM users"), Some((1, 3, 3)));
    assert_eq!(rows(&snapshot, "SELECT id FROM users WHERE id >= ?"), Some((3, 6, 3)));
    assert_eq!(row(&snapshot, "SELECT id FROM users WHERE id >= ?").calls, 4);
    assert_eq!(rows(&snapshot, "SELECT id FROM users WHERE id < ?"), Some((1, 1, 1)));
    assert_eq!(
        rows(&snapshot, "UPDATE users SET id = id + ? WHERE id = ?"),
        None,
        "those that it changes are not told"
    );
}

#[test]
fn a_database_tells_them_and_views_show_them() {
    let snapshot = recorded(|| {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let numbers: Vec<String> = (0..1_500).map(|id| format!("({id}, 0)")).collect();
        connection.execute_batch("CREATE TABLE orders (id, paid)").unwrap();
        connection.execute(&format!("INSERT INTO orders VALUES {}", numbers.join(", ")), []).unwrap();
        assert_eq!(lists_orders(&connection).unwrap(), 3_000);
    });
    assert_eq!(rows(&snapshot, "SELECT id FROM orders"), Some((1, 1_500, 1_500)));
    assert_eq!(rows(&snapshot, "UPDATE orders SET paid = ?"), Some((1, 1_500, 1_500)));
    let json = snapshot.to_json();
    assert!(json.contains(r#""rows":{"results":1,"sum":1500,"most":1500}"#), "{json}");
    assert_eq!(Snapshot::from_json(json.as_bytes()).unwrap(), snapshot, "and they are read again");
    let table = perf_report::View::Table.render(&snapshot, &perf_report::Style::plain());
    assert!(table.contains("SELECT id FROM orders 1,500 rows per call"), "{table}");
    // Two processes of the kind, and then one of them taken off again.
    let mut both = Merge::new();
    both.add("one", snapshot.clone());
    both.add("two", snapshot.clone());
    assert_eq!(rows(&both.finish(), "SELECT id FROM orders"), Some((2, 3_000, 1_500)));
    let nothing = row(&snapshot.since(&snapshot), "SELECT id FROM orders").rows.unwrap();
    assert_eq!((nothing.results, nothing.sum), (0, 0));
}
