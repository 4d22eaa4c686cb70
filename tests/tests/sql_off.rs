//! While nothing is recorded, no statement is looked at, so that none takes a row from those that come later.

use perf_report::Kind;
use perf_runtime::{Report, session, sql};

#[test]
fn statements_of_a_time_without_recording_take_no_rows() {
    perf_tests::environment::is_cleared();
    // The first call of the process decides whether anything is recorded.
    sql::query("SELECT a FROM first", || ());
    for number in 0..1_500 {
        drop(sql::query_async(&format!("SELECT a FROM off_{number}"), async {}));
        sql::query(&format!("SELECT a FROM off_{number}"), || ());
    }
    let session = session().signals(false).report(Report::custom(|_| String::new())).start();
    sql::query("SELECT a FROM on", || ());
    let snapshot = session.snapshot().expect("a session is open");
    let queries = snapshot.functions.iter().filter(|function| function.kind == Kind::Query);
    let ran: Vec<&str> = queries.filter(|row| row.calls > 0).map(|row| &*row.name).collect();
    assert_eq!(ran, ["SELECT a FROM on"]);
}
