//! Many snapshots added up to one: of the processes of a service, of hosts, of repeated runs.
//!
//! Counts, sums and histograms are added exactly, so quantiles of the whole are as good as if one process had recorded all.
//! Functions are matched by what they are called, not by where they stand (see `matching`), and callers and calls in flight
//! are pointed at the functions of the sum. Snapshots are taken one after the other: the sum and one of them are all that
//! is in memory.

mod resources;

use std::collections::HashMap;

use super::{
    Budget, Caller, Deadlock, DeadlockedThread, Function, Heap, InFlight, Losses, Overhead, Process, Snapshot, Source,
    State, TimeSource, Timing,
    matching::{Identity, identities},
    slowest::keep_slowest,
};

/// A sum of snapshots that grows by one at a time.
///
/// ```
/// use perf_report::{Function, Merge, Snapshot};
/// let mut snapshot = Snapshot::empty();
/// snapshot.functions.push(Function::new("app::parse"));
/// snapshot.functions[0].calls = 3;
/// let mut merge = Merge::new();
/// merge.add("web1", snapshot.clone());
/// merge.add("web2", snapshot);
/// let sum = merge.finish();
/// assert_eq!(sum.functions[0].calls, 6);
/// assert_eq!(sum.sources[1].label, "web2");
/// ```
#[derive(Debug)]
pub struct Merge {
    sum: Snapshot,
    places: HashMap<Identity, usize>,
    /// Where a resource of a name stands in the sum.
    resources: HashMap<String, usize>,
    /// Per function of the sum, its callers and where they stand in its list.
    callers: Vec<HashMap<Option<usize>, usize>>,
    /// Timed and counted calls, as the weights of the costs.
    weights: [f64; 2],
}

impl Default for Merge {
    fn default() -> Self {
        Merge::new()
    }
}

impl Merge {
    /// Creates a sum of nothing.
    #[must_use]
    pub fn new() -> Self {
        Merge {
            sum: Snapshot::empty(),
            places: HashMap::new(),
            resources: HashMap::new(),
            callers: Vec::new(),
            weights: [0.0; 2],
        }
    }

    /// Adds a snapshot; the label tells its process from the others.
    ///
    /// The processes of a snapshot that is a sum itself keep their labels.
    pub fn add(&mut self, label: impl Into<String>, snapshot: Snapshot) {
        let identities = identities(&snapshot);
        // Named one by one, so that what is added to a snapshot cannot be forgotten here.
        let Snapshot {
            schema: _,
            process,
            metadata,
            sources,
            overhead,
            functions,
            in_flight,
            deadlocks,
            losses,
            resources,
            monitor,
            heap,
            recorded_ns,
            stacks,
        } = snapshot;

        self.costs(&overhead, &functions);
        add(&mut self.sum.recorded_ns, recorded_ns);
        if self.sum.sources.is_empty() {
            self.sum.process = process.clone();
            self.sum.metadata = metadata;
            self.sum.monitor = monitor;
        } else {
            // The timelines of two processes are no timeline.
            self.sum.monitor = None;
            add_process(&mut self.sum.process, &process);
            self.sum.metadata.keep_common(&metadata);
        }
        if sources.is_empty() {
            self.sum.sources.push(Source { label: label.into(), process });
        } else {
            self.sum.sources.extend(sources);
        }

        let places: Vec<usize> = functions.iter().zip(identities).map(|it| self.place(it.0, it.1)).collect();
        // An index that leads nowhere can only come from a snapshot made by hand: such a caller is not annotated code.
        let place = |index: usize| places.get(index).copied();
        for (mut function, &at) in functions.into_iter().zip(&places) {
            for caller in &function.callers {
                let from = caller.caller.and_then(place);
                let list = &mut self.sum.functions[at].callers;
                let entry = *self.callers[at].entry(from).or_insert_with(|| {
                    list.push(Caller { caller: from, calls: 0, total_ns: 0 });
                    list.len() - 1
                });
                add(&mut list[entry].calls, caller.calls);
                add(&mut list[entry].total_ns, caller.total_ns);
            }
            for call in &mut function.slowest {
                call.callers = call.callers.iter().filter_map(|&caller| place(caller)).collect();
            }
            add_function(&mut self.sum.functions[at], function);
        }
        let in_flight = in_flight.into_iter();
        let placed = in_flight.filter_map(|call| Some(InFlight { function: place(call.function)?, ..call }));
        self.sum.in_flight.extend(placed);
        let placed = deadlocks.into_iter().filter_map(|deadlock| {
            let threads = deadlock.threads.into_iter().map(|thread| {
                Some(DeadlockedThread {
                    lock: place(thread.lock)?,
                    function: thread.function.and_then(place),
                    ..thread
                })
            });
            Some(Deadlock { threads: threads.collect::<Option<_>>()? })
        });
        self.sum.deadlocks.extend(placed);
        if let Some(heap) = heap {
            add_heap(self.sum.heap.get_or_insert_default(), heap);
        }
        add_losses(&mut self.sum.losses, &losses);
        if let Some(stacks) = stacks {
            self.sum.stacks.get_or_insert_default().add(&stacks, place);
        }
        resources::add_resources(&mut self.sum.resources, &mut self.resources, resources, place);
    }

