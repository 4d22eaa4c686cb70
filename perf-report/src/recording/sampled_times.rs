//! Times of functions whose calls are not all timed, from stacks that were sampled.
//!
//! Adaptive timing knows the number of all calls and the durations of some. Their product is a poor estimate of the time that all
//! took, because measuring disturbs just the calls that are short. Where stacks were sampled there is a better one: the time for
//! which a function was seen. Counts, and figures of single calls (percentiles, extremes, means), stay as they are.

use std::collections::HashMap;

use crate::{Caller, Function, Stacks, TimeSource, Timing};

/// Fewest samples in annotated functions that say more than calls that were timed.
const LEAST_SAMPLES: u64 = 100;

/// The time that the samples saw of a function, in ns.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// As the innermost.
    own: u64,
    /// Anywhere; once per stack.
    anywhere: u64,
    /// Anywhere, by the caller of the outermost call.
    callers: HashMap<Option<usize>, u64>,
}

/// Gives the functions whose times are estimates the times for which they were seen, unless there are too few samples.
pub(super) fn apply(functions: &mut [Function], stacks: &Stacks, recorded_ns: u64) {
    let outside = stacks.nodes.first().map_or(0, |root| root.samples);
    if stacks.samples.saturating_sub(outside) < LEAST_SAMPLES {
        return;
    }
    let seen = see(functions.len(), stacks);
    let most_unseen = stacks.ns() / stacks.samples;
    for (function, seen) in functions.iter_mut().zip(&seen) {
        if function.self_sampled && function.kind.may_be_adaptive() {
            set_self(function, seen, most_unseen);
        }
        if function.timing == Timing::Adaptive && function.is_sampled() && function.kind.may_be_adaptive() {
            set_total(function, seen, most_unseen);
        }
    }
    bound(functions, &seen, stacks.ns().max(recorded_ns));
}

fn see(functions: usize, stacks: &Stacks) -> Vec<Seen> {
    let mut seen = vec![Seen::default(); functions];
    // Of each node the time with those inside it: a parent comes before its children.
    let mut whole: Vec<u64> = stacks.nodes.iter().map(|node| node.ns).collect();
    for (at, node) in stacks.nodes.iter().enumerate().rev() {
        let time = whole[at];
        if let Some(sum) = node.parent.filter(|&parent| parent < at).and_then(|parent| whole.get_mut(parent)) {
            *sum = sum.saturating_add(time);
        }
    }
    for (at, node) in stacks.nodes.iter().enumerate() {
        let Some(function) = node.function else { continue };
        let Some(seen) = seen.get_mut(function) else { continue };
        seen.own = seen.own.saturating_add(node.ns);
        // Within a call of the same function it is counted there.
        if stacks.chain(at).skip(1).any(|outer| outer == function) {
            continue;
        }
        seen.anywhere = seen.anywhere.saturating_add(whole[at]);
        let caller = seen.callers.entry(stacks.chain(at).nth(1)).or_default();
        *caller = caller.saturating_add(whole[at]);
    }
    seen
}

/// A function that was never seen takes hardly more than a look does.
fn set_self(function: &mut Function, seen: &Seen, most_unseen: u64) {
    if function.calls == 0 {
        return;
    }
    // The samples saw the time of measuring too.
    let own = seen.own.saturating_sub(function.self_measuring_ns);
    function.self_ns = if seen.own > 0 { own } else { function.self_ns.min(most_unseen) };
    function.time_source = TimeSource::Sampled;
    if function.timing != Timing::Adaptive {
        // Its total is that of all its calls.
        function.self_ns = function.self_ns.min(function.total_ns);
    }
}

fn set_total(function: &mut Function, seen: &Seen, most_unseen: u64) {
    let estimate = if seen.anywhere > 0 { seen.anywhere } else { function.total_ns.min(most_unseen) };
    function.total_ns = estimate.max(function.self_ns);
    set_callers(&mut function.callers, function.total_ns, seen);
}

/// Divides a function's time among its callers by the time for which it was seen in them.
///
/// A caller that was seen and is not known can be one further out, whose callee was in motion when it was looked at. Its part goes to
/// those that are known, as much to each as it has of the rest; by calls, if none of them was seen.
fn set_callers(callers: &mut Vec<Caller>, total_ns: u64, seen: &Seen) {
    if callers.is_empty() {
        callers.extend(seen.callers.iter().map(|(&caller, &ns)| Caller { caller, calls: 0, total_ns: ns }));
    }
    let time = |caller: &Caller| seen.callers.get(&caller.caller).copied().unwrap_or(0);
    let any_seen = callers.iter().any(|caller| time(caller) > 0);
    let weight = |caller: &Caller| if any_seen { time(caller) } else { caller.calls };
    let sum: u128 = callers.iter().map(|caller| u128::from(weight(caller))).sum();
    for caller in callers.iter_mut() {
        let part = u128::from(total_ns) * u128::from(weight(caller)) / sum.max(1);
        caller.total_ns = u64::try_from(part).unwrap_or(u64::MAX);
    }
    callers.sort_by_key(|caller| (std::cmp::Reverse((caller.total_ns, caller.calls)), caller.caller));
}

/// Cuts the self times that samples tell so that all self times together are no more than the time that passed.
///
/// Not if the stacks lack much of the time that functions took whose calls are timed: then it is not known how much passed.
fn bound(functions: &mut [Function], seen: &[Seen], passed_ns: u64) {
    let is_sampled = |function: &Function| function.time_source == TimeSource::Sampled;
    let mut sums = [0_u64; 3];
    for (function, seen) in functions.iter().zip(seen) {
        let own = if is_sampled(function) { [function.self_ns, 0, 0] } else { [0, function.self_ns, seen.own] };
        sums.iter_mut().zip(own).for_each(|(sum, own)| *sum = sum.saturating_add(own));
    }
    let [sampled, timed, timed_seen] = sums;
    let room = passed_ns.saturating_sub(timed);
    if sampled > room && timed_seen >= timed / 5 * 4 {
        for function in functions.iter_mut().filter(|function| is_sampled(function)) {
            let part = u128::from(function.self_ns) * u128::from(room) / u128::from(sampled);
            function.self_ns = part as u64;
        }
    }
}
