//! Waits that were measured at a finding: the locks, queries, files and requests that the function around it used.
//!
//! Each is a function of the profile of a [kind that waits](crate::Kind::is_wait), and its callers say who used it.

use serde::Serialize;

use crate::{Function, Kind, Snapshot, view::notes::pools};

/// The most waits that a finding names.
const NAMED: usize = 3;

/// A lock, a statement, a file or the like that a function waited for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct MeasuredWait {
    /// Its kind's word: `lock`, `query`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// Uses by the function.
    pub(super) calls: u64,
    /// Time that they took. Of a lock, all waits for it: who holds it makes the others wait.
    pub(super) ns: u64,
}

/// The kinds of waits that a finding of a check is about.
pub(super) fn kinds_of(check: &str) -> &'static [Kind] {
    match check {
        "perf::query_in_loop" => &[Kind::Query],
        "perf::blocking_in_async" => &[Kind::Io, Kind::Client, Kind::Query],
        "perf::unbuffered_io" => &[Kind::Io],
        "perf::query_under_lock"
        | "clippy::await_holding_lock"
        | "clippy::significant_drop_in_scrutinee"
        | "clippy::significant_drop_tightening"
        | "rustc::let_underscore_lock" => &[Kind::Lock],
        _ => &[],
    }
}

/// The waits of these kinds in a function, the longest first.
pub(super) fn within(snapshot: &Snapshot, function: &Function, kinds: &[Kind]) -> Vec<MeasuredWait> {
    let mut waits: Vec<MeasuredWait> = used_by(snapshot, function, kinds)
        .map(|(wait, calls, ns)| MeasuredWait {
            kind: wait.kind.word(),
            name: wait.name.clone(),
            calls,
            ns: if wait.kind == Kind::Lock { wait.total_ns } else { ns },
        })
        .collect();
    waits.sort_by_key(|wait| std::cmp::Reverse((wait.ns, wait.calls)));
    waits
}

/// The waits to name: the longest.
pub(super) fn named(waits: &[MeasuredWait]) -> &[MeasuredWait] {
    &waits[..waits.len().min(NAMED)]
}

/// Waits of these kinds that a function used, with the calls and the time of its own.
pub(super) fn used_by<'a>(
    snapshot: &'a Snapshot,
    function: &Function,
    kinds: &'a [Kind],
) -> impl Iterator<Item = (&'a Function, u64, u64)> {
    let caller = snapshot.functions.iter().position(|other| std::ptr::eq(other, function));
    snapshot.functions.iter().filter(|other| kinds.contains(&other.kind)).filter_map(move |wait| {
        let mut edges = wait.callers.iter().filter(|edge| caller.is_some() && edge.caller == caller);
        edges.next().map(|edge| (wait, edge.calls, pools::time_of(wait, edge))).filter(|(_, calls, _)| *calls > 0)
    })
}
