//! The program's waits, who waits, and for which part of their time.

use std::fmt::Write;

use crate::{
    Function, Snapshot, Style,
    view::{self, notes::pools, text::escape, text::plural, time_parts, units},
};

/// Callers that are named of a wait.
const CALLERS: usize = 3;

/// Functions that are named with their waits.
const FUNCTIONS: usize = 5;

/// The longest waits, and the functions that wait longest.
pub(super) fn waits(snapshot: &Snapshot, limit: usize) -> Result<String, String> {
    let is_wait = |function: &&Function| function.kind.is_wait();
    let mut rows: Vec<&Function> = snapshot.functions.iter().filter(is_wait).filter(|row| row.total_ns > 0).collect();
    let in_flight =
        snapshot.in_flight.iter().filter_map(|call| snapshot.functions.get(call.function)).any(|it| is_wait(&it));
    if rows.is_empty() && !in_flight && snapshot.deadlocks.is_empty() {
        return Err("no wait was recorded. Waits are those of the wrappers of perf-runtime for locks, channels, queries, files and requests \
                    (its features sync, channel, sql, io, http); ask functions or in_flight"
            .into());
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.total_ns));
    let whole = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.total_ns));
    let mut out = view::title(snapshot, &Style::plain());
    let _ = writeln!(out, "\nAll waits of all threads and tasks: {}.\n", units::duration(whole));
    for row in rows.iter().take(limit) {
        let kind = if pools::is_pool(row) { "pool" } else { row.kind.word() };
        let _ = writeln!(
            out,
            "- {} ({kind}): {} of it, {} in {} {}, the longest {}{}",
            escape(&row.name),
            units::share(row.total_ns, whole),
            units::duration(row.total_ns),
            units::count(row.timed_calls),
            plural(row.timed_calls, "wait", "waits"),
            units::duration(row.max_ns),
            callers(snapshot, row),
        );
    }
    if rows.len() > limit {
        let _ = writeln!(out, "- {} more", rows.len() - limit);
    }
    let mut waiters: Vec<(usize, &Function)> =
        snapshot.functions.iter().enumerate().filter(|(_, one)| !is_wait(one) && one.waiting_ns > 0).collect();
    waiters.sort_by_key(|(_, function)| std::cmp::Reverse(function.waiting_ns));
    if !waiters.is_empty() {
        out.push_str("\nThe functions that wait longest, with what they call:\n");
    }
    for (at, function) in waiters.into_iter().take(FUNCTIONS) {
        let parts = time_parts::text(snapshot, at).map_or_else(String::new, |parts| format!(": {parts}"));
        let mark = if function.waiting_sampled { "~" } else { "" };
        let _ = writeln!(
            out,
            "- {}: {mark}{} of its time{parts}",
            escape(&function.name),
            units::share(function.waiting_ns, function.total_ns),
        );
    }
    super::judgement::add_notes(&mut out, snapshot);
    Ok(out)
}

/// Who waits, those first who wait longest.
fn callers(snapshot: &Snapshot, row: &Function) -> String {
    let named = row.callers.iter().filter_map(|edge| Some((snapshot.functions.get(edge.caller?)?, edge)));
    let mut named: Vec<(&Function, u64, u64)> =
        named.map(|(caller, edge)| (caller, pools::time_of(row, edge), edge.calls)).collect();
    named.sort_by_key(|(_, ns, calls)| std::cmp::Reverse((*ns, *calls)));
    let text: Vec<String> = named.iter().take(CALLERS).map(|(caller, ..)| escape(&caller.name)).collect();
    if text.is_empty() { String::new() } else { format!("; in {}", text.join(", ")) }
}
