//! The recording against a model of it: a stack of calls per thread and lists of durations, nothing clever.
//!
//! Random programs run on both: calls of many functions by many callers, recursion, nesting higher than the frame stack, adaptive
//! timing, futures that are polled here and there and cancelled, leaked guards, stacks that move to another thread, threads
//! that end, and a clock that goes back at times. Then every figure that a reader finds must be the model's, exactly. That
//! the fast path does what the slow one does is shown by running each program with and without it.

mod expected;

use std::collections::{HashMap, HashSet};

use perf_report::recording::layout::{frame as frame_layout, shard as shard_layout};
use perf_report::{Kind, Snapshot, Timing};

use self::expected::{Expected, bounded};
use super::random::Random;
use super::{START_TICK, TICKS_PER_NS, add_site, begin, end, end_in_place, recording, slot, snapshot};
use crate::recording::{CallBegin, CallOutcome, Counted, Recording, Shard};

const SITES: usize = shard_layout::SLOT_COUNT + 60;
/// Those that are called.
const CALLED: usize = 120;
/// Of a program that calls few functions often, for short, so that most calls are counted and not timed where timing is adaptive.
const CALLED_OFTEN: usize = 14;
const SHARDS: usize = 3;
/// The cost of a timed call for whom nobody has found it, and the time of one that may have been interrupted, in ticks.
const LEAST_COST: u64 = 40;
const LONGEST_TICKS: u64 = 16 * 64 * LEAST_COST;
const OPERATIONS: usize = if cfg!(miri) { 300 } else { 6000 };
const PROGRAMS: u64 = if cfg!(miri) { 1 } else { 12 };

/// A call or poll in flight.
struct Frame {
    site: usize,
    start: u64,
    child: u64,
    counted: Counted,
    /// First poll of the future that is polled.
    future: Option<u64>,
    /// Whether it will not end here: its guard was leaked, or its stack has moved away.
    gone: bool,
}

/// What counted calls are taken to have had, or what is owed to later ones: all their ticks, and those without callees.
type Balances = [u64; 2];

/// Gives so many calls what they are taken to have had, and what is owed to them, as far as there was time.
fn pay(each: u64, calls: u64, owed: &mut u64, within: u64) -> u64 {
    let (alike, wanted) = (each * calls, each * calls + *owed);
    let left = if alike > within {
        *owed + (each.saturating_sub(LEAST_COST) * calls).saturating_sub(within)
    } else {
        wanted.saturating_sub(within)
    };
    *owed = left.min(1 << 26);
    wanted.min(within)
}

/// A future between polls.
struct Future {
    site: usize,
    /// Its first poll, if it had one.
    first: Option<u64>,
}

/// How a call is to end.
#[derive(Clone, Copy)]
struct Ending {
    ready: bool,
    unwound: bool,
}

/// A shard in which measuring costs nothing, as in the model.
fn free_of_cost(shard: Shard) -> Shard {
    for word in [shard_layout::TIMED_COST, shard_layout::ADAPTIVE_COST, shard_layout::POLL_COST] {
        shard.0.twins().set(word, 0);
    }
    shard
}

/// A random program on the recording and on the model.
struct Program {
    random: Random,
    /// Whether calls take the fast path where they can.
    fast: bool,
    /// Whether it calls few functions often, for short.
    often: bool,
    recording: Recording,
    shards: Vec<Shard>,
    tick: u64,
    starts: HashSet<u64>,
    /// When the last call of a site in a thread began that was timed adaptively.
    timed_at: HashMap<(usize, usize), u64>,
    /// Ticks that calls of a site in a thread stood for and for which there was no time.
    owed: HashMap<(usize, usize), Balances>,
    /// By site id.
    expected: Vec<Expected>,
    stacks: Vec<Vec<Frame>>,
    futures: Vec<Future>,
    anomalies: u64,
    deep_calls: u64,
    deepest: u64,
}

