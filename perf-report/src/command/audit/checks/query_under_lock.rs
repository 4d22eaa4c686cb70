//! Locks that are held while a query is sent: all who want the lock wait for the database.
//!
//! The sources tell the order, a lock and then a query in one function; that the lock was still held, the recording tells: one hold of it
//! took as long as one query.

use super::{Context, Effect, Finding, Severity, finding, query_in_loop};
use crate::{
    Function, Kind, Snapshot,
    command::audit::{
        source::{Call, CallKind, ItemId},
        waits,
    },
    view::{notes::pools, text::escape, units, waits::is_hold_of},
};

pub(super) const NAME: &str = "perf::query_under_lock";

/// Methods that take a lock.
const LOCKING: [&str; 3] = ["lock", "read", "write"];

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(profile) = context.profile else { return Vec::new() };
    let mut found = Vec::new();
    for item in profile.annotated() {
        let Some(call) = lock_before_query(context, item) else { continue };
        let held = profile.functions_of(item).find_map(|function| held_over_query(&profile.snapshot, function));
        let Some((lock, held_ns, query_ns)) = held else { continue };
        let message = format!(
            "the lock `{}` is held while this sends queries: {} a hold, {} a query",
            escape(lock),
            units::duration(held_ns),
            units::duration(query_ns)
        );
        let mut finding = finding(NAME, (Severity::High, Effect::Waits, 0.9), &call.place, message).help(
            "copy what the query needs, release the lock (`drop(guard)`, or a block around it), and take it again for the answer; \
             where the lock guards the connection itself, use a pool of connections",
        );
        finding.about = Some(item);
        found.push(finding);
    }
    found
}

/// The first taking of a lock in an item that a query follows.
fn lock_before_query<'a>(context: &'a Context<'_>, (file, item): ItemId) -> Option<&'a Call> {
    let file = &context.files[file];
    let within = |call: &&Call| file.items[item].lines.contains(&call.place.line);
    let calls = || file.calls.iter().filter(within);
    let is_lock =
        |call: &&Call| call.kind == CallKind::Method && call.arguments.is_empty() && LOCKING.contains(&call.name());
    let lock = calls().filter(is_lock).min_by_key(|call| call.place.bytes.start)?;
    let mut queries = calls().filter(|call| query_in_loop::is_query(call));
    queries.any(|query| query.place.bytes.end > lock.place.bytes.end).then_some(lock)
}

/// A lock that a function took and whose holds took as long as the function's queries: its name, the time of a hold, and of a query.
fn held_over_query<'a>(snapshot: &'a Snapshot, function: &Function) -> Option<(&'a str, u64, u64)> {
    // To wait for a connection is no query.
    let (count, ns) = waits::used_by(snapshot, function, &[Kind::Query])
        .filter(|(row, ..)| !pools::is_pool(row))
        .fold((0, 0_u64), |(count, sum), (_, calls, ns)| (count + calls, sum.saturating_add(ns)));
    let query_ns = ns.checked_div(count)?;
    let locks = waits::used_by(snapshot, function, &[Kind::Lock]).filter_map(|(lock, ..)| {
        let hold = snapshot.functions.iter().find(|hold| is_hold_of(hold, lock))?;
        // Others may hold it for shorter: one in a hundred is enough.
        let held_ns = hold.quantile_ns(0.99);
        (hold.calls > 0 && held_ns >= query_ns).then_some((lock.name.as_str(), held_ns, query_ns))
    });
    locks.max_by_key(|(_, held_ns, _)| *held_ns)
}
