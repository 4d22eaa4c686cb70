//! A process at one moment: totals since the recording began, and recent rates and percentiles.
//!
//! Rates and percentiles are differences of two readings. If the process has ended, or was read only once, they cover the whole
//! recording.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{ReadingWindow, Usage};
use crate::{
    Function, InFlight, Snapshot, State,
    data::profile::{StackProfile, ThreadState},
};

/// The number of moments whose rates are remembered.
pub(crate) const REMEMBERED: usize = 240;

/// A process at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// The snapshot since the recording began.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The snapshot of the window alone, with the same functions in the same order.
    pub(crate) recent: Arc<Snapshot>,
    /// The activity of each function, in the snapshot's order.
    pub(crate) activities: Vec<Activity>,
    /// The time that the rates cover; `None` for the whole recording.
    pub(crate) rates_ns: Option<u64>,
    /// The time that the percentiles cover; `None` for the whole recording.
    pub(crate) recent_ns: Option<u64>,
    /// Memory and processor time, if the process lives on this machine.
    pub(crate) usage: Option<Usage>,
    /// The stacks of its threads since the last refresh, if it runs.
    pub(crate) stacks: Option<Arc<StackProfile>>,
    /// Earlier moments, oldest first, and this one.
    pub(crate) past: VecDeque<Arc<Past>>,
    /// The damages of the recording.
    pub(crate) damages: Vec<String>,
    /// Why the recording can no longer be read.
    pub(crate) problem: Option<String>,
    /// How often a new run took the place of the previous one.
    pub(crate) new_runs: u32,
    /// The duration of the reading.
    pub(crate) took: Duration,
}

/// The activity of a function: its rates, its recent percentiles, its calls in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Activity {
    /// Calls that ended, per second.
    pub(crate) rate: f64,
    /// Share of one core's time during which the function ran. A call in flight counts up to now; of recursive calls the
    /// outermost counts, of futures their polls.
    pub(crate) time: f64,
    /// Share of the time spent in the function itself, counted when a call ends.
    pub(crate) self_time: f64,
    /// Threads that ran in the function or what it called, or could have run, on average; `None` if nobody looked.
    pub(crate) running: Option<f64>,
    /// Threads that waited there, on average: as they were seen, or else by the waits that are recorded. `None` if nobody looked and there is
    /// no such wait.
    pub(crate) waiting: Option<f64>,
    /// Whether that is an estimate.
    pub(crate) waiting_sampled: bool,
    /// Recent median in ns; `None` if no call ended.
    pub(crate) p50: Option<u64>,
    /// Recent 99th percentile in ns.
    pub(crate) p99: Option<u64>,
    /// Longest recent call in ns, within 1 %.
    pub(crate) max: Option<u64>,
    /// Calls in flight.
    pub(crate) in_flight: u64,
    /// How long the oldest call in flight has run.
    pub(crate) oldest_ns: u64,
    /// Calls that ended since the recording began.
    pub(crate) calls: u64,
    /// Whether durations are estimates, because only some calls were timed.
    pub(crate) sampled: bool,
    /// Whether the self time is an estimate.
    pub(crate) self_sampled: bool,
}

/// The part of a moment that is remembered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Past {
    /// Calls per second of each function.
    pub(crate) rates: Vec<f64>,
    /// Recent 99th percentile of each function; 0 where no call ended.
    pub(crate) p99: Vec<u64>,
    /// Memory and processor time.
    pub(crate) usage: Option<Usage>,
}