impl Program {
    fn new(seed: u64, fast: bool) -> Self {
        let recording = recording(1 << 19);
        let mut expected = vec![Expected::default()];
        for site in 1..=SITES {
            let adaptive = site % 7 == 0;
            let timing = if adaptive { Timing::Adaptive } else { Timing::Exact };
            let kind = if site % 7 == 1 { Kind::Future } else { Kind::Function };
            assert_eq!(add_site(&recording, kind, timing), Some(site));
            expected.push(Expected { kind: Some(kind), adaptive, ..Expected::default() });
        }
        Program {
            random: Random::new(seed),
            fast,
            often: seed % 2 == 1,
            shards: (0..SHARDS).map(|_| free_of_cost(recording.acquire_shard().unwrap())).collect(),
            recording,
            tick: START_TICK,
            starts: HashSet::new(),
            timed_at: HashMap::new(),
            owed: HashMap::new(),
            expected,
            stacks: (0..SHARDS).map(|_| Vec::new()).collect(),
            futures: Vec::new(),
            anomalies: 0,
            deep_calls: 0,
            deepest: 0,
        }
    }

    fn run(mut self) -> Snapshot {
        let (mut climb, mut hot, mut most_hot) = (50, 1, 4);
        // Half of them have their slots in the table of further ones.
        let (called, highest) =
            if self.often { (CALLED_OFTEN, shard_layout::SLOT_COUNT + CALLED_OFTEN / 2) } else { (CALLED, SITES) };
        for _ in 0..OPERATIONS {
            if self.random.once_in(400) {
                climb = [20, 45, 50, 55, 98][self.random.below(5)];
                hot = self.random.below(called);
                most_hot = 1 + self.random.below(12);
            }
            let thread = if self.random.once_in(10) { self.random.below(SHARDS) } else { 0 };
            self.let_time_pass();
            match self.random.below(1000) {
                0..3 => drop(self.check()),
                3..6 => self.end_thread(thread),
                6..16 => self.leak(thread),
                16..26 => self.end_elsewhere(thread),
                26..46 => self.cancel(thread),
                _ if self.random.below(100) < climb => {
                    let site = if self.random.once_in(10) {
                        self.random.below(called)
                    } else {
                        hot + self.random.below(most_hot)
                    };
                    self.begin(thread, highest - site % called);
                }
                _ => self.end(thread),
            }
        }
        self.check()
    }

    /// Moves the clock on, and now and then back. All ticks are whole nanoseconds.
    fn let_time_pass(&mut self) {
        let step = self.random.of_any_length(if self.often { 6 } else { 24 }) * TICKS_PER_NS;
        self.tick =
            if self.random.once_in(300) { self.tick.saturating_sub(step).max(START_TICK) } else { self.tick + step };
    }

    fn begin(&mut self, thread: usize, site: usize) {
        let (shard, stack) = (self.shards[thread], &mut self.stacks[thread]);
        let place = slot(&self.recording, shard, site).unwrap();
        let expected = &mut self.expected[site];
        let mut counted = None;
        if expected.adaptive && place.only_count(shard) {
            expected.counted += 1;
            return;
        }
        // No two calls begin at one tick, unlike with a clock that is read less often than it ticks.
        while !self.starts.insert(self.tick) {
            self.tick += TICKS_PER_NS;
        }
        let start = self.tick;
        if self.fast && !expected.adaptive {
            begin(shard, place, site, start);
        } else if self.fast
            && let Some(frame) = shard.begin_for_others(place)
        {
            counted = Some(Counted::of_word(frame.get(frame_layout::COUNTED)));
            Shard::set_start(frame, start);
        } else {
            counted = expected.adaptive.then(|| place.take_counted(shard));
            let begin = CallBegin { counted, unwinding: false };
            assert_eq!(shard.begin_call(place, begin, || start), start);
        }
        if let Some(counted) = counted {
            let since = self.timed_at.get(&(thread, site)).copied().unwrap_or(0);
            assert_eq!(counted.within(start), Counted { since, ..counted }.within(start));
        }
        let mut future = None;
        if expected.kind == Some(Kind::Future) {
            let known = self.futures.iter().position(|future| future.site == site);
            let first = known.and_then(|index| self.futures.swap_remove(index).first);
            if first.is_none() {
                expected.started += 1;
                shard.future_started(place, 64);
            }
            future = Some(first.unwrap_or(start));
        }
        self.deepest = self.deepest.max(stack.len() as u64 + 1);
        let above = stack.len() >= shard_layout::FRAME_COUNT;
        self.deep_calls += u64::from(above);
        stack.push(Frame {
            site,
            start,
            child: 0,
            counted: counted.filter(|_| !above).unwrap_or_default(),
            future,
            gone: false,
        });
    }

    /// The innermost call of a thread that is still to end.
    fn innermost(&self, thread: usize) -> Option<usize> {
        self.stacks[thread].iter().rposition(|frame| !frame.gone)
    }

