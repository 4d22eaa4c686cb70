//! A trace window: when each call of some time began and ended, in every thread.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::SlowCall;
use crate::recording::layout::shard::FRAME_COUNT;

/// Every begin and end of a call in a window of time.
///
/// It goes with the [`Snapshot`](crate::Snapshot) of the same reading, whose functions the events name. Times are ns since the
/// recording began.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Trace {
    /// Number of the window; the first one of a process is 1.
    pub window: u64,
    /// The request that it answers; 0 if the program or its environment asked for it.
    pub request: u64,
    /// When it opened.
    pub begin_ns: u64,
    /// When it closed.
    ///
    /// While it is open, or if the process was killed in it, the time of its last event.
    pub end_ns: u64,
    /// Whether it had not closed.
    pub is_open: bool,
    /// The threads that called in it, in the order in which they came.
    pub threads: Vec<TraceThread>,
    /// Events of threads that found no room at all.
    pub unplaced: u64,
}

/// The calls of one thread in a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TraceThread {
    /// The system's id of the thread.
    pub tid: u64,
    /// Its name.
    pub name: String,
    /// Its first events, for which there was no room beside the later ones.
    pub overwritten: u64,
    /// Its events, in the order in which they happened.
    pub events: Vec<TraceEvent>,
}

/// The begin or the end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TraceEvent {
    /// Index in [`Snapshot::functions`](crate::Snapshot::functions).
    pub function: usize,
    /// The kind of event.
    pub kind: TraceEventKind,
    /// Calls in flight in the thread, the event's own among them.
    pub depth: u32,
    /// When it happened.
    pub ns: u64,
}

/// The events in the life of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TraceEventKind {
    /// It begins.
    Begin,
    /// It had begun before its thread came into the window, at the event's time.
    InFlight,
    /// It returns.
    Return,
    /// A panic leaves it.
    Unwind,
    /// It was a poll, and the future is not ready.
    Pending,
    /// It was a poll, and the future is ready.
    Ready,
}

impl TraceEventKind {
    /// Whether a call ends.
    #[must_use]
    pub const fn is_end(self) -> bool {
        !matches!(self, TraceEventKind::Begin | TraceEventKind::InFlight)
    }
}

/// A call in a window, put together from its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedCall {
    /// Index in [`Snapshot::functions`](crate::Snapshot::functions).
    pub function: usize,
    /// When it began, or when the events begin if it [began before](Self::began_before).
    pub begin_ns: u64,
    /// When it ended.
    ///
    /// Of one that was not seen to end, the last time at which it was in flight.
    pub end_ns: u64,
    /// Index of its caller among the thread's calls.
    pub caller: Option<usize>,
    /// How it ended; `None` if that was not seen.
    pub end: Option<TraceEventKind>,
    /// Whether it began before the thread's events do.
    pub began_before: bool,
}

impl TracedCall {
    /// How long it took, as far as it was seen.
    #[must_use]
    pub const fn ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.begin_ns)
    }

    /// Whether both its begin and its end were seen.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.end.is_some() && !self.began_before
    }
}

impl Trace {
    /// A window without calls.
    #[must_use]
    pub fn empty() -> Self {
        Trace::default()
    }

    /// Events that there was no room for.
    #[must_use]
    pub fn lost_events(&self) -> u64 {
        self.threads.iter().fold(self.unplaced, |sum, thread| sum.saturating_add(thread.overwritten))
    }

    /// The calls of a thread in the order in which they began.
    ///
    /// Callers come before their callees. Calls of a thread lie within each other or one after the other. Where a thread switches stacks (coroutines), a call that
    /// ends before one within it cuts that one short.
    ///
    /// ```
    /// use perf_report::{Trace, TraceEvent, TraceEventKind, TraceThread};
    /// let mut thread = TraceThread::new(7, "main");
    /// thread.events.push(TraceEvent::new(0, TraceEventKind::Begin, 1, 10));
    /// thread.events.push(TraceEvent::new(1, TraceEventKind::Begin, 2, 20));
    /// thread.events.push(TraceEvent::new(1, TraceEventKind::Return, 2, 30));
    /// let mut trace = Trace::empty();
    /// (trace.begin_ns, trace.end_ns) = (0, 40);
    /// let calls = trace.calls(&thread);
    /// assert_eq!((calls[1].ns(), calls[1].caller), (10, Some(0)));
    /// assert_eq!((calls[0].ns(), calls[0].end), (30, None));
    /// ```
    #[must_use]
    pub fn calls(&self, thread: &TraceThread) -> Vec<TracedCall> {
        let (begin_ns, before) = match (thread.overwritten, thread.events.first()) {
            (1.., Some(first)) => (first.ns.max(self.begin_ns), begun_before(&thread.events)),
            _ => (self.begin_ns, Vec::new()),
        };
        let mut pairing = Pairing::new(begin_ns, before.into_iter());
        for &event in &thread.events {
            pairing.add(event);
        }
        pairing.close_from(0, self.end_ns.max(pairing.now_ns), None);
        pairing.calls
    }