impl Moment {
    /// The moment of a window's latest reading. Fields that the window cannot know stay empty.
    pub(crate) fn of(window: &ReadingWindow) -> Moment {
        let snapshot = Arc::clone(window.latest());
        let running = snapshot.process.state == State::Running;
        let before = window.previous().filter(|_| running);
        let lately = before.map(|before| snapshot.since(before));
        let recent = window.begin().filter(|_| running).map(|begin| snapshot.since(begin));
        let (rates_ns, recent_ns) = (lately.as_ref().map(recorded), recent.as_ref().map(recorded));
        let recent = recent.map_or_else(|| Arc::clone(&snapshot), Arc::new);

        // The snapshots have the same functions in the same order; only the previous one may lack the newest.
        let lately = lately.as_ref().unwrap_or(&snapshot);
        let time_ns = recorded(lately);
        let (began, now) = (before.map(running_for).unwrap_or_default(), running_for(&snapshot));
        let (waited_before, waits) = (before.map(waiting_for).unwrap_or_default(), waiting_for(&snapshot));
        let has_waits = waits.iter().any(|&ns| ns > 0) || snapshot.functions.iter().any(|row| row.waiting_ns > 0);
        let mut activities: Vec<Activity> = snapshot.functions.iter().map(standing).collect();
        for (index, row) in activities.iter_mut().enumerate() {
            let done = &lately.functions[index];
            let running_before = began.get(index).copied().unwrap_or(0);
            row.rate = per_second(done.calls, time_ns);
            row.time = share(ended_ns(done).saturating_add(now[index]).saturating_sub(running_before), time_ns);
            row.self_time = share(done.self_ns, time_ns);
            let waited_before = waited_before.get(index).copied().unwrap_or(0);
            let waiting_ns = done.waiting_ns.saturating_add(waits[index]).saturating_sub(waited_before);
            row.waiting = has_waits.then(|| share(waiting_ns, time_ns));
            row.waiting_sampled = done.waiting_sampled;
            let recent = &recent.functions[index];
            if recent.latency.count() > 0 {
                (row.p50, row.p99) = (Some(recent.quantile_ns(0.5)), Some(recent.quantile_ns(0.99)));
                row.max = Some(recent.max_ns);
            }
        }
        for call in &snapshot.in_flight {
            if let Some(row) = activities.get_mut(call.function) {
                row.in_flight += 1;
                row.oldest_ns = row.oldest_ns.max(call.elapsed_ns);
            }
        }
        Moment {
            snapshot,
            recent,
            activities,
            rates_ns,
            recent_ns,
            usage: None,
            stacks: None,
            past: VecDeque::new(),
            damages: Vec::new(),
            problem: None,
            new_runs: 0,
            took: Duration::ZERO,
        }
    }

    /// Adds the stacks that were seen, whose functions are those of the snapshot.
    pub(crate) fn add_stacks(&mut self, stacks: StackProfile) {
        let watched = stacks.looks.watched_ns.max(1) as f64;
        // Without the states of the threads the columns say nothing.
        if stacks.all().ns(ThreadState::Unknown) == 0 {
            for (row, weights) in self.activities.iter_mut().zip(stacks.by_frame()) {
                let runs = weights.ns(ThreadState::Running).saturating_add(weights.ns(ThreadState::Runnable));
                row.running = Some(runs as f64 / watched);
                row.waiting = Some(weights.ns(ThreadState::Waiting) as f64 / watched);
                row.waiting_sampled = false;
            }
        }
        self.stacks = Some(Arc::new(stacks));
    }

    /// The part to remember.
    pub(crate) fn to_past(&self) -> Past {
        Past {
            rates: self.activities.iter().map(|row| row.rate).collect(),
            p99: self.activities.iter().map(|row| row.p99.unwrap_or(0)).collect(),
            usage: self.usage,
        }
    }

    /// Whether the process is still recording.
    pub(crate) fn is_running(&self) -> bool {
        self.snapshot.process.state == State::Running
    }

    /// Calls per second of a function at earlier moments and at this one.
    pub(crate) fn rates_of(&self, function: usize) -> Vec<f64> {
        self.past.iter().map(|past| past.rates.get(function).copied().unwrap_or(0.0)).collect()
    }

    /// Recent 99th percentiles of a function at earlier moments and at this one.
    pub(crate) fn p99_of(&self, function: usize) -> Vec<f64> {
        self.past.iter().map(|past| past.p99.get(function).copied().unwrap_or(0) as f64).collect()
    }
}

fn recorded(snapshot: &Snapshot) -> u64 {
    snapshot.process.recorded_ns
}

/// The activity that one reading alone tells.
fn standing(function: &Function) -> Activity {
    Activity {
        calls: function.calls,
        sampled: function.is_sampled(),
        self_sampled: function.self_sampled,
        ..Activity::default()
    }
}

/// Time of the calls that ended; of futures, of their polls.
fn ended_ns(function: &Function) -> u64 {
    match function.futures {
        Some(futures) => futures.busy_ns,
        None => function.total_ns,
    }
}

/// For each function, how long its calls in flight have run; of the calls in one thread only the outermost counts.
fn running_for(snapshot: &Snapshot) -> Vec<u64> {
    let mut ns = vec![0_u64; snapshot.functions.len()];
    let mut seen = HashSet::new();
    for call in &snapshot.in_flight {
        if let Some(sum) = ns.get_mut(call.function)
            && seen.insert((call.tid, call.function))
        {
            *sum = sum.saturating_add(call.elapsed_ns);
        }
    }
    ns
}

