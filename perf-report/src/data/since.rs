//! The difference between two snapshots of one process.

use std::collections::HashMap;

use super::{Function, Futures, Losses, Resource, Snapshot, TimeSource, matching::identities, monitor::Monitor};

impl Snapshot {
    /// Subtracts an earlier snapshot of the same process.
    ///
    /// The result tells what happened between the two: during one benchmark among several, or one request.
    ///
    /// Counts, sums and distributions are subtracted exactly: of functions and what was lost of them, of resources
    /// (initialisations, accesses, evictions), of the heap (allocations, frees), and the samples of stacks. The monitor's samples and
    /// alerts, and the slowest calls, are those that came after. The process began to record when the earlier snapshot was taken.
    ///
    /// The shortest and longest call of a stretch are not kept anywhere, so they come from its distribution and are within 1 %.
    /// Functions of which nothing happened are there with zeros. Figures that cannot be differences are those of this snapshot: calls in
    /// flight, the deepest nesting, the number of threads, the state, times and weight of a resource, the heap's use and its peak.
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
        if self.losses.truncated_unix_ns != earlier.losses.truncated_unix_ns {
            // Everything in the earlier one was lost since, and nothing of it is in this one.
            return self.clone();
        }
        let (now, then) = (identities(self), identities(earlier));
        // The same function, which may stand elsewhere now.
        let place_now: HashMap<_, usize> = now.iter().zip(0..).collect();
        let place_then: HashMap<_, usize> = then.iter().zip(0..).collect();
        let to_now = |function: usize| place_now.get(then.get(function)?).copied();
        let mut snapshot = self.clone();
        for (identity, function) in now.iter().zip(&mut snapshot.functions) {
            if let Some(&before) = place_then.get(identity) {
                subtract(function, &earlier.functions[before], to_now);
            }
        }
        let before_ns = earlier.process.recorded_ns;
        for function in &mut snapshot.functions {
            function.slowest.retain(|call| call.end_ns > before_ns);
            function.slowest.iter_mut().for_each(|call| call.end_ns -= before_ns);
        }
        let process = &mut snapshot.process;
        process.recorded_ns = process.recorded_ns.saturating_sub(before_ns);
        snapshot.recorded_ns = snapshot.recorded_ns.saturating_sub(earlier.recorded_ns);
        let (overhead, before) = (&mut snapshot.overhead, &earlier.overhead);
        overhead.measuring_ns = overhead.measuring_ns.saturating_sub(before.measuring_ns);
        overhead.measuring_wall_ns = overhead.measuring_wall_ns.saturating_sub(before.measuring_wall_ns);
        process.started_unix_ns = process.started_unix_ns.saturating_add(before_ns);
        process.unrecorded_ns = process.unrecorded_ns.saturating_add(before_ns);
        subtract_losses(&mut snapshot.losses, &earlier.losses);
        for resource in &mut snapshot.resources {
            if let Some(before) = earlier.resources.iter().find(|before| before.name == resource.name) {
                subtract_resource(resource, before);
            }
        }
        if let (Some(heap), Some(before)) = (&mut snapshot.heap, &earlier.heap) {
            heap.allocations = heap.allocations.saturating_sub(before.allocations);
            heap.allocated_bytes = heap.allocated_bytes.saturating_sub(before.allocated_bytes);
            heap.frees = heap.frees.saturating_sub(before.frees);
        }
        if let (Some(stacks), Some(before)) = (&mut snapshot.stacks, &earlier.stacks) {
            stacks.subtract(before, to_now);
        }
        if let Some(monitor) = &mut snapshot.monitor {
            keep_later(monitor, earlier.monitor.as_ref(), before_ns);
        }
        snapshot
    }
}

fn subtract_losses(losses: &mut Losses, before: &Losses) {
    for (now, then) in [
        (&mut losses.lost_calls, before.lost_calls),
        (&mut losses.overflow_calls, before.overflow_calls),
        (&mut losses.unbucketed_calls, before.unbucketed_calls),
        (&mut losses.unattributed_calls, before.unattributed_calls),
        (&mut losses.deep_calls, before.deep_calls),
        (&mut losses.clock_anomalies, before.clock_anomalies),
    ] {
        *now = now.saturating_sub(then);
    }
}

