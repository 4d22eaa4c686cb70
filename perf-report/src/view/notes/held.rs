//! Locks that are held while a query runs: everybody else waits for the database then.
//!
//! A hold is not on the stack of calls, so what runs under it is not recorded. But a function that acquires a lock once per call has its
//! wait, its hold and its queries one after the other, unless the queries run while it holds the lock. So if these take longer in sum than
//! the function itself, at least the rest is time in which a query ran under the lock.

use super::pools::{is_pool, time_of};
use crate::view::{
    text::{escape, list, shortened},
    units::duration,
    waits::is_hold_of,
};
use crate::{Caller, Function, Kind, Snapshot};

/// The part of the recorded time from which on waits for a lock are worth a note: a hundredth.
const WORTH_A_NOTE: u64 = 100;

/// A chain of callers is hardly longer.
const LONGEST: usize = 32;

/// A lock that a function holds while queries run.
struct Held<'a> {
    lock: &'a Function,
    holder: &'a Function,
    /// For how long, at least.
    under_ns: u64,
    held_ns: u64,
    query: &'a Function,
}

pub(super) fn over_queries(snapshot: &Snapshot) -> Option<String> {
    let holds = snapshot.functions.iter().filter(|row| row.kind == Kind::Hold);
    let edges = holds.flat_map(|hold| hold.callers.iter().map(move |edge| (hold, edge)));
    let mut found: Vec<Held<'_>> = edges.filter_map(|(hold, edge)| of_holder(snapshot, hold, edge)).collect();
    found.sort_by_key(|held| std::cmp::Reverse(held.under_ns));
    list(found.iter().map(text)).map(|list| {
        format!("Some locks are held while a query runs: {list}. Run the query before the lock is acquired, or after it is released.")
    })
}

fn text(held: &Held<'_>) -> String {
    format!(
        "{} by {}, about {} of {} in {}, while others waited {}",
        escape(&held.lock.name),
        escape(&held.holder.name),
        duration(held.under_ns),
        duration(held.held_ns),
        shortened(&escape(&held.query.name)),
        duration(held.lock.sum_ns)
    )
}

fn of_holder<'a>(snapshot: &'a Snapshot, hold: &Function, edge: &Caller) -> Option<Held<'a>> {
    let index = edge.caller?;
    let holder = snapshot.functions.get(index)?;
    let lock = snapshot.functions.iter().find(|row| row.kind == Kind::Lock && is_hold_of(hold, row))?;
    let is_worth_a_note = lock.sum_ns >= snapshot.process.recorded_ns / WORTH_A_NOTE && lock.sum_ns > 0;
    // Several holds in one call may overlap.
    if !is_worth_a_note || edge.calls > holder.calls {
        return None;
    }
    let waited_ns = by(lock, index);
    let held_ns = edge.total_ns;
    let queries = snapshot.functions.iter().filter(|row| row.kind == Kind::Query);
    let queries: Vec<(u64, &Function)> = queries.map(|query| (below(snapshot, query, index), query)).collect();
    let queries_ns = queries.iter().fold(0_u64, |sum, (ns, _)| sum.saturating_add(*ns));
    // More than there was time for one after the other: they ran at the same time, and how much of that was under the lock is not known.
    if waited_ns.saturating_add(queries_ns) > holder.sum_ns {
        return None;
    }
    let sum_ns = held_ns.saturating_add(waited_ns).saturating_add(queries_ns);
    let under_ns = sum_ns.saturating_sub(holder.sum_ns).min(held_ns).min(queries_ns);
    let (_, query) = queries.into_iter().filter(|(ns, query)| *ns > 0 && !is_pool(query)).max_by_key(|(ns, _)| *ns)?;
    (under_ns > held_ns / 4).then_some(Held { lock, holder, under_ns, held_ns, query })
}

/// The time of the calls that a function made itself.
fn by(row: &Function, caller: usize) -> u64 {
    let edges = row.callers.iter().filter(|edge| edge.caller == Some(caller));
    edges.map(|edge| time_of(row, edge)).fold(0, u64::saturating_add)
}

