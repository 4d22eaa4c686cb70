//! What was done between two snapshots of one process.

use super::{Caller, Function, Futures, Snapshot, matching::identities};

impl Snapshot {
    /// Subtracts an earlier snapshot of the same process.
    ///
    /// The result tells what happened between the two: during one benchmark among several, or one request.
    ///
    /// Counts, sums and distributions are subtracted exactly. The shortest and longest call of a stretch are not kept
    /// anywhere, so they come from its distribution and are within 1 %. Functions of which nothing happened are there
    /// with zeros. What is not a matter of counting (calls in flight, resources, the heap, the process) is that of this snapshot.
    ///
    /// ```
    /// use perf_report::{Function, Snapshot};
    /// let at = |calls| {
    ///     let mut function = Function::new("app::parse");
    ///     (function.calls, function.sum_ns) = (calls, 50 * calls);
    ///     function.latency.record(50, calls);
    ///     let mut snapshot = Snapshot::empty();
    ///     snapshot.functions.push(function);
    ///     snapshot
    /// };
    /// let done = at(10).since(&at(4));
    /// assert_eq!((done.functions[0].calls, done.functions[0].latency.count()), (6, 6));
    /// ```
    #[must_use]
    pub fn since(&self, earlier: &Snapshot) -> Snapshot {
        let places: std::collections::HashMap<_, _> = identities(earlier).into_iter().zip(&earlier.functions).collect();
        let mut snapshot = self.clone();
        for (identity, function) in identities(self).iter().zip(&mut snapshot.functions) {
            if let Some(before) = places.get(identity) {
                subtract(function, before, &earlier.functions, &self.functions);
            }
        }
        snapshot.process.recorded_ns = self.process.recorded_ns.saturating_sub(earlier.process.recorded_ns);
        snapshot
    }
}

fn subtract(function: &mut Function, before: &Function, old: &[Function], new: &[Function]) {
    function.latency = function.latency.since(&before.latency);
    for (now, then) in [
        (&mut function.calls, before.calls),
        (&mut function.timed_calls, before.timed_calls),
        (&mut function.unwound, before.unwound),
        (&mut function.abandoned, before.abandoned),
        (&mut function.sum_ns, before.sum_ns),
        (&mut function.total_ns, before.total_ns),
        (&mut function.self_ns, before.self_ns),
        (&mut function.over_range, before.over_range),
    ] {
        *now = now.saturating_sub(then);
    }
    let (lowest, highest) = function.latency.range().unwrap_or((0, 0));
    function.min_ns = lowest.max(function.min_ns.min(highest));
    function.max_ns = highest.min(function.max_ns);
    // Callers are the same function at both moments, though it may stand elsewhere.
    let name = |functions: &'_ [Function], caller: &Caller| {
        caller.caller.map(|index| functions.get(index).map(|function| (function.name.clone(), function.kind)))
    };
    for caller in &mut function.callers {
        let known = name(new, caller);
        if let Some(then) = before.callers.iter().find(|then| name(old, then) == known) {
            caller.calls = caller.calls.saturating_sub(then.calls);
            caller.total_ns = caller.total_ns.saturating_sub(then.total_ns);
        }
    }
    function.callers.retain(|caller| caller.calls > 0 || caller.total_ns > 0);
    if let (Some(now), Some(then)) = (&mut function.allocations, before.allocations) {
        now.count = now.count.saturating_sub(then.count);
        now.bytes = now.bytes.saturating_sub(then.bytes);
        now.self_count = now.self_count.saturating_sub(then.self_count);
        now.self_bytes = now.self_bytes.saturating_sub(then.self_bytes);
    }
    if let (Some(now), Some(Futures { started, cancelled, polls, busy_ns })) = (&mut function.futures, before.futures) {
        now.started = now.started.saturating_sub(started);
        now.cancelled = now.cancelled.saturating_sub(cancelled);
        now.polls = now.polls.saturating_sub(polls);
        now.busy_ns = now.busy_ns.saturating_sub(busy_ns);
    }
}