fn subtract_resource(resource: &mut Resource, before: &Resource) {
    for (now, then) in [
        (&mut resource.initialisations, before.initialisations),
        (&mut resource.failures, before.failures),
        (&mut resource.waited, before.waited),
        (&mut resource.evictions, before.evictions),
        (&mut resource.freed, before.freed),
    ] {
        *now = now.saturating_sub(then);
    }
    if let (Some(now), Some(then)) = (&mut resource.accesses, before.accesses) {
        *now = now.saturating_sub(then);
    }
}

/// Keeps the samples and alerts that came after the first `before_ns`, which times are counted from.
fn keep_later(monitor: &mut Monitor, before: Option<&Monitor>, before_ns: u64) {
    let gone = monitor.spans.iter().take_while(|span| span.end_ns <= before_ns).count();
    monitor.spans.drain(..gone);
    for span in &mut monitor.spans {
        span.end_ns = span.end_ns.saturating_sub(before_ns);
        span.length_ns = span.length_ns.min(span.end_ns);
    }
    for series in &mut monitor.series {
        series.values.drain(..gone.min(series.values.len()));
    }
    for channel in &mut monitor.channels {
        channel.values.drain(..gone.min(channel.values.len()));
    }
    for alert in &mut monitor.alerts {
        let events = alert.events.iter().filter(|event| event.at_ns > before_ns).cloned();
        alert.events = events.collect();
        for event in &mut alert.events {
            event.at_ns -= before_ns;
            event.cleared_ns = event.cleared_ns.map(|ns| ns.saturating_sub(before_ns));
            for action in &mut event.actions {
                action.at_ns = action.at_ns.saturating_sub(before_ns);
            }
        }
        if let Some(before) = before.and_then(|before| before.alerts.iter().find(|before| before.rule == alert.rule)) {
            alert.raised = alert.raised.saturating_sub(before.raised);
            alert.dropped = alert.dropped.saturating_sub(before.dropped);
        }
    }
    if let Some(before) = before {
        monitor.samples = monitor.samples.saturating_sub(before.samples);
        monitor.sampling_ns = monitor.sampling_ns.saturating_sub(before.sampling_ns);
    }
}

