//! Figures that include what measuring took.

use super::{Function, Latency, Snapshot};

impl Snapshot {
    /// Puts what measuring took back into all durations.
    ///
    /// Sums and self times are then as the clock read them. The time that measuring took of a single call is not kept, so to percentiles,
    /// the shortest and the longest call, and to the times of callers, its mean is added.
    ///
    /// ```
    /// use perf_report::{Function, Snapshot};
    /// let mut snapshot = Snapshot::empty();
    /// let mut parse = Function::new("app::parse");
    /// (parse.calls, parse.sum_ns, parse.total_ns, parse.measuring_ns) = (10, 50, 50, 200);
    /// parse.latency.record(5, 10);
    /// snapshot.functions.push(parse);
    /// let raw = snapshot.raw();
    /// assert_eq!((raw.functions[0].total_ns, raw.functions[0].latency.quantile(0.5)), (250, 25));
    /// ```
    #[must_use]
    pub fn raw(mut self) -> Snapshot {
        self.functions.iter_mut().for_each(put_back);
        self.recorded_ns = self.process.recorded_ns;
        self.overhead.measuring_ns = 0;
        self.overhead.measuring_wall_ns = 0;
        self
    }
}

fn put_back(function: &mut Function) {
    let calls = function.latency.count().max(1);
    let per_call = function.measuring_ns / calls;
    // The outermost calls of recursive ones are as many of all as their time is of all time.
    let of_total = function.measuring_ns as f64 * (function.total_ns as f64 / function.sum_ns.max(1) as f64).min(1.0);
    let of_total = if function.total_ns == function.sum_ns { function.measuring_ns } else { of_total as u64 };
    for caller in &mut function.callers {
        let share = caller.calls as f64 / function.calls.max(1) as f64;
        caller.total_ns = caller.total_ns.saturating_add((of_total as f64 * share).round() as u64);
    }
    for (time, more) in [
        (&mut function.sum_ns, function.measuring_ns),
        (&mut function.total_ns, of_total),
        (&mut function.self_ns, function.self_measuring_ns),
    ] {
        *time = time.saturating_add(more);
    }
    if function.calls > 0 {
        function.min_ns = function.min_ns.saturating_add(per_call);
        function.max_ns = function.max_ns.saturating_add(per_call);
    }
    let mut latency = Latency::new();
    for (ns, count) in function.latency.buckets() {
        latency.record(ns.saturating_add(per_call), count);
    }
    function.latency = latency;
    (function.measuring_ns, function.self_measuring_ns) = (0, 0);
}