    /// The number of processes added so far.
    #[must_use]
    pub fn processes(&self) -> usize {
        self.sum.sources.len()
    }

    /// The sum.
    #[must_use]
    pub fn finish(mut self) -> Snapshot {
        for function in &mut self.sum.functions {
            function.callers.sort_by_key(|caller| std::cmp::Reverse((caller.total_ns, caller.calls)));
        }
        self.sum
    }

    /// Where a function stands in the sum; a new one is put at its end, without figures.
    fn place(&mut self, function: &Function, identity: Identity) -> usize {
        *self.places.entry(identity).or_insert_with(|| {
            self.callers.push(HashMap::new());
            self.sum.functions.push(Function {
                module: function.module.clone(),
                file: function.file.clone(),
                line: function.line,
                kind: function.kind,
                timing: function.timing,
                ..Function::new(function.name.clone())
            });
            self.sum.functions.len() - 1
        })
    }

    /// Costs are those of a call of the whole: means weighted by the calls.
    fn costs(&mut self, added: &Overhead, functions: &[Function]) {
        let timed: f64 = functions.iter().map(|function| function.timed_calls as f64).sum();
        let calls: f64 = functions.iter().map(|function| function.calls as f64).sum();
        let counted = (calls - timed).max(0.0);
        let first = self.sum.sources.is_empty();
        let mean = |sum: &mut f64, weight: f64, added: f64, more: f64| {
            *sum = match weight + more {
                _ if first => added,
                whole if whole > 0.0 => *sum + (added - *sum) * (more / whole),
                _ => sum.max(added),
            };
        };
        let [timed_before, counted_before] = self.weights;
        let sum = &mut self.sum.overhead;
        mean(&mut sum.ns_per_timed_call, timed_before, added.ns_per_timed_call, timed);
        mean(&mut sum.ns_inside_duration, timed_before, added.ns_inside_duration, timed);
        mean(&mut sum.ns_per_counted_call, counted_before, added.ns_per_counted_call, counted);
        mean(&mut sum.ns_per_adaptive_call, timed_before, added.ns_per_adaptive_call, timed);
        mean(&mut sum.ns_per_poll, timed_before, added.ns_per_poll, timed);
        mean(&mut sum.ns_per_timed_call_at_end, timed_before, added.ns_per_timed_call_at_end, timed);
        add(&mut sum.measuring_ns, added.measuring_ns);
        add(&mut sum.measuring_wall_ns, added.measuring_wall_ns);
        sum.is_unoptimised |= added.is_unoptimised;
        self.weights = [timed_before + timed, counted_before + counted];
    }
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

/// Merges the processes' descriptions; each process's own is in its source.
fn add_process(sum: &mut Process, process: &Process) {
    if sum.program != process.program {
        sum.program = String::from("several programs");
    }
    sum.pid = 0;
    sum.started_unix_ns = sum.started_unix_ns.min(process.started_unix_ns);
    add(&mut sum.recorded_ns, process.recorded_ns);
    sum.unrecorded_ns = sum.unrecorded_ns.max(process.unrecorded_ns);
    sum.locks_noted &= process.locks_noted;
    sum.state = match (sum.state, process.state) {
        (State::Running, _) | (_, State::Running) => State::Running,
        (State::Killed, _) | (_, State::Killed) => State::Killed,
        (State::Closed, State::Closed) => State::Closed,
    };
    add(&mut sum.threads, process.threads);
}

fn add_function(sum: &mut Function, function: Function) {
    let Function {
        name: _,
        module: _,
        file: _,
        line: _,
        kind: _,
        timing,
        budgets,
        calls,
        timed_calls,
        unwound,
        abandoned,
        sum_ns,
        total_ns,
        self_ns,
        waiting_ns,
        waiting_sampled,
        self_sampled,
        measuring_ns,
        self_measuring_ns,
        time_source,
        min_ns,
        max_ns,
        latency,
        over_range,
        callers: _,
        futures,
        allocations,
        names,
        transfer,
        statuses,
        rows,
        depth,
        slowest,
    } = function;
    sum.slowest.extend(slowest);
    keep_slowest(&mut sum.slowest);
    if timing != Timing::Exact {
        sum.timing = timing;
    }
    add_budgets(&mut sum.budgets, budgets);
    if timed_calls > 0 || calls > 0 {
        sum.min_ns = if sum.calls == 0 { min_ns } else { sum.min_ns.min(min_ns) };
        sum.max_ns = sum.max_ns.max(max_ns);
    }
    for (sum, more) in [
        (&mut sum.calls, calls),
        (&mut sum.timed_calls, timed_calls),
        (&mut sum.unwound, unwound),
        (&mut sum.abandoned, abandoned),
        (&mut sum.sum_ns, sum_ns),
        (&mut sum.total_ns, total_ns),
        (&mut sum.self_ns, self_ns),
        (&mut sum.waiting_ns, waiting_ns),
        (&mut sum.measuring_ns, measuring_ns),
        (&mut sum.self_measuring_ns, self_measuring_ns),
        (&mut sum.over_range, over_range),
    ] {
        add(sum, more);
    }
    sum.self_sampled |= self_sampled;
    sum.waiting_sampled |= waiting_sampled;
    if time_source == TimeSource::Sampled {
        sum.time_source = TimeSource::Sampled;
    }
    sum.latency.add(&latency);
    // Processes of one program have most names in common.
    sum.names = sum.names.max(names);
    if let Some(more) = transfer {
        sum.transfer.get_or_insert_default().add(more);
    }
    if let Some(more) = statuses {
        sum.statuses.get_or_insert_default().add(more);
    }
    if let Some(more) = rows {
        sum.rows.get_or_insert_default().add(more);
    }
    if let Some(more) = depth {
        sum.depth.get_or_insert_default().add(more);
    }
    if let Some(more) = allocations {
        let sum = sum.allocations.get_or_insert_default();
        add(&mut sum.count, more.count);
        add(&mut sum.bytes, more.bytes);
        add(&mut sum.self_count, more.self_count);
        add(&mut sum.self_bytes, more.self_bytes);
    }
    if let Some(more) = futures {
        let sum = sum.futures.get_or_insert_default();
        add(&mut sum.started, more.started);
        add(&mut sum.cancelled, more.cancelled);
        add(&mut sum.polls, more.polls);
        add(&mut sum.busy_ns, more.busy_ns);
        sum.longest_poll_ns = sum.longest_poll_ns.max(more.longest_poll_ns);
        sum.bytes = sum.bytes.max(more.bytes);
        add(&mut sum.never_polled, more.never_polled);
    }
}

/// Peaks add up to what all would have needed had they come at once.
fn add_heap(sum: &mut Heap, more: Heap) {
    let Heap { live_bytes, peak_bytes, allocations, allocated_bytes, frees } = more;
    for (sum, more) in [
        (&mut sum.live_bytes, live_bytes),
        (&mut sum.peak_bytes, peak_bytes),
        (&mut sum.allocations, allocations),
        (&mut sum.allocated_bytes, allocated_bytes),
        (&mut sum.frees, frees),
    ] {
        add(sum, more);
    }
}

/// Of builds that disagree on a limit the strictest counts.
fn add_budgets(sum: &mut Vec<Budget>, more: Vec<Budget>) {
    for budget in more {
        match sum.iter_mut().find(|known| known.figure == budget.figure) {
            Some(known) => known.limit = known.limit.min(budget.limit),
            None => sum.push(budget),
        }
    }
}

fn add_losses(sum: &mut Losses, losses: &Losses) {
    let Losses {
        lost_calls,
        overflow_calls,
        unbucketed_calls,
        unattributed_calls,
        deep_calls,
        deepest,
        stack_height,
        clock_anomalies,
        used_bytes,
        capacity_bytes,
        truncated_unix_ns,
    } = *losses;
    for (sum, more) in [
        (&mut sum.lost_calls, lost_calls),
        (&mut sum.overflow_calls, overflow_calls),
        (&mut sum.unbucketed_calls, unbucketed_calls),
        (&mut sum.unattributed_calls, unattributed_calls),
        (&mut sum.deep_calls, deep_calls),
        (&mut sum.clock_anomalies, clock_anomalies),
        (&mut sum.used_bytes, used_bytes),
        (&mut sum.capacity_bytes, capacity_bytes),
    ] {
        add(sum, more);
    }
    sum.deepest = sum.deepest.max(deepest);
    sum.stack_height = sum.stack_height.max(stack_height);
    sum.truncated_unix_ns = sum.truncated_unix_ns.max(truncated_unix_ns);
}
