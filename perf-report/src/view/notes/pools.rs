//! Pools whose connections are waited for longer than they are used.

use crate::view::{
    text::{escape, list},
    units::{count, duration, share},
};
use crate::{Caller, Function, Kind, Snapshot};

/// A pool's row is named so, and then by its name.
const POOL: &str = "pool ";

/// The row of the waits that failed is named as the pool's, and this.
const FAILED: &str = ", failed";

/// So many times the time of the queries is too long to wait for a connection: on average, three want one where one is.
const TIMES: u64 = 2;

/// The part of the callers' time from which on waits are worth a note: a tenth.
const WORTH_A_NOTE: u64 = 10;

/// Whether the row is that of a pool, or of its failed waits.
pub(crate) fn is_pool(function: &Function) -> bool {
    function.kind == Kind::Query && function.name.starts_with(POOL)
}

/// The time of the calls that one caller made, at least.
///
/// An edge to a future has the time of its polls alone. Besides, the time of all calls is known, and that none of the others' took longer
/// than the longest.
pub(crate) fn time_of(function: &Function, edge: &Caller) -> u64 {
    if function.futures.is_none() {
        return edge.total_ns;
    }
    let calls = function.callers.iter().fold(0_u64, |sum, edge| sum.saturating_add(edge.calls));
    let of_others = (calls - edge.calls.min(calls)).saturating_mul(function.max_ns);
    function.sum_ns.saturating_sub(of_others).max(edge.total_ns)
}

pub(super) fn waits(snapshot: &Snapshot) -> Option<String> {
    let pools = snapshot.functions.iter().filter(|row| is_pool(row) && !row.name.ends_with(FAILED));
    let mut found: Vec<(u64, String)> = pools.filter_map(|pool| of_pool(snapshot, pool)).collect();
    found.sort_by_key(|(waited_ns, _)| std::cmp::Reverse(*waited_ns));
    list(found.into_iter().map(|(_, text)| text)).map(|list| {
        format!(
            "Connections are waited for: {list}. A larger pool, connections that are given back earlier, or that are opened before they are \
             needed would shorten the waits."
        )
    })
}

/// The time that was waited for a pool, and what is to be said of it.
fn of_pool(snapshot: &Snapshot, pool: &Function) -> Option<(u64, String)> {
    let waited_ns = pool.sum_ns;
    let mut callers: Vec<(u64, u64, &Function)> = pool
        .callers
        .iter()
        .filter_map(|edge| Some((time_of(pool, edge), edge.calls, snapshot.functions.get(edge.caller?)?)))
        .collect();
    callers.sort_by_key(|(ns, calls, _)| std::cmp::Reverse((*ns, *calls)));
    let whole_ns = callers.iter().fold(0_u64, |sum, (_, _, caller)| sum.saturating_add(caller.sum_ns));
    // Without callers, the whole time counts.
    let whole_ns = if whole_ns == 0 { snapshot.process.recorded_ns } else { whole_ns };
    let queries_ns = queries_ns(snapshot, pool);
    if waited_ns < whole_ns / WORTH_A_NOTE || waited_ns < queries_ns.saturating_mul(TIMES) || waited_ns == 0 {
        return None;
    }
    // Where less is known than would be likely, the number of waits is said instead.
    let is_known = |ns: u64, calls: u64| {
        let likely = u128::from(waited_ns) * u128::from(calls) / u128::from(pool.calls.max(1));
        pool.futures.is_none() || u128::from(ns) * 10 > likely * 9
    };
    let shares = callers.iter().map(|(ns, calls, caller)| match is_known(*ns, *calls) {
        true => format!("{} of {}", share((*ns).min(caller.sum_ns), caller.sum_ns), escape(&caller.name)),
        false => format!("{} in {}", count(*calls), escape(&caller.name)),
    });
    let shares = list(shares).map(|list| format!(" ({list})")).unwrap_or_default();
    let failed = format!("{}{FAILED}", pool.name);
    let failed = snapshot.functions.iter().find(|row| is_pool(row) && row.name == failed).map_or(0, |row| row.calls);
    // Those that were given up did not end by an error.
    let failed = failed.saturating_add(pool.futures.map_or(0, |futures| futures.cancelled));
    let failed = if failed == 0 { String::new() } else { format!(", {} of them in vain", count(failed)) };
    let (waited, queries) = (duration(waited_ns), duration(queries_ns));
    let name = escape(&pool.name);
    Some((
        waited_ns,
        format!("{name} {waited} in {} waits{failed}, beside {queries} of queries{shares}", count(pool.calls)),
    ))
}

