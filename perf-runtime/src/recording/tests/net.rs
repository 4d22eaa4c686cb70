//! Figures without what measuring took: random trees of calls, in which all calls cost what calls cost by the calibration.

use perf_report::{Kind, Snapshot, Timing};

use super::random::Random;
use super::{TICKS_PER_NS, add_site, begin, end, end_in_place, recording_with, slot, snapshot};
use crate::recording::{CallBegin, CallOutcome, Cost, Costs, Recording, Shard};

const SITES: usize = 12;

/// A part of a timed call's cost that is within its duration, and one without: 8 and 12 ns.
const INSIDE: u64 = 8 * TICKS_PER_NS;
const OUTSIDE: u64 = 12 * TICKS_PER_NS;
/// Cost of a call that is only counted: 3 ns.
const COUNTED: u64 = 3 * TICKS_PER_NS;

fn costs() -> Costs {
    let timed = Cost { whole: (INSIDE + OUTSIDE) as f64, inside: INSIDE as f64 };
    Costs { timed, adaptive: timed, poll: timed, counted: COUNTED as f64 }
}

/// A program of random calls, its clock, and what its functions take without being measured.
struct Program {
    random: Random,
    recording: Recording,
    shard: Shard,
    tick: u64,
    /// By site: calls, time in them without that within an outer call of the same site, time in them alone.
    calls: Vec<u64>,
    totals: Vec<u64>,
    own: Vec<u64>,
    /// Sites of the calls in flight.
    stack: Vec<usize>,
    /// Whether calls are now and then only counted.
    adaptive: bool,
}

impl Program {
    fn new(seed: u64, adaptive: bool) -> Program {
        let recording = recording_with(1 << 18, costs());
        let timing = if adaptive { Timing::Adaptive } else { Timing::Exact };
        for _ in 0..SITES {
            add_site(&recording, Kind::Function, timing).unwrap();
        }
        let zeros = || vec![0; SITES + 1];
        Program {
            random: Random::new(seed),
            shard: recording.acquire_shard().unwrap(),
            recording,
            tick: 1,
            calls: zeros(),
            totals: zeros(),
            own: zeros(),
            stack: Vec::new(),
            adaptive,
        }
    }

    /// A call and all that it calls; the time that the program would take for it without being measured.
    fn call(&mut self, site: usize, depth: usize) -> u64 {
        let slot = slot(&self.recording, self.shard, site).unwrap();
        let counted = if self.adaptive { self.shard.begin_counted_of(slot) } else { None };
        let start = if counted.is_some() {
            0
        } else {
            self.tick += OUTSIDE / 2;
            let counted = self.adaptive.then(|| slot.take_counted(self.shard));
            let tick = self.tick;
            self.shard.begin_call(slot, CallBegin { counted, unwinding: false }, || tick)
        };
        self.stack.push(site);
        let mut time = 0;
        for _ in 0..self.random.below(4) {
            // The program's own, and at times tiny.
            let own = if self.random.once_in(2) { 1 } else { self.random.of_any_length(9) } * TICKS_PER_NS;
            self.tick += own;
            self.own[site] += own;
            time += own;
            if depth < 8 && self.random.below(3) > 0 {
                let callee = 1 + self.random.below(SITES);
                time += self.call(callee, depth + 1);
            }
        }
        self.stack.pop();
        self.calls[site] += 1;
        if !self.stack.contains(&site) {
            self.totals[site] += time;
        }
        if let Some(counted) = counted {
            self.tick += COUNTED;
            assert!(self.shard.end_counted(counted));
        } else {
            self.tick += INSIDE;
            let end = self.tick;
            let outcome = match self.adaptive {
                false => CallOutcome::Call { unwound: false },
                true => CallOutcome::AdaptiveCall { unwound: false },
            };
            let by_the_slow_path = self.random.once_in(4);
            let fast = |shard: Shard| !self.adaptive && shard.end_call_fast(slot, start, end);
            if by_the_slow_path || !fast(self.shard) && !self.shard.end_in_place(slot, start, end, outcome) {
                self.shard.end_call(&self.recording, slot, start, end, outcome);
            }
            self.tick += OUTSIDE / 2;
        }
        time
    }

    fn run(&mut self, calls: usize) -> Snapshot {
        for _ in 0..calls {
            let site = 1 + self.random.below(SITES);
            self.call(site, 0);
        }
        self.recording.note_time(self.tick, self.tick / TICKS_PER_NS);
        snapshot(&self.recording)
    }
}

