//! Functions that call themselves, of which total and mean are about different calls.

use crate::{
    Function, Snapshot, TimeSource, Timing,
    view::text::{escape, list, plural},
};

/// Whether its calls were within one another, so that their durations add up to more than its total.
fn is_recursive(index: usize, function: &Function) -> bool {
    // Estimates and times from stacks need not add up.
    let calls_itself = function.callers.iter().any(|edge| edge.caller == Some(index));
    let is_known = function.time_source == TimeSource::Timed && (function.timing == Timing::Exact || calls_itself);
    let has_calls = !function.kind.is_wait() && !function.kind.is_beside_calls();
    is_known && has_calls && function.sum_ns > function.total_ns.saturating_add(function.total_ns / 100)
}

pub(super) fn note(snapshot: &Snapshot) -> Option<String> {
    let functions = snapshot.functions.iter().enumerate();
    let names: Vec<String> = functions
        .filter(|(index, function)| is_recursive(*index, function))
        .map(|(_, function)| escape(&function.name))
        .collect();
    let (calls, each) = (plural(names.len() as u64, "calls itself", "call themselves"), names.len());
    let total = if each == 1 { "its total is" } else { "their totals are" };
    list(names.into_iter()).map(|list| {
        format!(
            "{list} {calls}: {total} the time of the outermost calls, and mean and percentiles are those of all calls."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Kind};

    #[test]
    fn what_calls_itself_is_named_and_what_is_an_estimate_is_not_taken_for_it() {
        let of = |name: &str, sum_ns, total_ns| Function { calls: 100, sum_ns, total_ns, ..Function::new(name) };
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            of("once", 1_000, 1_000),
            // What was taken out of the two differs a little.
            of("near", 1_005, 1_000),
            Function { timing: Timing::Adaptive, ..of("bounded", 3_000, 1_000) },
            Function { time_source: TimeSource::Sampled, ..of("seen", 3_000, 1_000) },
            Function { kind: Kind::Age, ..of("jobs (age)", 3_000, 0) },
        ];
        assert_eq!(note(&snapshot), None);
        snapshot.functions.push(of("visit", 100_000, 1_000));
        assert_eq!(
            note(&snapshot).unwrap(),
            "visit calls itself: its total is the time of the outermost calls, and mean and percentiles are those of all calls."
        );
        snapshot.functions[2].callers = vec![Caller::new(Some(2), 99, 0)];
        assert!(note(&snapshot).unwrap().starts_with("bounded, visit call themselves: their totals are the time"));
    }
}