/// The time of a query that ran in the calls of a function: as far as all on the way have one caller, so that it is no guess.
fn below(snapshot: &Snapshot, query: &Function, holder: usize) -> u64 {
    let is_below = |edge: &&Caller| {
        let mut caller = edge.caller;
        for _ in 0..LONGEST {
            let Some(index) = caller else { return false };
            if index == holder {
                return true;
            }
            caller = match snapshot.functions.get(index).map(|function| &function.callers[..]) {
                Some([only]) => only.caller,
                _ => return false,
            };
        }
        false
    };
    query.callers.iter().filter(is_below).map(|edge| time_of(query, edge)).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Futures;

    const HOLDER: usize = 0;
    const BETWEEN: usize = 5;

    fn row(name: &str, kind: Kind, calls: u64, sum_ns: u64, caller: usize) -> Function {
        Function { kind, calls, sum_ns, callers: vec![Caller::new(Some(caller), calls, sum_ns)], ..Function::new(name) }
    }

    /// A function that takes 100 ms: 50 ms of waiting for the lock, 25 ms of a query, 5 ms of waiting for its connection.
    fn snapshot(held_ns: u64) -> Snapshot {
        let mut holder = Function::new("shop::reserve");
        (holder.calls, holder.sum_ns) = (10, 100_000_000);
        let functions = vec![
            holder,
            row("stock", Kind::Lock, 10, 50_000_000, HOLDER),
            row("stock (held)", Kind::Hold, 10, held_ns, HOLDER),
            row("SELECT ?", Kind::Query, 10, 25_000_000, BETWEEN),
            row("pool shop", Kind::Query, 10, 5_000_000, HOLDER),
            row("shop::price", Kind::Function, 10, 26_000_000, HOLDER),
        ];
        let mut snapshot = Snapshot { functions, ..Snapshot::empty() };
        snapshot.process.recorded_ns = 1_000_000_000;
        snapshot
    }

    #[test]
    fn a_lock_that_is_held_over_a_query_is_named_with_both() {
        let note = over_queries(&snapshot(45_000_000)).unwrap();
        let list = "held while a query runs: stock by shop::reserve, about 25.0 ms of 45.0 ms in SELECT ?, while others waited 50.0 ms. ";
        assert!(note.contains(list), "{note}");
    }

    #[test]
    fn a_query_beside_a_short_hold_is_no_fault() {
        // Wait, hold and queries take 99 ms of 100, one after the other.
        assert_eq!(over_queries(&snapshot(19_000_000)), None);
        let mut calm = snapshot(45_000_000);
        calm.functions[1].sum_ns = 1_000_000;
        assert_eq!(over_queries(&calm), None, "nobody waits for it");
    }

    #[test]
    fn queries_that_run_at_the_same_time_tell_nothing_of_the_lock() {
        let mut joined = snapshot(20_000_000);
        // Two queries of 25 ms each, joined: 50 ms of waiting and 55 ms of queries in 100 ms.
        joined.functions[3].sum_ns = 50_000_000;
        joined.functions[3].callers[0].total_ns = 50_000_000;
        assert_eq!(over_queries(&joined), None);
        joined.functions[HOLDER].sum_ns = 106_000_000;
        assert!(over_queries(&joined).is_some(), "it may be that they ran one after the other");
    }

    #[test]
    fn what_may_be_of_others_is_not_counted() {
        let mut shared = snapshot(45_000_000);
        shared.functions[BETWEEN].callers.push(Caller::new(None, 1, 1));
        assert_eq!(over_queries(&shared), None, "the query may be that of the other caller");
        let mut polled = snapshot(45_000_000);
        polled.functions[3].futures = Some(Futures { started: 10, ..Futures::default() });
        polled.functions[3].callers.push(Caller::new(None, 1, 1));
        polled.functions[3].callers[0].total_ns = 2_000_000;
        polled.functions[3].max_ns = 25_000_000;
        assert_eq!(over_queries(&polled), None, "how long the future took in these calls is not known");
        let mut twice = snapshot(45_000_000);
        twice.functions[2].callers[0].calls = 20;
        assert_eq!(over_queries(&twice), None, "two holds in one call may overlap");
    }
}
