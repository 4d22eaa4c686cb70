//! Snapshots that tests show: an ordinary run, and one in which everything happened.
#![allow(dead_code, reason = "each test file needs some of it")]

#[macro_use]
#[path = "with.rs"]
mod with;

use perf_report::{
    Caller, Clock, ClockSource, Function, Futures, InFlight, Kind, Latency, Losses, Overhead, Snapshot, State, Timing,
};

pub(crate) fn function(name: &str, durations: &[(u64, u64)]) -> Function {
    let mut latency = Latency::new();
    durations.iter().for_each(|&(ns, count)| latency.record(ns, count));
    let sum_ns = durations.iter().map(|(ns, count)| ns * count).sum();
    let calls = latency.count();
    let ns = durations.iter().map(|duration| duration.0);
    let (min_ns, max_ns) = (ns.clone().min().unwrap_or(0), ns.max().unwrap_or(0));
    with!(Function::new(name), {
        calls,
        timed_calls: calls,
        sum_ns,
        total_ns: sum_ns,
        self_ns: sum_ns,
        min_ns,
        max_ns,
        latency,
    })
}

pub(crate) fn caller(caller: Option<usize>, calls: u64, total_ns: u64) -> Caller {
    Caller::new(caller, calls, total_ns)
}

/// An ordinary run of a small program.
pub(crate) fn ordinary() -> Snapshot {
    let mut functions = vec![
        function("wordcount::main", &[(12_300_000_000, 1)]),
        function("wordcount::index::Index::build", &[(1_100_000_000, 3), (1_400_000_000, 1)]),
        function("wordcount::text::tokenize", &[(640, 1_200_000), (1_900, 40_000), (95_000, 12)]),
        function("wordcount::text::normalize", &[(38, 11_000_000), (45, 1_500_000), (2_400, 300)]),
        function("wordcount::storage::segment::SegmentWriter<W>::flush_all", &[(4_200_000, 180), (31_000_000, 20)]),
    ];
    functions[0].self_ns = 800_000_000;
    functions[1].self_ns = 2_900_000_000;
    functions[2].self_ns = 420_000_000;
    functions[0].callers = vec![caller(None, 1, 12_300_000_000)];
    functions[1].callers = vec![caller(Some(0), 3, 3_600_000_000), caller(Some(1), 1, 1_100_000_000)];
    functions[2].callers = vec![caller(Some(1), 1_240_012, 845_140_000)];
    functions[3].callers = vec![caller(Some(2), 12_500_300, 486_220_000)];
    functions[4].callers = vec![caller(Some(1), 150, 980_000_000), caller(None, 50, 396_000_000)];
    with!(Snapshot::empty(), {
        process: with!(Snapshot::empty().process, {
            program: "wordcount".into(),
            pid: 4242,
            recorded_ns: 12_310_000_000,
            threads: 4,
            state: State::Closed,
            clock: Clock::new(ClockSource::Tsc, 0.385),
        }),
        overhead: with!(Overhead::default(), {
            ns_per_timed_call: 17.6,
            ns_per_counted_call: 0.9,
            ns_inside_duration: 8.5,
            measuring_ns: measuring(&functions),
            measuring_wall_ns: measuring(&functions),
        }),
        functions,
    })
}

/// The time that measuring took, at these costs.
fn measuring(functions: &[Function]) -> u64 {
    let of =
        |function: &Function| function.timed_calls as f64 * 17.6 + (function.calls - function.timed_calls) as f64 * 0.9;
    functions.iter().map(of).sum::<f64>() as u64
}

/// A run in which everything happened that is worth a note.
pub(crate) fn eventful() -> Snapshot {
    let mut snapshot = ordinary();
    let functions = &mut snapshot.functions;
    functions[3].timing = Timing::Adaptive;
    functions[3].timed_calls = 90_000;
    functions[3].self_sampled = true;
    functions[2].self_sampled = true;
    functions[4].unwound = 2;
    functions[2].abandoned = 1;
    functions[0].over_range = 1;
    let mut serve = function("wordcount::serve::handle", &[(2_000_000, 900), (30_000_000, 100)]);
    serve.kind = Kind::Future;
    serve.self_ns = 41_000_000;
    serve.futures =
        Some(with!(Futures::default(), { started: 1_003, cancelled: 7, polls: 4_120, busy_ns: 61_000_000 }));
    functions.push(serve);
    functions.extend(["a", "b", "c", "d", "e", "f"].map(|name| Function::new(format!("wordcount::unused::{name}"))));
    let call = |function, thread, depth, ns| with!(InFlight::new(function, thread, ns), { tid: 7, depth });
    snapshot.in_flight = vec![call(0, "main", 0, 12_300_000_000), call(1, "worker-1", 1, 640_000)];
    snapshot.process.state = State::Killed;
    snapshot.process.unrecorded_ns = 1_250_000_000;
    snapshot.process.clock.source = ClockSource::Monotonic;
    snapshot.losses = with!(Losses::default(), {
        lost_calls: 3,
        overflow_calls: 1_200,
        unbucketed_calls: 40,
        unattributed_calls: 1,
        deep_calls: 98_976,
        deepest: 100_000,
        stack_height: 1_024,
        clock_anomalies: 2,
        used_bytes: 256 << 20,
        capacity_bytes: 256 << 20,
    });
    snapshot
}
