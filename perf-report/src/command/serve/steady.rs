//! Sums that never fall from one reading to the next.
//!
//! A sum that falls looks like a new beginning to whoever collects metrics, and all of it would count a second time. Figures of a
//! recording may fall a little: when the clock's scale is known better, when the costs of measuring are the means of those at the
//! start and at the end, and where an estimate of adaptive timing was seen in two places at once.

use crate::{Function, Snapshot};

/// Raises the sums of a snapshot to those of an earlier one of the same process, where they are lower.
pub(super) fn raise(now: &mut Snapshot, before: &Snapshot) {
    for (now, before) in now.functions.iter_mut().zip(&before.functions) {
        if now.name == before.name {
            raise_function(now, before);
        }
    }
    let (overhead, losses) = (&mut now.overhead, &mut now.losses);
    for (now, before) in [
        (&mut now.process.recorded_ns, before.process.recorded_ns),
        (&mut now.process.threads, before.process.threads),
        (&mut overhead.measuring_ns, before.overhead.measuring_ns),
        (&mut losses.lost_calls, before.losses.lost_calls),
        (&mut losses.overflow_calls, before.losses.overflow_calls),
        (&mut losses.unbucketed_calls, before.losses.unbucketed_calls),
        (&mut losses.unattributed_calls, before.losses.unattributed_calls),
        (&mut losses.deep_calls, before.losses.deep_calls),
    ] {
        *now = before.max(*now);
    }
    if let (Some(now), Some(before)) = (&mut now.heap, &before.heap) {
        now.allocations = now.allocations.max(before.allocations);
        now.allocated_bytes = now.allocated_bytes.max(before.allocated_bytes);
        now.frees = now.frees.max(before.frees);
    }
}

fn raise_function(now: &mut Function, before: &Function) {
    now.latency.raise_to(&before.latency);
    for (now, before) in [
        (&mut now.calls, before.calls),
        (&mut now.timed_calls, before.timed_calls),
        (&mut now.sum_ns, before.sum_ns),
        (&mut now.total_ns, before.total_ns),
        (&mut now.self_ns, before.self_ns),
        (&mut now.waiting_ns, before.waiting_ns),
        (&mut now.unwound, before.unwound),
        (&mut now.abandoned, before.abandoned),
    ] {
        *now = before.max(*now);
    }
    if let (Some(now), Some(before)) = (&mut now.futures, &before.futures) {
        now.polls = now.polls.max(before.polls);
        now.busy_ns = now.busy_ns.max(before.busy_ns);
        now.cancelled = now.cancelled.max(before.cancelled);
        now.never_polled = now.never_polled.max(before.never_polled);
    }
    if let (Some(now), Some(before)) = (&mut now.rows, &before.rows) {
        now.results = now.results.max(before.results);
        now.sum = now.sum.max(before.sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_falls_and_those_that_rise_are_kept() {
        let function = |sum_ns, durations: &[(u64, u64)]| {
            let mut function = Function::new("f");
            durations.iter().for_each(|&(ns, calls)| function.latency.record(ns, calls));
            (function.calls, function.sum_ns, function.self_ns) = (function.latency.count(), sum_ns, sum_ns);
            Snapshot { functions: vec![function], ..Snapshot::empty() }
        };
        let before = function(1_000, &[(100, 7), (900, 3)]);
        let mut now = function(990, &[(100, 6), (300, 2), (900, 4)]);
        raise(&mut now, &before);
        let raised = &now.functions[0];
        assert_eq!((raised.sum_ns, raised.self_ns, raised.calls), (1_000, 1_000, 12));
        assert_eq!(raised.latency.buckets().map(|bucket| bucket.1).collect::<Vec<_>>(), [7, 2, 4]);
    }
}
