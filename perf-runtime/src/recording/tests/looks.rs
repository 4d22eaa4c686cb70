//! Looks at a stack that changes between any two words that are read.

use std::cell::RefCell;

use super::super::stack_look::{Stack, StackLook};
use super::random::Random;

/// Each function calls those of higher numbers of the same parity, and is timed if its number is above this.
const COUNTED: u64 = 4;
const FUNCTIONS: u64 = 8;
const HEIGHT: usize = 5;

fn may_call(caller: u64, callee: u64) -> bool {
    caller == 0 || callee > caller && (callee - caller).is_multiple_of(2)
}

/// A thread that takes a few of its steps between any two words that are read.
struct Running {
    state: RefCell<State>,
}

struct State {
    random: Random,
    /// Most steps between two words.
    pace: usize,
    top: usize,
    frames: [(u64, u64); HEIGHT + 1],
    counters: [u64; FUNCTIONS as usize + 1],
    clock: u64,
    /// The function whose call begins, or began last.
    begins: u64,
    /// Readings of the depth since they were last counted.
    depths_read: u32,
    /// The innermost function at the second of them: as a call that begins is not yet one, and as it is one already.
    truth: [u64; 2],
    /// Stores still to be made for the call that begins or ends.
    to_do: Vec<Store>,
}

#[derive(Clone, Copy)]
enum Store {
    Top(usize),
    Site(usize, u64),
    Start(usize, u64),
    Count(u64),
}

impl State {
    /// Makes one store, in the order in which the recorder makes them.
    fn step(&mut self) {
        if self.to_do.is_empty() {
            self.plan();
        }
        match self.to_do.remove(0) {
            Store::Top(top) => self.top = top,
            Store::Site(call, site) => self.frames[call].0 = site,
            Store::Start(call, start) => self.frames[call].1 = start,
            Store::Count(site) => self.counters[site as usize] += 1,
        }
    }

    fn plan(&mut self) {
        let top = self.top;
        let caller = if top == 0 { 0 } else { self.frames[top].0 };
        let callees: Vec<u64> = (1..=FUNCTIONS).filter(|&callee| may_call(caller, callee)).collect();
        let is_call = top == 0 || top < HEIGHT && !callees.is_empty() && self.random.once_in(2);
        if !is_call {
            self.to_do = vec![Store::Top(top - 1), Store::Start(top, 0)];
            return;
        }
        let callee = callees[self.random.below(callees.len())];
        self.clock += 10;
        self.begins = callee;
        let begin = [Store::Top(top + 1), Store::Site(top + 1, callee)];
        if callee <= COUNTED {
            self.to_do = vec![Store::Count(callee), begin[0], begin[1], Store::Start(top + 1, 1)];
        } else {
            self.to_do = vec![begin[0], begin[1], Store::Start(top + 1, self.clock)];
        }
    }
}

impl Running {
    fn new(seed: u64, pace: usize) -> Running {
        let state = State {
            random: Random::new(seed),
            pace,
            top: 0,
            frames: [(0, 0); HEIGHT + 1],
            counters: [0; FUNCTIONS as usize + 1],
            clock: 0,
            begins: 0,
            depths_read: 0,
            truth: [0; 2],
            to_do: Vec::new(),
        };
        Running { state: RefCell::new(state) }
    }

    /// Takes at least so many steps, and fewer than so many.
    fn go_on(&self, least: usize, limit: usize) {
        let mut state = self.state.borrow_mut();
        for _ in 0..least + state.random.below(limit - least) {
            state.step();
        }
    }

    fn then<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        let mut state = self.state.borrow_mut();
        let steps = state.pace;
        for _ in 0..state.random.below(steps + 1) {
            state.step();
        }
        read(&state)
    }
}

impl Stack for Running {
    fn depth(&self) -> usize {
        let depth = self.then(|state| state.top);
        let mut state = self.state.borrow_mut();
        state.depths_read += 1;
        if state.depths_read == 2 {
            let begun = depth > 0 && state.frames[depth].1 != 0;
            let site = |call: usize| if call == 0 { 0 } else { state.frames[call].0 };
            let outer = depth.saturating_sub(1);
            state.truth = if begun || depth == 0 { [site(depth); 2] } else { [site(outer), state.begins] };
        }
        depth
    }