/// Checks that any snapshot of one thread keeps the invariants.
fn check_invariants(snapshot: &Snapshot) {
    let elapsed = snapshot.process.recorded_ns;
    let own: u64 = snapshot.functions.iter().map(|function| function.self_ns).sum();
    assert!(own <= elapsed, "self times of {own} ns in {elapsed} ns");
    assert!(snapshot.recorded_ns <= elapsed);
    for function in &snapshot.functions {
        assert!(function.self_ns <= function.sum_ns + 1, "{function:?}");
        for caller in function.callers.iter().filter(|caller| caller.caller.is_some()) {
            let of = &snapshot.functions[caller.caller.unwrap()];
            // Of a recursive caller the outermost calls alone count.
            assert!(caller.total_ns <= of.total_ns.max(of.sum_ns) + 1, "{caller:?} of {of:?}");
        }
    }
}

#[test]
fn exact_figures_are_those_of_the_program_alone() {
    for seed in 0..20 {
        let mut program = Program::new(seed, false);
        let snapshot = program.run(60);
        check_invariants(&snapshot);
        for (function, site) in snapshot.functions.iter().zip(1..) {
            assert_eq!(function.calls, program.calls[site]);
            let own = program.own[site] / TICKS_PER_NS;
            assert_eq!(function.self_ns, own, "self time of site {site} in program {seed}");
            // How many calls are outermost is not recorded, which is 8 ns a call.
            let (total, calls) = (program.totals[site] / TICKS_PER_NS, program.calls[site]);
            let near = function.total_ns.abs_diff(total) <= 8 * calls;
            assert!(near, "total of site {site} in program {seed}: {} for {total}", function.total_ns);
        }
        let whole: u64 = program.own.iter().sum();
        assert!(snapshot.recorded_ns.abs_diff(whole / TICKS_PER_NS) <= 1, "program {seed}");
    }
}

#[test]
fn without_recursion_totals_are_exact_too() {
    let recording = recording_with(1 << 17, costs());
    let [outer, inner] = [(); 2].map(|()| add_site(&recording, Kind::Function, Timing::Exact).unwrap());
    let shard = recording.acquire_shard().unwrap();
    let [outer_slot, inner_slot] = [outer, inner].map(|site| slot(&recording, shard, site).unwrap());
    let mut tick = 100;
    let end = |slot, start, tick| {
        if !shard.end_call_fast(slot, start, tick) {
            shard.end_call(&recording, slot, start, tick, CallOutcome::Call { unwound: false });
        }
    };
    for round in 0..50 {
        let start = shard.begin_call(outer_slot, CallBegin::default(), || tick);
        for call in 0..round {
            tick += OUTSIDE;
            let start = shard.begin_call(inner_slot, CallBegin::default(), || tick);
            tick += INSIDE + 5 * TICKS_PER_NS * (1 + call % 3);
            end(inner_slot, start, tick);
        }
        tick += INSIDE + 100 * TICKS_PER_NS;
        end(outer_slot, start, tick);
        tick += OUTSIDE;
    }
    recording.note_time(tick, tick / TICKS_PER_NS);
    let snapshot = snapshot(&recording);
    let [outer, inner] = &snapshot.functions[..] else { panic!("{:?}", snapshot.functions) };
    assert_eq!((outer.self_ns, outer.total_ns), (50 * 100, 50 * 100 + inner.total_ns));
    assert_eq!((inner.min_ns, inner.max_ns, inner.self_ns), (5, 15, inner.total_ns));
    assert_eq!(inner.callers[0].total_ns, inner.total_ns);
    assert_eq!(outer.min_ns, 100);
}

