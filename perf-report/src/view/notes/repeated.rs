//! Statements that a function runs again and again within one call: a query per row of another one.

use super::pools::is_pool;
use crate::view::{
    sizes::mean_rows,
    text::{escape, list, shortened},
    units::count,
};
use crate::{Caller, Function, Kind, Snapshot};

/// Runs of one statement per call of its caller from which on it looks like a query per row.
const MANY: u64 = 10;

/// Calls of the caller from which on it is named: a worker that is called once does all work of the program in that call.
const CALLED: u64 = 2;

/// A chain of callers is hardly longer.
const LONGEST: usize = 32;

/// Who runs which statement how often per call.
struct Repeated<'a> {
    query: &'a Function,
    caller: &'a Function,
    /// The function that runs the statement, if it is another one.
    through: Option<&'a Function>,
    per_call: u64,
    runs: u64,
}

pub(super) fn statements(snapshot: &Snapshot) -> Option<String> {
    // A connection for each query is no fault of its own.
    let queries = snapshot.functions.iter().filter(|function| function.kind == Kind::Query && !is_pool(function));
    let edges = queries.flat_map(|query| query.callers.iter().map(move |edge| (query, edge)));
    let mut found: Vec<Repeated<'_>> = edges.filter_map(|(query, edge)| of_caller(snapshot, query, edge)).collect();
    found.sort_by_key(|repeated| std::cmp::Reverse(repeated.runs));
    let items = found.iter().map(|Repeated { query, caller, through, per_call, .. }| {
        let statement = shortened(&escape(&query.name));
        let through = through.map_or_else(String::new, |helper| format!(", through {}", escape(&helper.name)));
        let each = query.rows.map_or_else(String::new, |rows| format!(", {} each", mean_rows(&rows)));
        format!("{statement} {} per call of {}{through}{each}", count(*per_call), escape(&caller.name))
    });
    list(items).map(|list| {
        format!("Some functions run a statement many times per call: {list}. One statement for all rows saves the round trips.")
    })
}

/// The nearest function around an edge to a query in one call of which the statement runs many times.
///
/// As long as each function on the way has one caller, all that it runs is run for that one, so that it is no guess.
fn of_caller<'a>(snapshot: &'a Snapshot, query: &'a Function, edge: &Caller) -> Option<Repeated<'a>> {
    let mut index = edge.caller?;
    let helper = snapshot.functions.get(index)?;
    let mut way = Vec::new();
    while way.len() < LONGEST && !way.contains(&index) {
        let caller = snapshot.functions.get(index)?;
        let per_call = edge.calls / caller.calls.max(1);
        // A request is no loop that hands out the work, even if there was only one.
        let is_request = caller.kind == Kind::Request;
        if per_call >= MANY && caller.calls >= if is_request { 1 } else { CALLED } {
            let through = (!way.is_empty()).then_some(helper);
            return Some(Repeated { query, caller, through, per_call, runs: edge.calls });
        }
        // Around requests there is the server, which runs the statements of all of them.
        let [only] = &caller.callers[..] else { return None };
        way.push(index);
        index = only.caller.filter(|_| !is_request)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rows;

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

    /// A query that a helper runs once per call, a service that calls the helper, and whoever calls that.
    fn chain(kind: Kind, of_top: u64, of_service: u64, of_helper: u64) -> Snapshot {
        let row = |name: &str, kind, calls, caller| {
            let callers = vec![Caller { caller, calls, total_ns: 0 }];
            Function { kind, calls, callers, ..Function::new(name) }
        };
        let functions = vec![
            row("app::top", kind, of_top, None),
            row("app::list_orders", Kind::Future, of_service, Some(0)),
            row("app::user_by_id", Kind::Future, of_helper, Some(1)),
            row("SELECT ?", Kind::Query, of_helper, Some(2)),
        ];
        Snapshot { functions, ..Snapshot::empty() }
    }

    #[test]
    fn a_query_in_a_helper_is_named_with_the_function_that_calls_the_helper_many_times() {
        let named = |snapshot: &Snapshot| {
            statements(snapshot).map(|note| note.split_once(": ").unwrap().1.split_once(". ").unwrap().0.to_owned())
        };
        let mut orders = chain(Kind::Function, 1, 50, 2_000);
        let list = "SELECT ? 40 per call of app::list_orders, through app::user_by_id";
        assert_eq!(named(&orders).as_deref(), Some(list));
        orders.functions[3].rows = Some(Rows { results: 2_000, sum: 2_000, most: 1 });
        assert_eq!(named(&orders), Some(format!("{list}, 1 row each")));
        // Each of the two steps alone is few.
        let steps = named(&chain(Kind::Function, 10, 50, 250));
        assert_eq!(steps.as_deref(), Some("SELECT ? 25 per call of app::top, through app::user_by_id"));
        orders.functions[2].callers.push(Caller { caller: Some(0), calls: 1, total_ns: 0 });
        assert_eq!(named(&orders), None, "for whom the helper runs it is not known");
    }

    #[test]
    fn a_loop_that_ran_once_is_named_only_if_it_is_a_request() {
        let mut worker = chain(Kind::Function, 1, 1, 1);
        worker.functions[3].calls = 200;
        worker.functions[3].callers[0].calls = 200;
        assert_eq!(statements(&worker), None);
        worker.functions[0].kind = Kind::Request;
        let note = statements(&worker).unwrap();
        assert!(note.contains(": SELECT ? 200 per call of app::top, through app::user_by_id. "), "{note}");
        // The server around requests runs the statements of all of them.
        let mut server = chain(Kind::Function, 2, 200, 200);
        server.functions[1].kind = Kind::Request;
        assert_eq!(statements(&server), None);
    }

    #[test]
    fn functions_that_call_one_another_have_an_end() {
        let mut recursion = chain(Kind::Function, 2, 5, 5);
        recursion.functions[0].callers[0].caller = Some(1);
        assert_eq!(statements(&recursion), None);
    }
}