    /// The slowest calls of each function, at most so many, the slowest first.
    ///
    /// Only calls whose begin and end were seen are among them. They have no labels. Functions come in the order of their numbers.
    #[must_use]
    pub fn slowest(&self, most: usize) -> Vec<(usize, Vec<SlowCall>)> {
        let mut functions = BTreeMap::<usize, Vec<SlowCall>>::new();
        for thread in &self.threads {
            let calls = self.calls(thread);
            let mut places = HashMap::new();
            for (place, call) in calls.iter().enumerate().filter(|(_, call)| call.is_whole()) {
                let slowest = functions.entry(call.function).or_default();
                let rank = slowest.partition_point(|other| other.ns >= call.ns());
                if rank < most {
                    let (tid, name) = (thread.tid, thread.name.clone());
                    slowest
                        .insert(rank, SlowCall { end_ns: call.end_ns, tid, thread: name, ..SlowCall::new(call.ns()) });
                    slowest.truncate(most);
                    places.insert((call.function, call.ns(), call.end_ns), place);
                }
            }
            // Those that are still there.
            for (&function, slowest) in &mut functions {
                for slow in slowest.iter_mut().filter(|slow| slow.tid == thread.tid && slow.callers.is_empty()) {
                    let place = places.get(&(function, slow.ns, slow.end_ns)).copied();
                    let caller = |&at: &usize| calls[at].caller;
                    let callers = std::iter::successors(place.and_then(|at| calls[at].caller), caller);
                    slow.callers = callers.map(|at| calls[at].function).collect();
                }
            }
        }
        functions.into_iter().collect()
    }
}

impl TraceThread {
    /// A thread without events.
    #[must_use]
    pub fn new(tid: u64, name: impl Into<String>) -> Self {
        TraceThread { tid, name: name.into(), overwritten: 0, events: Vec::new() }
    }
}

impl TraceEvent {
    /// An event at a time.
    #[must_use]
    pub const fn new(function: usize, kind: TraceEventKind, depth: u32, ns: u64) -> Self {
        TraceEvent { function, kind, depth, ns }
    }
}

/// Puts the calls of a thread together.
struct Pairing {
    calls: Vec<TracedCall>,
    /// Indexes of the calls in flight, from the outermost inwards.
    open: Vec<usize>,
    /// When the thread's events begin.
    begin_ns: u64,
    /// The time of the last event.
    now_ns: u64,
}

impl Pairing {
    /// Of a thread that is already in these functions, from the outermost inwards.
    fn new(begin_ns: u64, functions: impl Iterator<Item = usize>) -> Pairing {
        let mut pairing = Pairing { calls: Vec::new(), open: Vec::new(), begin_ns, now_ns: begin_ns };
        functions.for_each(|function| pairing.begin(function, true));
        pairing
    }

    fn add(&mut self, event: TraceEvent) {
        // Of a thread no event is earlier than the one before, unless a clock went back, or it is the begin of a call before the window.
        let began_before = event.kind == TraceEventKind::InFlight && event.ns < self.begin_ns;
        self.now_ns = self.now_ns.max(event.ns);
        if event.kind.is_end() {
            // One that is not there began on another stack, or had been given up.
            let place = self.open.iter().rposition(|&call| self.calls[call].function == event.function);
            return place.into_iter().for_each(|place| self.close_from(place, self.now_ns, Some(event.kind)));
        }
        // Those that stand as high or higher were left behind: their guards were leaked, or the stack was switched. Above the frame
        // stack all have the same depth.
        let around = (event.depth as usize).saturating_sub(1);
        if (1..FRAME_COUNT).contains(&(event.depth as usize)) && self.open.len() > around {
            self.close_from(around, self.now_ns, None);
        }
        self.begin(event.function, began_before);
    }

    fn begin(&mut self, function: usize, began_before: bool) {
        let begin_ns = self.now_ns;
        let caller = self.open.last().copied();
        self.open.push(self.calls.len());
        self.calls.push(TracedCall { function, begin_ns, end_ns: begin_ns, caller, end: None, began_before });
    }