#[test]
fn a_call_that_was_interrupted_does_not_stand_for_the_calls_before_it() {
    const SHORT: u64 = 10 * TICKS_PER_NS;
    const LONG: u64 = 1_000_000 * TICKS_PER_NS;
    let recording = recording_with(1 << 18, Costs::default());
    let site = add_site(&recording, Kind::Function, Timing::Adaptive).unwrap();
    let shard = recording.acquire_shard().unwrap();
    let slot = slot(&recording, shard, site).unwrap();
    // One call after the other, of which a few are long: those that the plan has timed.
    let (mut tick, mut took, mut long) = (1 << 20, 0, 0);
    for _ in 0..100_000 {
        if let Some(call) = shard.begin_counted_of(slot) {
            (tick, took) = (tick + SHORT, took + SHORT);
            assert!(shard.end_counted(call));
            continue;
        }
        let counted = slot.take_counted(shard);
        let is_long = counted.calls > 100 && long < 3;
        let time = if is_long { LONG } else { SHORT };
        long += u64::from(is_long);
        let start = shard.begin_call(slot, CallBegin { counted: Some(counted), unwinding: false }, || tick);
        (tick, took) = (tick + time, took + time);
        shard.end_call(&recording, slot, start, tick, CallOutcome::AdaptiveCall { unwound: false });
    }
    recording.note_time(tick, tick / TICKS_PER_NS);
    let snapshot = snapshot(&recording);
    let function = &snapshot.functions[site - 1];
    assert_eq!((function.calls, long), (100_000, 3));
    let took = took / TICKS_PER_NS;
    assert!(function.self_ns.abs_diff(took) <= took / 100, "{} ns of {took} ns", function.self_ns);
    assert!(function.latency.quantile(0.99) < 20, "{function:?}");
    assert_eq!((function.min_ns, function.max_ns), (10, 1_000_000));
}

/// A function of which one call in a hundred takes a hundred times as long as the others, and half of all the time: by itself, or in a callee
/// that is timed exactly. Returns its self time as a part of the true one.
fn estimate_of_a_few_long_calls(seed: u64, short: u64, by_callee: bool) -> f64 {
    let recording = recording_with(1 << 18, Costs::default());
    let [site, callee] =
        [Timing::Adaptive, Timing::Exact].map(|timing| add_site(&recording, Kind::Function, timing).unwrap());
    let shard = recording.acquire_shard().unwrap();
    let [slot, callees] = [site, callee].map(|site| slot(&recording, shard, site).unwrap());
    let mut random = Random::new(seed);
    let (mut tick, mut own) = (1 << 20, 0);
    for _ in 0..if cfg!(miri) { 2_000 } else { 200_000 } {
        let counted = shard.begin_counted_of(slot);
        let start = tick;
        if counted.is_none() {
            Shard::set_start(shard.begin_for_others(slot).unwrap(), start);
        }
        tick += short;
        if random.once_in(100) {
            let begun = tick;
            tick += 99 * short;
            if by_callee {
                begin(shard, callees, callee, begun);
                end(&recording, shard, callees, begun, tick);
            }
        }
        own += if by_callee { short } else { tick - start };
        match counted {
            Some(call) => assert!(shard.end_counted(call)),
            None => {
                end_in_place(&recording, shard, slot, start, tick, CallOutcome::AdaptiveCall { unwound: false });
            }
        }
        // The program does something else for as long.
        tick += tick - start;
    }
    recording.note_time(tick, tick / TICKS_PER_NS);
    (snapshot(&recording).functions[site - 1].self_ns * TICKS_PER_NS) as f64 / own as f64
}

#[test]
fn the_few_calls_that_take_most_of_the_time_are_in_the_estimates() {
    const PROGRAMS: u64 = if cfg!(miri) { 1 } else { 8 };
    for short in [10, 30, 100, 200].map(|ns| ns * TICKS_PER_NS) {
        for by_callee in [false, true] {
            let parts = (0..PROGRAMS).map(|seed| estimate_of_a_few_long_calls(seed, short, by_callee));
            let part = parts.sum::<f64>() / PROGRAMS as f64;
            assert!((0.9..1.1).contains(&part) || cfg!(miri), "{short} ticks, by a callee: {by_callee}: {part}");
        }
    }
}

#[test]
fn adaptive_estimates_are_within_what_passed_and_callers_are_right() {
    for seed in 0..20 {
        let mut program = Program::new(seed, true);
        let snapshot = program.run(2000);
        check_invariants(&snapshot);
        for (function, site) in snapshot.functions.iter().zip(1..) {
            assert_eq!(function.calls, program.calls[site], "site {site} in program {seed}");
        }
        // Calls by code that is not annotated are those that the test made itself.
        let outermost: u64 = snapshot
            .functions
            .iter()
            .flat_map(|function| &function.callers)
            .filter(|caller| caller.caller.is_none())
            .map(|caller| caller.calls)
            .sum();
        assert!(outermost <= 4 * 2000, "program {seed}: {outermost}");
    }
}
