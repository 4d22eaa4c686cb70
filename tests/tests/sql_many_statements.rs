//! Statements without end take rows up to a bound. In a process of its own, as the rows are the process's.

use perf_report::{Function, Kind};
use perf_runtime::sql;
use perf_tests::in_process::recorded;

#[test]
fn statements_beyond_a_thousand_share_a_row() {
    let snapshot = recorded(|| {
        for number in 0..1_100 {
            sql::query(&format!("SELECT a FROM table_{number}"), || ());
        }
    });
    let is_query = |function: &&Function| function.kind == Kind::Query && function.calls > 0;
    let queries: Vec<&Function> = snapshot.functions.iter().filter(is_query).collect();
    assert!(queries.len() <= 1_010, "{}", queries.len());
    assert_eq!(queries.iter().map(|row| row.calls).sum::<u64>(), 1_100, "none is lost");
    let others = queries.iter().find(|row| row.name == "other statements").expect("a row is shared");
    assert!(others.calls >= 100, "{others:?}");
}
