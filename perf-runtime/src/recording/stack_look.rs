//! A look at the calls in flight in another thread, which goes on meanwhile.
//!
//! The innermost call is what counts, and it is in motion always where functions are tiny: to look again until nothing has moved would
//! miss just those. So it is read once ("the moment"), and the calls around it are read before and after. An outer call that is
//! the same in both readings was in flight at the moment, and the innermost call was made within it. That tells more than the
//! same site in both: a timed call is known by its start, and one that is only counted by its site's counter, which every such call
//! moves.
//!
//! The calls between those that stood still and the innermost one began or ended meanwhile. They are kept as they were found
//! after the moment, if each of them is known to be made by the one before; otherwise they are left out. So a chain is always
//! one of callers and callees, though some in between may be missing.

use std::sync::atomic::{Ordering, fence};

use perf_report::recording::layout::frame;
use perf_report::recording::layout::stacks::DEPTH_COUNT;

use super::shard::Shard;

/// Calls around the innermost one that are looked at, from the outermost inwards.
const OUTER: usize = DEPTH_COUNT - 1;

/// A stack that changes while it is read. Its calls are counted from 1, the outermost.
pub(super) trait Stack {
    /// Number of calls in flight.
    fn depth(&self) -> usize;
    /// Start and site of a call, in this order. The start is 0 while the call begins, and its site may still be that of another.
    ///
    /// They lie together: between the two loads a thread does not make a call and another one.
    fn call(&self, call: usize) -> (u64, u64);
    /// A number that changes with every call of a site that is only counted.
    fn counter(&self, site: u64) -> u64;
    /// Whether a site is known to have been called by another.
    fn is_callee(&self, caller: u64, callee: u64) -> bool;
}

impl Stack for Shard {
    fn depth(&self) -> usize {
        self.top() / frame::LEN
    }

    fn call(&self, call: usize) -> (u64, u64) {
        let frame = self.frame(call * frame::LEN);
        let start = frame.get(frame::START);
        fence(Ordering::Acquire);
        (start, frame.get(frame::SITE))
    }

    fn counter(&self, site: u64) -> u64 {
        self.slot(site as usize).map_or(0, |slot| slot.counter(*self).get(0))
    }

    fn is_callee(&self, caller: u64, callee: u64) -> bool {
        self.find_edge(caller << 32 | callee).is_some()
    }
}

/// Tells a call from every other one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Identity {
    site: u64,
    start: u64,
    counter: u64,
}

impl Identity {
    fn of(stack: &impl Stack, call: usize) -> Identity {
        /// Greater than the start of a call that is only counted.
        const LEAST_START: u64 = 2;
        let (start, site) = stack.call(call);
        // Last: a call that is the same at two readings was in flight from one look at the counter to the other look at the site.
        let counter = if start < LEAST_START { stack.counter(site) } else { 0 };
        Identity { site, start, counter }
    }

    fn is_begun(self) -> bool {
        self.start != 0
    }
}

/// The stack that a look saw. The next look uses its memory again.
#[derive(Debug)]
pub(super) struct StackLook {
    before: [Identity; OUTER],
    after: [Identity; OUTER],
    sites: [u64; DEPTH_COUNT],
    len: usize,
    /// Whether calls around the innermost one began or ended.
    pub(super) in_motion: bool,
    /// Whether there were too many calls.
    pub(super) is_cut: bool,
}

impl StackLook {
    pub(super) fn new() -> StackLook {
        let none = [Identity::default(); OUTER];
        StackLook { before: none, after: none, sites: [0; DEPTH_COUNT], len: 0, in_motion: false, is_cut: false }
    }

    /// The sites of the calls, from the outermost inwards.
    pub(super) fn chain(&self) -> &[u64] {
        &self.sites[..self.len]
    }

    /// Looks at the calls in flight in a shard.
    pub(super) fn at(&mut self, shard: Shard) {
        self.at_stack(&shard);
    }

    pub(super) fn at_stack(&mut self, stack: &impl Stack) {
        let seen = stack.depth().min(OUTER);
        read(stack, &mut self.before[..seen]);
        fence(Ordering::Acquire);

        // The moment.
        let depth = stack.depth();
        let (mut start, mut innermost) = stack.call(depth);
        fence(Ordering::Acquire);
        let mut is_begun = depth > 0 && start != 0;
        if depth > 0 && !is_begun {
            // It was about to begin, and its site may have been that of a call before; or it has just ended. If the thread has gone on
            // since, the site is that of a call that was in flight in between.
            let has_moved = stack.depth() != depth;
            fence(Ordering::Acquire);
            (start, innermost) = stack.call(depth);
            is_begun = has_moved || start != 0;
            fence(Ordering::Acquire);
        }

        let outer = depth.saturating_sub(1).min(OUTER);
        read(stack, &mut self.after[..outer]);
        let stood_still = self.before[..seen.min(outer)].iter().zip(&self.after[..outer]);
        let still = stood_still.take_while(|(before, after)| before.is_begun() && before == after).count();
        self.in_motion = still < outer;
        self.is_cut = depth > DEPTH_COUNT;
        self.keep(stack, still, outer, is_begun.then_some(innermost));
    }

    /// Keeps the calls that stood still, those between if they are known, and the innermost one. If that had not begun, the calls
    /// around it are all.
    fn keep(&mut self, stack: &impl Stack, still: usize, outer: usize, innermost: Option<u64>) {
        self.len = 0;
        let after = self.after;
        after[..still].iter().for_each(|call| self.push(call.site));
        let moved = &after[still..outer];
        let mut inner = moved.iter().map(|call| call.site).chain(innermost);
        let mut caller = self.chain().last().copied();
        let is_known = moved.iter().all(|call| call.is_begun())
            && inner.clone().all(|callee| caller.replace(callee).is_none_or(|caller| stack.is_callee(caller, callee)));
        if !moved.is_empty() && !is_known {
            inner.by_ref().take(moved.len()).for_each(drop);
        }
        inner.for_each(|site| self.push(site));
    }

    fn push(&mut self, site: u64) {
        if site != 0 {
            self.sites[self.len] = site;
            self.len += 1;
        }
    }
}

/// Reads the outer calls, the innermost of them first: these change most.
fn read(stack: &impl Stack, calls: &mut [Identity]) {
    for (index, call) in calls.iter_mut().enumerate().rev() {
        *call = Identity::of(stack, index + 1);
    }
}
