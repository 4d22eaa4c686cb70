//! The slowest calls of each function in a trace, with the labels that the program gave them.

use std::collections::HashMap;

use crate::{SlowCall, Snapshot, Trace, recording::layout::slowest::CALL_COUNT};

/// The labels of calls, by thread, function and end: the moment at which a call ended tells it from all others of a thread.
pub(crate) struct Labels<'a>(HashMap<(u64, usize, u64), &'a str>);

impl<'a> Labels<'a> {
    pub(crate) fn of_all(snapshot: &'a Snapshot) -> Labels<'a> {
        let functions = snapshot.functions.iter().enumerate();
        let calls = functions.flat_map(|(function, of)| of.slowest.iter().map(move |call| (function, call)));
        let labelled = calls.filter(|(_, call)| !call.label.is_empty());
        Labels(labelled.map(|(function, call)| ((call.tid, function, call.end_ns), call.label.as_str())).collect())
    }

    pub(super) fn of(&self, tid: u64, function: usize, end_ns: u64) -> Option<&'a str> {
        self.0.get(&(tid, function, end_ns)).copied()
    }
}

/// The slowest calls of each function in a trace.
pub(crate) fn slow_calls(trace: &Trace, labels: &Labels<'_>) -> Vec<(usize, Vec<SlowCall>)> {
    let mut functions = trace.slowest(CALL_COUNT);
    for (function, calls) in &mut functions {
        for call in calls {
            call.label = labels.of(call.tid, *function, call.end_ns).unwrap_or_default().to_owned();
        }
    }
    functions
}
