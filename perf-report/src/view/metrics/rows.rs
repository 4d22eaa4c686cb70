//! The rows that functions are exported as: mostly one each.
//!
//! Functions of the same name, module and kind are one row, since they would be one series, and those beyond the limit are another.

use std::{borrow::Cow, collections::HashMap};

use super::{OTHER, Shown, labels, shown::is_folded};
use crate::{Allocations, Depth, Function, Futures, Latency, Rows, Snapshot, TimeSource, Timing};

/// The figures of one row.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) name: String,
    pub(super) module: String,
    pub(super) timing: &'static str,
    pub(super) kind: &'static str,
    pub(super) estimated: bool,
    pub(super) calls: u64,
    pub(super) timed: u64,
    pub(super) latency: Cow<'a, Latency>,
    pub(super) sum_ns: u64,
    pub(super) total_ns: u64,
    pub(super) self_ns: u64,
    pub(super) waiting_ns: u64,
    pub(super) max_ns: u64,
    pub(super) unwound: u64,
    pub(super) abandoned: u64,
    pub(super) in_flight: u64,
    pub(super) oldest_ns: u64,
    pub(super) futures: Option<Futures>,
    pub(super) allocations: Option<Allocations>,
    pub(super) rows: Option<Rows>,
    pub(super) depth: Option<Depth>,
}

/// The rows of a process, by the order of their first functions; the others come last.
pub(super) fn of<'a>(snapshot: &'a Snapshot, shown: &Shown) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::with_capacity(shown.len());
    let mut others: Option<Row<'a>> = None;
    let mut in_flight: HashMap<usize, (u64, u64)> = HashMap::new();
    for call in &snapshot.in_flight {
        let (calls, oldest) = in_flight.entry(call.function).or_default();
        (*calls, *oldest) = (*calls + 1, call.elapsed_ns.max(*oldest));
    }
    let mut places: HashMap<(String, String, &'static str), usize> = HashMap::with_capacity(shown.len());
    for (at, function) in snapshot.functions.iter().enumerate() {
        let waiting = in_flight.get(&at).copied().unwrap_or_default();
        match shown.place(at) {
            None => {}
            Some(false) if !is_folded(function) => {}
            Some(false) => match &mut others {
                Some(others) => others.add(function, waiting),
                None => {
                    let mut row = Row::of(function, waiting);
                    (row.name, row.module, row.timing, row.kind) = (OTHER.into(), String::new(), "mixed", "mixed");
                    others = Some(row);
                }
            },
            Some(true) => {
                let row = Row::of(function, waiting);
                match places.entry((row.name.clone(), row.module.clone(), row.kind)) {
                    std::collections::hash_map::Entry::Occupied(place) => rows[*place.get()].add(function, waiting),
                    std::collections::hash_map::Entry::Vacant(place) => {
                        place.insert(rows.len());
                        rows.push(row);
                    }
                }
            }
        }
    }
    rows.extend(others);
    rows
}

impl<'a> Row<'a> {
    fn of(function: &'a Function, (in_flight, oldest_ns): (u64, u64)) -> Row<'a> {
        Row {
            name: labels::value(&function.name),
            module: labels::value(&function.module),
            timing: match function.timing {
                Timing::Exact => "exact",
                Timing::Adaptive => "adaptive",
                Timing::Waits => "waits",
            },
            kind: function.kind.word(),
            estimated: is_estimated(function),
            calls: function.calls,
            timed: function.timed_calls,
            latency: Cow::Borrowed(&function.latency),
            sum_ns: function.sum_ns,
            total_ns: function.total_ns,
            self_ns: function.self_ns,
            waiting_ns: function.waiting_ns,
            max_ns: function.max_ns,
            unwound: function.unwound,
            abandoned: function.abandoned,
            in_flight,
            oldest_ns,
            futures: function.futures,
            allocations: function.allocations,
            rows: function.rows,
            depth: function.depth,
        }
    }

    fn add(&mut self, function: &Function, (in_flight, oldest_ns): (u64, u64)) {
        self.latency.to_mut().add(&function.latency);
        self.estimated |= is_estimated(function);
        for (sum, more) in [
            (&mut self.calls, function.calls),
            (&mut self.timed, function.timed_calls),
            (&mut self.sum_ns, function.sum_ns),
            (&mut self.total_ns, function.total_ns),
            (&mut self.self_ns, function.self_ns),
            (&mut self.waiting_ns, function.waiting_ns),
            (&mut self.unwound, function.unwound),
            (&mut self.abandoned, function.abandoned),
            (&mut self.in_flight, in_flight),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.max_ns = self.max_ns.max(function.max_ns);
        self.oldest_ns = self.oldest_ns.max(oldest_ns);
        if let Some(more) = function.futures {
            let sum = self.futures.get_or_insert_default();
            sum.started = sum.started.saturating_add(more.started);
            sum.cancelled = sum.cancelled.saturating_add(more.cancelled);
            sum.polls = sum.polls.saturating_add(more.polls);
            sum.never_polled = sum.never_polled.saturating_add(more.never_polled);
            sum.busy_ns = sum.busy_ns.saturating_add(more.busy_ns);
            sum.longest_poll_ns = sum.longest_poll_ns.max(more.longest_poll_ns);
        }
        if let Some(more) = function.rows {
            self.rows.get_or_insert_default().add(more);
        }
        if let Some(more) = function.depth {
            self.depth.get_or_insert_default().add(more);
        }
        if let Some(more) = function.allocations {
            let sum = self.allocations.get_or_insert_default();
            sum.count = sum.count.saturating_add(more.count);
            sum.bytes = sum.bytes.saturating_add(more.bytes);
            sum.self_count = sum.self_count.saturating_add(more.self_count);
            sum.self_bytes = sum.self_bytes.saturating_add(more.self_bytes);
        }
    }
}

fn is_estimated(function: &Function) -> bool {
    function.self_sampled || function.is_sampled() || function.time_source == TimeSource::Sampled
}