    fn call(&self, call: usize) -> (u64, u64) {
        /// Stores that can be made between two loads that follow each other: fewer than for the end of a call and a new site.
        const MOST: usize = 3;
        let start = self.then(|state| state.frames[call].1);
        let mut state = self.state.borrow_mut();
        let most = state.pace.min(MOST);
        for _ in 0..state.random.below(most + 1) {
            state.step();
        }
        (start, state.frames[call].0)
    }

    fn counter(&self, site: u64) -> u64 {
        self.then(|state| state.counters[site as usize])
    }

    fn is_callee(&self, caller: u64, callee: u64) -> bool {
        may_call(caller, callee)
    }
}

/// However fast a thread moves, nobody is seen within a function that does not call it, directly or through others.
#[test]
fn a_chain_is_one_of_callers_and_callees_at_any_pace() {
    for pace in [0, 1, 2, 3, 5, 9, 20] {
        let running = Running::new(pace as u64 + 7, pace);
        let (mut look, mut moving, mut longest) = (StackLook::new(), 0, 0);
        for _ in 0..5_000 {
            look.at_stack(&running);
            let chain = look.chain();
            for pair in chain.windows(2) {
                assert!(may_call(pair[0], pair[1]), "{chain:?} at pace {pace}");
            }
            moving += u32::from(look.in_motion);
            longest = longest.max(chain.len());
            running.go_on(0, 50);
        }
        assert!(!look.is_cut);
        assert_eq!(longest, 4, "at pace {pace}: all that can be nested");
        assert_eq!(moving > 0, pace > 0, "at pace {pace}");
    }
}

/// The innermost call is that of a moment, at any pace: tiny functions are not dropped, and their callers not preferred.
#[test]
fn each_function_is_seen_as_often_as_it_is_the_innermost() {
    const LOOKS: u32 = 20_000;
    for pace in [0, 1, 3, 8] {
        let running = Running::new(3, pace);
        let (mut look, mut seen) = (StackLook::new(), [0_u32; FUNCTIONS as usize + 1]);
        let mut truth = [seen; 2];
        for _ in 0..LOOKS {
            // Far enough for the next moment to have little to do with this one.
            running.go_on(30, 60);
            running.state.borrow_mut().depths_read = 0;
            look.at_stack(&running);
            seen[look.chain().last().map_or(0, |&site| site as usize)] += 1;
            let innermost = running.state.borrow().truth;
            truth.iter_mut().zip(innermost).for_each(|(truth, site)| truth[site as usize] += 1);
        }
        for (function, seen) in seen.into_iter().enumerate() {
            let [without, with] = [0, 1].map(|which: usize| truth[which][function]);
            let (least, most) = (without.min(with), without.max(with));
            let near = LOOKS / 100;
            assert!(
                seen + near >= least && seen <= most + near,
                "{function} at pace {pace}: {seen} of {least} to {most}"
            );
        }
    }
}

/// A stack that stands still.
struct Standing(usize);

impl Stack for Standing {
    fn depth(&self) -> usize {
        self.0
    }

    fn call(&self, call: usize) -> (u64, u64) {
        (call as u64 + 10, call as u64)
    }

    fn counter(&self, _site: u64) -> u64 {
        0
    }

    fn is_callee(&self, _caller: u64, _callee: u64) -> bool {
        false
    }
}

#[test]
fn of_a_deep_stack_the_outer_calls_and_the_innermost_are_kept() {
    let mut look = StackLook::new();
    for (depth, len, is_cut) in [(0, 0, false), (1, 1, false), (128, 128, false), (129, 128, true), (1024, 128, true)] {
        look.at_stack(&Standing(depth));
        assert_eq!((look.chain().len(), look.is_cut, look.in_motion), (len, is_cut, false), "{depth} calls");
        let expected = (1..=len).map(|call| if call == len { depth as u64 } else { call as u64 });
        assert_eq!(look.chain(), expected.collect::<Vec<_>>());
    }
}