/// Subtracts a function as it was before. `to_now` tells where a function of then stands now.
fn subtract(function: &mut Function, before: &Function, to_now: impl Fn(usize) -> Option<usize>) {
    // Stacks have been sampled since, and the times are those of the stacks.
    let is_of_later = function.time_source == TimeSource::Sampled && before.time_source == TimeSource::Timed;
    let bounds = function.bounds();
    function.latency = function.latency.since(&before.latency);
    for (now, then) in [
        (&mut function.calls, before.calls),
        (&mut function.timed_calls, before.timed_calls),
        (&mut function.unwound, before.unwound),
        (&mut function.abandoned, before.abandoned),
        (&mut function.sum_ns, before.sum_ns),
        (&mut function.total_ns, if is_of_later { 0 } else { before.total_ns }),
        (&mut function.self_ns, if is_of_later { 0 } else { before.self_ns }),
        (&mut function.waiting_ns, before.waiting_ns),
        (&mut function.measuring_ns, before.measuring_ns),
        (&mut function.self_measuring_ns, before.self_measuring_ns),
        (&mut function.over_range, before.over_range),
    ] {
        *now = now.saturating_sub(then);
    }
    let (lowest, highest) = function.latency.range().unwrap_or((0, 0));
    function.min_ns = lowest.max(function.min_ns.min(highest));
    function.max_ns = highest.min(function.max_ns);
    // Namesakes are callers of their own, so names do not tell which is which.
    let callers_then: HashMap<_, _> = before
        .callers
        .iter()
        .filter_map(|then| Some((then.caller.map_or(Some(None), |caller| to_now(caller).map(Some))?, then)))
        .collect();
    for caller in &mut function.callers {
        if let Some(then) = callers_then.get(&caller.caller) {
            caller.calls = caller.calls.saturating_sub(then.calls);
            caller.total_ns = caller.total_ns.saturating_sub(if is_of_later { 0 } else { then.total_ns });
        }
    }
    if !is_of_later {
        // The cost of measuring was known less well then than it is now.
        function.hold_within(bounds);
    }
    function.callers.retain(|caller| caller.calls > 0 || caller.total_ns > 0);
    if let (Some(now), Some(then)) = (&mut function.transfer, before.transfer) {
        now.subtract(then);
    }
    if let (Some(now), Some(then)) = (&mut function.statuses, before.statuses) {
        now.subtract(then);
    }
    if let (Some(now), Some(then)) = (&mut function.rows, before.rows) {
        now.subtract(then);
    }
    if let (Some(now), Some(then)) = (&mut function.depth, before.depth) {
        now.subtract(then);
    }
    if let (Some(now), Some(then)) = (&mut function.allocations, before.allocations) {
        now.count = now.count.saturating_sub(then.count);
        now.bytes = now.bytes.saturating_sub(then.bytes);
        now.self_count = now.self_count.saturating_sub(then.self_count);
        now.self_bytes = now.self_bytes.saturating_sub(then.self_bytes);
    }
    if let (Some(now), Some(Futures { started, cancelled, polls, busy_ns, never_polled, .. })) =
        (&mut function.futures, before.futures)
    {
        now.started = now.started.saturating_sub(started);
        now.cancelled = now.cancelled.saturating_sub(cancelled);
        now.polls = now.polls.saturating_sub(polls);
        now.busy_ns = now.busy_ns.saturating_sub(busy_ns);
        now.never_polled = now.never_polled.saturating_sub(never_polled);
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::{Alert, ChannelSeries, Metric, Monitor, Raised, Range, Series, Span, Unit};
    use crate::{Caller, Function, Heap, Kind, Losses, Resource, Snapshot};

    /// A process of which as much happens in every second.
    fn after(seconds: u64) -> Snapshot {
        let mut snapshot = Snapshot::empty();
        snapshot.process.started_unix_ns = 1_000;
        snapshot.process.recorded_ns = seconds * 1_000_000_000;
        snapshot.losses = Losses { lost_calls: seconds, deep_calls: 2 * seconds, deepest: 9, ..Losses::default() };
        let mut resource = Resource::new("POOL");
        (resource.initialisations, resource.accesses, resource.weight) = (seconds, Some(10 * seconds), 5);
        snapshot.resources = vec![resource];
        snapshot.heap =
            Some(Heap { live_bytes: 7, peak_bytes: 8, allocations: seconds, allocated_bytes: 64 * seconds, frees: 1 });
        let ends = || (1..=seconds).map(|second| second * 1_000_000_000);
        let raised = |at_ns| Raised {
            at_ns,
            cleared_ns: Some(at_ns + 1),
            value: 1.0,
            worst: 1.0,
            actions: Vec::new(),
            more_actions: 0,
        };
        snapshot.monitor = Some(Monitor {
            interval_ns: 1_000_000_000,
            samples: seconds,
            sampling_ns: seconds,
            cores: 1,
            memory_bytes: 1,
            spans: ends().map(|end_ns| Span { end_ns, length_ns: 1_000_000_000, samples: 1 }).collect(),
            series: vec![Series {
                metric: Metric::Rss,
                values: (1..=seconds).map(|rss| Some(Range::from([rss; 4]))).collect(),
            }],
            channels: vec![ChannelSeries {
                name: "jobs".into(),
                values: (1..=seconds).map(|depth| Some(Range::from([depth; 4]))).collect(),
            }],
            alerts: vec![Alert {
                rule: "rss > 1B".into(),
                unit: Unit::Bytes,
                impossible: None,
                raised: seconds,
                dropped: 0,
                events: ends().map(raised).collect(),
            }],
        });
        snapshot
    }

    #[test]
    fn what_is_counted_is_a_difference_and_what_is_not_is_of_now() {
        let done = after(5).since(&after(3));
        let process = &done.process;
        assert_eq!((process.recorded_ns, process.unrecorded_ns), (2_000_000_000, 3_000_000_000));
        assert_eq!(process.started_unix_ns, 3_000_001_000);
        assert_eq!((done.losses.lost_calls, done.losses.deep_calls, done.losses.deepest), (2, 4, 9));
        let pool = &done.resources[0];
        assert_eq!((pool.initialisations, pool.accesses, pool.weight), (2, Some(20), 5));
        let heap = done.heap.unwrap();
        assert_eq!((heap.allocations, heap.allocated_bytes, heap.frees), (2, 128, 0));
        assert_eq!((heap.live_bytes, heap.peak_bytes), (7, 8));
    }

    #[test]
    fn parts_are_held_within_a_sum_of_which_more_was_taken_out_later() {
        // Ten calls of 2,062 ns with 12 ns of measuring in all; then an eleventh, when measuring is known to take 2 ns a call.
        let at = |calls: u64, measuring: u64| {
            let mut function = Function::new("app::work");
            function.latency.record(2_062, calls);
            (function.calls, function.timed_calls) = (calls, calls);
            function.sum_ns = calls * 2_062 - measuring;
            (function.total_ns, function.self_ns) = (function.sum_ns, function.sum_ns - (11 - calls) * 5);
            (function.min_ns, function.max_ns) = (2_062, 2_062);
            function.callers = vec![Caller { caller: None, calls, total_ns: calls * 2_062 - 10 }];
            let mut snapshot = Snapshot::empty();
            snapshot.functions.push(function);
            snapshot
        };
        let done = at(11, 22).since(&at(10, 12));
        let work = &done.functions[0];
        assert_eq!((work.calls, work.sum_ns, work.total_ns), (1, 2_052, 2_052));
        assert!(work.max_ns <= work.sum_ns && work.min_ns <= work.max_ns && work.self_ns <= work.sum_ns, "{work:?}");
        // At neither moment were the callers' times within the total, and they are left as they were taken.
        assert_eq!(work.callers[0].total_ns, 2_062);
        let mut later = at(11, 22);
        later.functions[0].callers[0].total_ns = later.functions[0].total_ns;
        assert_eq!(later.since(&at(10, 12)).functions[0].callers[0].total_ns, 2_050);
    }

    #[test]
    fn callers_of_one_name_keep_what_each_of_them_called() {
        let at = |line, kind| Function { line, kind, ..Function::new("step") };
        let of = |functions: Vec<Function>, callers: Vec<Caller>| {
            let mut called = Function::new("f");
            called.calls = callers.iter().map(|caller| caller.calls).sum();
            called.callers = callers;
            let mut snapshot = Snapshot::empty();
            snapshot.functions = functions;
            snapshot.functions.push(called);
            snapshot
        };
        let blocks = || vec![at(3, Kind::Block), at(9, Kind::Block)];
        let before = of(blocks(), vec![Caller::new(Some(1), 20, 40), Caller::new(Some(0), 3, 6)]);
        // Another function was registered before them since, and outside code called too.
        let mut functions = vec![Function::new("new")];
        functions.extend(blocks());
        let callers = [(Some(1), 10, 20), (Some(2), 40, 80), (None, 5, 10)];
        let now = of(functions, callers.map(|(caller, calls, ns)| Caller::new(caller, calls, ns)).to_vec());
        let done = now.since(&before);
        let called = &done.functions[3];
        let expected = [(Some(1), 7, 14), (Some(2), 20, 40), (None, 5, 10)];
        assert_eq!(called.callers, expected.map(|(caller, calls, ns)| Caller::new(caller, calls, ns)));
        assert_eq!(called.calls, 32);
    }

    #[test]
    fn samples_and_alerts_are_those_that_came_after() {
        let monitor = after(5).since(&after(3)).monitor.unwrap();
        assert_eq!((monitor.samples, monitor.sampling_ns), (2, 2));
        assert_eq!(monitor.spans.iter().map(|span| span.end_ns).collect::<Vec<_>>(), [1_000_000_000, 2_000_000_000]);
        let values = monitor.series[0].values.iter().flatten().map(|range| range.last);
        assert_eq!(values.collect::<Vec<_>>(), [4, 5]);
        assert_eq!(monitor.channels[0].values, monitor.series[0].values);
        let alert = &monitor.alerts[0];
        assert_eq!(alert.raised, 2);
        let events = alert.events.iter().map(|event| (event.at_ns, event.cleared_ns));
        assert_eq!(
            events.collect::<Vec<_>>(),
            [(1_000_000_000, Some(1_000_000_001)), (2_000_000_000, Some(2_000_000_001))]
        );
    }
}