/// For each function, how long the waits have lasted that threads are in now, for every one that it is in flight in.
fn waiting_for(snapshot: &Snapshot) -> Vec<u64> {
    let is_wait = |call: &InFlight| snapshot.functions.get(call.function).is_some_and(|row| row.kind.is_wait());
    let mut waits: HashMap<u64, &InFlight> = HashMap::new();
    for call in &snapshot.in_flight {
        let innermost = waits.entry(call.tid).or_insert(call);
        if call.depth >= innermost.depth {
            *innermost = call;
        }
    }
    waits.retain(|_, innermost| is_wait(innermost));
    let (mut ns, mut seen) = (vec![0_u64; snapshot.functions.len()], HashSet::new());
    for call in &snapshot.in_flight {
        if let (Some(sum), Some(wait)) = (ns.get_mut(call.function), waits.get(&call.tid))
            && seen.insert((call.tid, call.function))
        {
            *sum = sum.saturating_add(wait.elapsed_ns);
        }
    }
    ns
}

fn per_second(number: u64, time_ns: u64) -> f64 {
    if time_ns == 0 { 0.0 } else { number as f64 * 1e9 / time_ns as f64 }
}

fn share(part_ns: u64, time_ns: u64) -> f64 {
    if time_ns == 0 { 0.0 } else { part_ns as f64 / time_ns as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Futures, Latency};

    const SECOND: u64 = 1_000_000_000;

    /// A function that made these calls: how long, and how many.
    fn function(name: &str, calls: &[(u64, u64)]) -> Function {
        let mut latency = Latency::new();
        calls.iter().for_each(|&(ns, count)| latency.record(ns, count));
        let sum_ns = calls.iter().map(|(ns, count)| ns * count).sum();
        Function {
            calls: latency.count(),
            timed_calls: latency.count(),
            total_ns: sum_ns,
            self_ns: sum_ns / 2,
            min_ns: calls.iter().map(|call| call.0).min().unwrap_or(0),
            max_ns: calls.iter().map(|call| call.0).max().unwrap_or(0),
            latency,
            ..Function::new(name)
        }
    }

    fn reading(at_ns: u64, functions: Vec<Function>, in_flight: &[(usize, u64, u32, u64)]) -> Arc<Snapshot> {
        let mut snapshot = Snapshot { functions, ..Snapshot::empty() };
        snapshot.process.state = State::Running;
        snapshot.process.recorded_ns = at_ns;
        let call =
            |&(function, tid, depth, elapsed_ns)| InFlight { function, thread: "main".into(), tid, depth, elapsed_ns };
        snapshot.in_flight = in_flight.iter().map(call).collect();
        Arc::new(snapshot)
    }

    #[test]
    fn rates_and_shares_cover_the_time_between_two_readings() {
        let mut window =
            ReadingWindow::new(10 * SECOND, reading(SECOND, vec![function("f", &[(1_000_000, 100)])], &[]));
        window.push(reading(3 * SECOND, vec![function("f", &[(1_000_000, 100), (2_000_000, 50)])], &[]));
        let moment = Moment::of(&window);
        let row = moment.activities[0];
        assert_eq!((row.rate, row.time, row.self_time), (25.0, 0.05, 0.025));
        assert_eq!((row.calls, moment.rates_ns, moment.recent_ns), (150, Some(2 * SECOND), Some(2 * SECOND)));
    }

    #[test]
    fn percentiles_cover_the_window_alone() {
        let slow = (900_000_000, 1_000);
        let mut window = ReadingWindow::new(10 * SECOND, reading(SECOND, vec![function("f", &[slow])], &[]));
        for second in 2..=30_u64 {
            // From the 20th second on it is a hundred times as fast as before.
            let calls = [(1_000, 10 * (second - 1).min(18)), (10, 10 * second.saturating_sub(19)), slow];
            window.push(reading(second * SECOND, vec![function("f", &calls)], &[]));
        }
        let row = Moment::of(&window).activities[0];
        assert_eq!((row.p50, row.p99, row.max), (Some(10), Some(10), Some(10)));
        let earlier = ReadingWindow::new(10 * SECOND, reading(SECOND, vec![function("f", &[slow])], &[]));
        assert_eq!(
            Moment::of(&earlier).activities[0].max,
            Some(900_000_000),
            "of one reading: since the recording began"
        );
    }

    #[test]
    fn a_call_in_flight_counts_up_to_now() {
        let functions = || vec![function("main", &[]), function("f", &[])];
        let mut window = ReadingWindow::new(SECOND, reading(2 * SECOND, functions(), &[(0, 1, 0, SECOND)]));
        // Recursive calls of one thread are one stretch of time, those of two threads are two.
        let in_flight = [(0, 1, 0, 2 * SECOND), (0, 1, 1, SECOND / 2), (1, 2, 0, SECOND / 4), (1, 3, 0, SECOND / 4)];
        window.push(reading(3 * SECOND, functions(), &in_flight));
        let rows = Moment::of(&window).activities;
        assert_eq!((rows[0].time, rows[0].in_flight, rows[0].oldest_ns), (1.0, 2, 2 * SECOND));
        assert_eq!((rows[1].time, rows[1].in_flight, rows[1].p99), (0.5, 2, None));
        // When it ends, no time is counted twice.
        window.push(reading(4 * SECOND, vec![function("main", &[(3 * SECOND, 1)]), function("f", &[])], &[]));
        assert_eq!(Moment::of(&window).activities[0].time, 1.0);
    }

    #[test]
    fn futures_take_the_time_of_their_polls() {
        let future = |polls_ns| Function {
            kind: crate::Kind::Future,
            futures: Some(Futures { started: 1, polls: 1, busy_ns: polls_ns, ..Futures::default() }),
            ..function("f", &[(10 * SECOND, 1)])
        };
        let mut window = ReadingWindow::new(SECOND, reading(SECOND, vec![future(0)], &[]));
        window.push(reading(2 * SECOND, vec![future(SECOND / 10)], &[]));
        assert_eq!(Moment::of(&window).activities[0].time, 0.1);
    }

    #[test]
    fn a_new_run_starts_at_nothing_and_an_ended_one_is_shown_as_a_whole() {
        let mut window = ReadingWindow::new(SECOND, reading(90 * SECOND, vec![function("f", &[(10, 9_000)])], &[]));
        let mut other = Snapshot::clone(&reading(2 * SECOND, vec![function("f", &[(10, 20)])], &[]));
        other.process.pid = 7;
        assert!(window.push(Arc::new(other.clone())));
        let moment = Moment::of(&window);
        assert_eq!((moment.activities[0].rate, moment.rates_ns), (10.0, None));

        other.functions = vec![function("f", &[(10, 40)])];
        other.process.state = State::Killed;
        // The last thing known of it lies before the last reading.
        other.process.recorded_ns = SECOND;
        window.push(Arc::new(other));
        let moment = Moment::of(&window);
        assert_eq!((moment.activities[0].rate, moment.rates_ns, moment.recent_ns), (40.0, None, None));
        assert!(!moment.is_running());
    }

    #[test]
    fn waits_count_for_all_that_are_around_them_also_while_they_last() {
        let mut caller = function("caller", &[(SECOND, 3)]);
        caller.waiting_ns = SECOND;
        let mut lock = Function { kind: crate::Kind::Lock, ..function("lock", &[(SECOND, 1)]) };
        lock.waiting_ns = SECOND;
        let functions = vec![caller, lock, function("other", &[])];
        // A wait that began 500 ms before the first reading goes on, and 1 s of others has ended since.
        let first = reading(10 * SECOND, functions.clone(), &[(0, 1, 0, 2 * SECOND), (1, 1, 1, SECOND / 2)]);
        let mut later = functions;
        later[0].waiting_ns += SECOND;
        later[1].waiting_ns += SECOND;
        let calls = [(0, 1, 0, 4 * SECOND), (1, 1, 1, 5 * SECOND / 2), (2, 2, 0, SECOND)];
        let mut window = ReadingWindow::new(10 * SECOND, first);
        window.push(reading(12 * SECOND, later, &calls));
        let moment = Moment::of(&window);
        let waiting: Vec<_> = moment.activities.iter().map(|row| row.waiting).collect();
        assert_eq!(waiting, [Some(1.5), Some(1.5), Some(0.0)]);
    }

    #[test]
    fn functions_that_come_later_and_an_empty_recording_are_accepted() {
        let mut window = ReadingWindow::new(0, reading(0, vec![], &[(5, 1, 0, 1)]));
        assert!(Moment::of(&window).activities.is_empty());
        window.push(reading(0, vec![function("f", &[(5, 1)])], &[(0, 1, 0, 3), (7, 1, 1, 2)]));
        let row = Moment::of(&window).activities[0];
        assert_eq!((row.rate, row.time, row.in_flight), (0.0, 0.0, 1));
    }
}
