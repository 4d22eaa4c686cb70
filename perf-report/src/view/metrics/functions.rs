//! The metrics of functions.

use super::{
    Source,
    family::{Families, Family, Value},
    labels::Labels,
    rows::{self, Row},
};

pub(super) fn collect<'a>(source: &Source<'a>, labels: &Labels, families: &mut Families<'a>) {
    for row in rows::of(source.snapshot, &source.shown) {
        let labels = labels.with([
            ("function", row.name.as_str()),
            ("module", row.module.as_str()),
            ("timing", row.timing),
            ("kind", row.kind),
        ]);
        add(row, &labels, families);
    }
}

fn add<'a>(row: Row<'a>, labels: &Labels, families: &mut Families<'a>) {
    families.add(Family::Calls, labels, None, row.calls);
    if row.timing != "exact" {
        families.add(Family::TimedCalls, labels, None, row.timed);
    }
    families.add(Family::Longest, labels, None, Value::Ns(row.max_ns));
    families.add(Family::Running, labels, None, Value::Ns(row.total_ns));
    families.add(Family::SelfTime, labels, None, Value::Ns(row.self_ns));
    families.add(Family::Waiting, labels, None, Value::Ns(row.waiting_ns));
    families.add(Family::SelfEstimated, labels, None, row.estimated);
    families.add(Family::InFlight, labels, None, row.in_flight);
    families.add(Family::Oldest, labels, None, Value::Ns(row.oldest_ns));
    families.add(Family::Unwound, labels, None, row.unwound);
    families.add(Family::Abandoned, labels, None, row.abandoned);
    if let Some(futures) = row.futures {
        families.add(Family::Polls, labels, None, futures.polls);
        families.add(Family::Busy, labels, None, Value::Ns(futures.busy_ns));
        families.add(Family::Cancelled, labels, None, futures.cancelled);
        families.add(Family::NeverPolled, labels, None, futures.never_polled);
    }
    if let Some(allocations) = row.allocations {
        families.add(Family::Allocations, labels, None, allocations.count);
        families.add(Family::Allocated, labels, None, allocations.bytes);
        families.add(Family::SelfAllocated, labels, None, allocations.self_bytes);
    }
    if let Some(rows) = row.rows {
        families.add(Family::Results, labels, None, rows.results);
        families.add(Family::Rows, labels, None, rows.sum);
    }
    if let Some(depth) = row.depth {
        families.add(Family::Depth, labels, None, depth.latest);
        families.add(Family::Deepest, labels, None, depth.deepest);
        if let Some(capacity) = depth.capacity {
            families.add(Family::Capacity, labels, None, capacity);
        }
    }
    families.add(Family::Duration, labels, None, Value::Histogram(row.latency, row.sum_ns));
}
