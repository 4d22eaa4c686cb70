//! Statements that a function runs again and again within one call: a query per row of another one.

use super::pools::is_pool;
use crate::view::{
    sizes::mean_rows,
    text::{escape, list, shortened},
    units::count,
};
use crate::{Kind, Rows, Snapshot};

/// Runs of one statement per call of its caller from which on it looks like a query per row.
const MANY: u64 = 10;

/// Who runs which statement how often per call.
struct Repeated<'a> {
    statement: &'a str,
    caller: &'a str,
    per_call: u64,
    runs: u64,
    rows: Option<Rows>,
}

pub(super) fn statements(snapshot: &Snapshot) -> Option<String> {
    let mut found: Vec<Repeated<'_>> = Vec::new();
    // A connection for each query is no fault of its own.
    for query in snapshot.functions.iter().filter(|function| function.kind == Kind::Query && !is_pool(function)) {
        for edge in &query.callers {
            let Some(caller) = edge.caller.and_then(|index| snapshot.functions.get(index)) else { continue };
            let per_call = edge.calls / caller.calls.max(1);
            if per_call >= MANY {
                found.push(Repeated {
                    statement: &query.name,
                    caller: &caller.name,
                    per_call,
                    runs: edge.calls,
                    rows: query.rows,
                });
            }
        }
    }
    found.sort_by_key(|repeated| std::cmp::Reverse(repeated.runs));
    let items = found.iter().map(|Repeated { statement, caller, per_call, rows, .. }| {
        let statement = shortened(&escape(statement));
        let each = rows.map_or_else(String::new, |rows| format!(", {} each", mean_rows(&rows)));
        format!("{statement} {} per call of {}{each}", count(*per_call), escape(caller))
    });
    list(items).map(|list| {
        format!("Some functions run a statement many times per call: {list}. One statement for all rows saves the round trips.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Function};

    #[test]
    fn a_query_per_row_is_named_with_its_numbers() {
        let function = |name: &str, kind, calls| Function { kind, calls, ..Function::new(name) };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            function("app::list_orders", Kind::Function, 50),
            function("app::report", Kind::Function, 1),
            function("SELECT name FROM users WHERE id = ?", Kind::Query, 2_009),
            function("SELECT id FROM orders", Kind::Query, 50),
            function("pool orders", Kind::Query, 2_050),
        ];
        let edge = |caller, calls| Caller { caller: Some(caller), calls, total_ns: 0 };
        snapshot.functions[2].callers = vec![edge(0, 2_000), edge(1, 9)];
        snapshot.functions[3].callers = vec![edge(0, 50)];
        snapshot.functions[4].callers = vec![edge(0, 2_050)];
        let note = statements(&snapshot).unwrap();
        assert!(note.contains(": SELECT name FROM users WHERE id = ? 40 per call of app::list_orders."), "{note}");
        snapshot.functions[2].rows = Some(Rows { results: 2_000, sum: 2_000, most: 1 });
        assert!(statements(&snapshot).unwrap().contains(" 40 per call of app::list_orders, 1 row each."));
        snapshot.functions[2].callers.remove(0);
        assert_eq!(statements(&snapshot), None, "nine in one call are not many");
    }
}