    /// Closes the calls in flight from one on; that one ends as it is said.
    fn close_from(&mut self, place: usize, ns: u64, end: Option<TraceEventKind>) {
        for (position, call) in self.open.drain(place..).enumerate() {
            let call = &mut self.calls[call];
            call.end_ns = ns;
            call.end = end.filter(|_| position == 0);
        }
    }
}

/// The functions of calls whose begins were overwritten and whose ends were not, the outermost first.
fn begun_before(events: &[TraceEvent]) -> Vec<usize> {
    let (mut open, mut ended) = (Vec::new(), Vec::new());
    for event in events {
        if !event.kind.is_end() {
            open.push(event.function);
        } else if let Some(place) = open.iter().rposition(|&function| function == event.function) {
            open.truncate(place);
        } else {
            // All that was seen to begin lies within it.
            open.clear();
            ended.push(event.function);
        }
    }
    ended.reverse();
    ended
}

#[cfg(test)]
mod tests {
    use super::TraceEventKind::{Begin, InFlight, Return};
    use super::*;

    fn calls(
        overwritten: u64,
        events: &[(usize, TraceEventKind, u32, u64)],
    ) -> Vec<(usize, u64, u64, Option<usize>, bool)> {
        let events =
            events.iter().map(|&(function, kind, depth, ns)| TraceEvent::new(function, kind, depth, ns)).collect();
        let thread = TraceThread { overwritten, events, ..TraceThread::new(1, "main") };
        let trace = Trace { begin_ns: 100, end_ns: 200, ..Trace::empty() };
        let calls = trace.calls(&thread).into_iter();
        calls.map(|call| (call.function, call.begin_ns, call.end_ns, call.caller, call.is_whole())).collect()
    }

    #[test]
    fn calls_in_flight_at_either_end_are_cut_there() {
        let events = [(0, InFlight, 1, 5), (1, InFlight, 2, 0), (1, Return, 2, 110), (2, Begin, 2, 120)];
        assert_eq!(
            calls(0, &events),
            [(0, 100, 200, None, false), (1, 100, 110, Some(0), false), (2, 120, 200, Some(0), false)]
        );
    }

    #[test]
    fn ends_whose_begins_were_overwritten_enclose_what_came_before() {
        let events = [
            (3, Begin, 3, 150),
            (3, Return, 3, 151),
            (2, Return, 2, 152),
            (1, Return, 1, 153),
            (0, Begin, 1, 154),
            (0, Return, 1, 155),
        ];
        assert_eq!(
            calls(9, &events),
            [
                (1, 150, 153, None, false),
                (2, 150, 152, Some(0), false),
                (3, 150, 151, Some(1), true),
                (0, 154, 155, None, true)
            ]
        );
    }

    #[test]
    fn calls_that_were_left_behind_end_where_another_one_takes_their_place() {
        let events = [
            (0, Begin, 1, 110),
            (1, Begin, 2, 111),
            (2, Begin, 2, 120),
            (2, Return, 2, 130),
            (1, Return, 2, 131),
            (0, Return, 1, 140),
        ];
        assert_eq!(
            calls(0, &events),
            [(0, 110, 140, None, true), (1, 111, 120, Some(0), false), (2, 120, 130, Some(0), true)]
        );
    }

    #[test]
    fn recursion_pairs_the_innermost_first_and_a_clock_that_goes_back_stands_still() {
        let events = [(0, Begin, 1, 110), (0, Begin, 2, 120), (0, Return, 2, 115), (0, Return, 1, 140)];
        assert_eq!(calls(0, &events), [(0, 110, 140, None, true), (0, 120, 120, Some(0), true)]);
    }

    #[test]
    fn the_slowest_are_whole_calls_of_all_threads() {
        let thread = |tid, begin: u64| {
            let mut thread = TraceThread::new(tid, "worker");
            for call in 0..4 {
                let at = begin + call * 10;
                thread.events.push(TraceEvent::new(0, Begin, 1, at));
                thread.events.push(TraceEvent::new(0, Return, 1, at + call * tid));
            }
            thread.events.push(TraceEvent::new(0, Begin, 1, 150));
            thread
        };
        let trace =
            Trace { begin_ns: 100, end_ns: 200, threads: vec![thread(1, 100), thread(2, 101)], ..Trace::empty() };
        let slowest = trace.slowest(3);
        assert_eq!(slowest.len(), 1);
        let found: Vec<(u64, u64, u64)> = slowest[0].1.iter().map(|call| (call.tid, call.ns, call.end_ns)).collect();
        assert_eq!(found, [(2, 6, 137), (2, 4, 125), (1, 3, 133)]);
    }
}