    fn ending(&mut self) -> Ending {
        let unwound = self.random.once_in(30);
        Ending { ready: unwound || self.random.once_in(4), unwound }
    }

    fn end(&mut self, thread: usize) {
        let Some(index) = self.innermost(thread) else { return };
        let ending = self.ending();
        let stack = &mut self.stacks[thread];
        for leaked in stack.drain(index + 1..) {
            self.expected[leaked.site].abandoned += 1;
        }
        let mut frame = stack.pop().unwrap();
        let ticks = self.tick.saturating_sub(frame.start);
        let caller = if index >= shard_layout::FRAME_COUNT {
            frame.child = ticks;
            stack[shard_layout::FRAME_COUNT - 1].site
        } else {
            stack.last_mut().map_or(0, |caller| {
                caller.child += ticks;
                caller.site
            })
        };
        let outermost = stack.iter().all(|other| other.site != frame.site);
        self.record(thread, &frame, caller, outermost, ending);
    }

    /// Ends a call in another thread than it began in: its stack was moved there.
    fn end_elsewhere(&mut self, thread: usize) {
        let Some(index) = self.innermost(thread).filter(|&index| index < shard_layout::FRAME_COUNT) else { return };
        let other = (thread + 1) % SHARDS;
        if self.stacks[other].len() > shard_layout::FRAME_COUNT {
            return;
        }
        let ending = self.ending();
        let Frame { site, start, future, .. } = self.stacks[thread][index];
        self.stacks[thread][index].gone = true;
        self.expected[site].abandoned -= 1;
        let caller = self.stacks[other].last().map_or(0, |caller| caller.site);
        self.record(
            other,
            &Frame { site, start, child: 0, counted: Counted::default(), future, gone: false },
            caller,
            true,
            ending,
        );
    }

    fn record(&mut self, thread: usize, frame: &Frame, caller: usize, outermost: bool, ending: Ending) {
        let (tick, shard) = (self.tick, self.shards[thread]);
        let slot = slot(&self.recording, shard, frame.site).unwrap();
        let ticks = tick.saturating_sub(frame.start);
        self.anomalies += u64::from(tick < frame.start);
        let own = ticks.saturating_sub(frame.child);
        // The counted calls took as long as this one, as far as there was time.
        let Counted { calls: counted, .. } = frame.counted;
        let within = frame.counted.within(frame.start);
        let is_odd = counted > 0 && ticks > LONGEST_TICKS;
        let balances = self.owed.entry((thread, frame.site)).or_default();
        // Nothing is owed for a call that was interrupted perhaps.
        let mut none = Balances::default();
        let owed = if is_odd { &mut none } else { balances };
        let [others, others_own] = match counted == 0 || ticks == 0 {
            true => [0, 0],
            false => [pay(ticks, counted, &mut owed[0], within), pay(own, counted, &mut owed[1], within)],
        };
        let weight = counted + 1;
        let outermost_ticks = if outermost { ticks } else { 0 };
        if caller != 0 || counted > 0 {
            *self.expected[caller].unseen.entry(frame.site).or_default() += others_own;
        }
        let expected = &mut self.expected[frame.site];
        expected.own += own + others_own;
        let Ending { ready, unwound } = ending;
        match frame.future {
            None => {
                if is_odd {
                    expected.add_estimates(others, counted);
                    expected.add_sample(ticks, 1);
                } else {
                    expected.add_sample(ticks, weight);
                    expected.sum = expected.sum - ticks * counted + others;
                }
                let all = ticks + others;
                expected.nested += if outermost { 0 } else { all };
                expected.edge(caller, weight, if outermost { all } else { 0 });
                expected.unwound += u64::from(unwound);
                if expected.adaptive {
                    expected.timed += 1;
                    let timed_at = self.timed_at.entry((thread, frame.site)).or_default();
                    if frame.start > *timed_at || *timed_at - frame.start > 1 << 32 {
                        *timed_at = frame.start;
                    }
                    let outcome = CallOutcome::AdaptiveCall { unwound };
                    if self.fast {
                        end_in_place(&self.recording, shard, slot, frame.start, tick, outcome);
                    } else {
                        shard.end_call(&self.recording, slot, frame.start, tick, outcome);
                    }
                } else if self.fast && !unwound {
                    end(&self.recording, shard, slot, frame.start, tick);
                } else {
                    shard.end_call(&self.recording, slot, frame.start, tick, CallOutcome::Call { unwound });
                }
            }
            Some(first) => {
                expected.polls += 1;
                expected.busy += outermost_ticks;
                expected.edge(caller, u64::from(ready), outermost_ticks);
                let outcome = if ready {
                    let lifetime = tick.saturating_sub(first);
                    expected.add_sample(lifetime, 1);
                    if !outermost {
                        expected.nested += lifetime;
                    }
                    expected.unwound += u64::from(unwound);
                    CallOutcome::Ready { lifetime, unwound }
                } else {
                    self.futures.push(Future { site: frame.site, first: Some(first) });
                    CallOutcome::Pending
                };
                if self.fast {
                    end_in_place(&self.recording, shard, slot, frame.start, tick, outcome);
                } else {
                    shard.end_call(&self.recording, slot, frame.start, tick, outcome);
                }
            }
        }
    }