/// The time of the queries that the callers of a pool run; of all, if those who wait for it run none themselves.
fn queries_ns(snapshot: &Snapshot, pool: &Function) -> u64 {
    let queries = || snapshot.functions.iter().filter(|row| row.kind == Kind::Query && !is_pool(row));
    let is_same =
        |edge: &&Caller| edge.caller.is_some() && pool.callers.iter().any(|other| other.caller == edge.caller);
    // Of a query that others run too it is not known how long it took in these.
    let own = queries().filter(|query| query.callers.iter().any(|edge| is_same(&edge))).map(|query| query.sum_ns);
    match own.fold(0, u64::saturating_add) {
        0 => queries().map(|query| query.sum_ns).fold(0, u64::saturating_add),
        own => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Futures;

    fn row(name: &str, kind: Kind, calls: u64, sum_ns: u64, callers: &[usize]) -> Function {
        let each = |caller: &usize| {
            let parts = callers.len() as u64;
            Caller::new(Some(*caller), calls / parts, sum_ns / parts)
        };
        Function { kind, calls, sum_ns, callers: callers.iter().map(each).collect(), ..Function::new(name) }
    }

    fn snapshot(waited_ns: u64) -> Snapshot {
        let functions = vec![
            row("GET /orders", Kind::Request, 1_000, 2_000_000_000, &[]),
            row("pool orders", Kind::Query, 1_000, waited_ns, &[0]),
            row("SELECT ?", Kind::Query, 1_000, 200_000_000, &[0]),
            row("pool orders, failed", Kind::Query, 12, 0, &[0]),
        ];
        Snapshot { functions, ..Snapshot::empty() }
    }

    #[test]
    fn a_pool_that_is_too_small_is_named_with_its_callers() {
        let note = waits(&snapshot(1_600_000_000)).unwrap();
        let start = "Connections are waited for: pool orders 1.60 s in 1,000 waits, 12 of them in vain, beside 200 ms of queries \
                     (80.0% of GET /orders). ";
        assert!(note.starts_with(start), "{note}");
    }

    #[test]
    fn waits_that_are_as_long_as_the_queries_are_no_fault() {
        assert_eq!(waits(&snapshot(399_000_000)), None);
        assert!(waits(&snapshot(400_000_000)).is_some());
        let mut long = snapshot(1_600_000_000);
        long.functions[0].sum_ns = 20_000_000_000;
        assert_eq!(waits(&long), None, "a hundredth of the time is not worth a note");
        assert_eq!(waits(&snapshot(0)), None);
    }

    #[test]
    fn the_time_of_a_future_is_not_that_of_its_polls() {
        let mut snapshot = snapshot(1_600_000_000);
        for row in &mut snapshot.functions[1..3] {
            row.futures = Some(Futures { started: row.calls, ..Futures::default() });
            row.callers[0].total_ns = 1_000;
        }
        assert!(waits(&snapshot).unwrap().contains("(80.0% of GET /orders)."));
        // How long each of several callers waited is not known.
        snapshot.functions.push(row("GET /customers", Kind::Request, 500, 500_000_000, &[]));
        snapshot.functions[1].callers = vec![Caller::new(Some(0), 600, 1_000), Caller::new(Some(4), 400, 500)];
        snapshot.functions[1].max_ns = 10_000_000;
        assert!(waits(&snapshot).unwrap().contains("queries (600 in GET /orders, 400 in GET /customers)."));
        // Waits that their callers gave up brought no connection either.
        snapshot.functions[1].futures = Some(Futures { started: 1_000, cancelled: 3, ..Futures::default() });
        assert!(waits(&snapshot).unwrap().contains("in 1,000 waits, 15 of them in vain, beside"));
        // But a few calls can't have taken most of the time.
        snapshot.functions[1].callers = vec![Caller::new(Some(0), 998, 1_000), Caller::new(Some(4), 2, 500)];
        assert!(waits(&snapshot).unwrap().contains("queries (79.0% of GET /orders, 2 in GET /customers)."));
    }
}