    /// Leaks the innermost guard. Not above the frame stack, where one call cannot be told from another.
    fn leak(&mut self, thread: usize) {
        if let Some(index) = self.innermost(thread).filter(|&index| index < shard_layout::FRAME_COUNT) {
            self.stacks[thread][index].gone = true;
        }
    }

    /// Drops a future between polls, in any thread.
    fn cancel(&mut self, thread: usize) {
        if self.futures.is_empty() {
            return;
        }
        let index = self.random.below(self.futures.len());
        let Future { site, first: Some(first) } = self.futures.swap_remove(index) else { return };
        let lifetime = self.tick.saturating_sub(first);
        // Above the frame stack the calls are those of the function at its limit.
        let top = self.stacks[thread].iter().take(shard_layout::FRAME_COUNT).next_back();
        let caller = top.map_or(0, |caller| caller.site);
        let within = self.stacks[thread].iter().any(|frame| frame.site == site);
        let expected = &mut self.expected[site];
        if within {
            expected.nested += lifetime;
        }
        expected.cancelled += 1;
        expected.add_sample(lifetime, 1);
        expected.edge(caller, 1, 0);
        let shard = self.shards[thread];
        let slot = slot(&self.recording, shard, site).unwrap();
        shard.future_cancelled(&self.recording, slot, lifetime);
    }

    /// A thread ends, with calls in flight or without, and a new one takes its shard over.
    fn end_thread(&mut self, thread: usize) {
        for frame in self.stacks[thread].drain(..) {
            self.expected[frame.site].abandoned += 1;
        }
        self.recording.release_shard(self.shards[thread]);
        assert_eq!(self.recording.acquire_shard(), Some(self.shards[thread]));
    }

    fn check(&self) -> Snapshot {
        self.recording.note_time(self.tick, self.tick / TICKS_PER_NS);
        let snapshot = snapshot(&self.recording);
        let bounded = bounded(&self.expected);
        for (index, function) in snapshot.functions.iter().enumerate() {
            self.expected[index + 1].check(function, &bounded[index + 1], &format!("site {}", index + 1));
        }
        let mut in_flight: Vec<_> =
            snapshot.in_flight.iter().map(|call| (call.function + 1, call.depth, call.elapsed_ns)).collect();
        let mut expected = Vec::new();
        for stack in &self.stacks {
            for (depth, frame) in stack.iter().take(shard_layout::FRAME_COUNT).enumerate() {
                let elapsed = self.tick.saturating_sub(frame.start) / TICKS_PER_NS;
                expected.push((frame.site, depth as u32, elapsed));
            }
        }
        in_flight.sort_unstable();
        expected.sort_unstable();
        assert_eq!(in_flight, expected);
        let losses = snapshot.losses;
        assert_eq!(losses.clock_anomalies, self.anomalies);
        assert_eq!(losses.deep_calls, self.deep_calls);
        assert_eq!(losses.deepest, self.deepest);
        let lost = [losses.lost_calls, losses.overflow_calls, losses.unbucketed_calls, losses.unattributed_calls];
        assert_eq!(lost, [0; 4]);
        snapshot
    }
}

#[test]
fn every_figure_is_the_models_on_either_path() {
    for seed in 0..PROGRAMS {
        println!("program {seed}");
        let slow = Program::new(seed, false).run();
        let fast = Program::new(seed, true).run();
        assert_eq!(slow, fast, "the two paths differ in program {seed}");
    }
}
