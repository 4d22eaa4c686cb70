//! The time that each function waited: for locks, channels and the like, itself and in what it called.
//!
//! A wait is a call of a function of a [kind that waits](crate::Kind::is_wait), and who called whom is known by edges alone, not by whole
//! stacks. So a function's own waits are exact: they are the time of its edges to what waits. Of a function that it called it has a share
//! of what that one waited: as much as of its time. Where that one has a single caller, the share is the whole, and exact; else it is an
//! estimate. (Graham, Kessler and McKusick, "gprof: a call graph execution profiler", 1982, divide times that way.)
//!
//! A recursive function's edges tell the time of its outermost calls, and all waits in inner ones are its own, so it needs no more than
//! others. Where functions call each other in a circle, the waits of one are known of those that called it while none of the circle was in
//! flight.
//!
//! What runs within a wait, as the function that reads the rows of a query, is no wait; what that one waits in turn is one.
//!
//! A future waits by definition while nobody polls it, so it has that time, and what it waited in its polls.

#[cfg(test)]
use super::Kind;
use super::{Function, Snapshot};

/// A chain of calls is hardly deeper. Calls beyond would be missing, never too many.
const ROUNDS: usize = 64;

/// A call of one function by another: the caller, the callee, and the caller's part of the callee's time.
type Edge = (usize, usize, f64);

/// Fills in what all functions waited.
pub(crate) fn fill(snapshot: &mut Snapshot) {
    let functions = &mut snapshot.functions;
    for function in functions.iter_mut() {
        (function.waiting_ns, function.waiting_sampled) = (0, false);
    }
    if !functions.iter().any(|function| function.kind.is_wait() || function.futures.is_some()) {
        return;
    }
    let (edges, own) = (edges(functions), own_waits(functions));
    let mut waits = own.clone();
    for _ in 0..ROUNDS {
        let mut next = own.clone();
        for &(caller, callee, part) in &edges {
            next[caller] += part * waits[callee];
        }
        let most = |(ns, function): (&mut f64, &Function)| *ns = ns.min(in_thread_ns(function) as f64);
        next.iter_mut().zip(&*functions).for_each(most);
        let is_same = waits.iter().zip(&next).all(|(before, now)| (before - now).abs() < 0.5);
        waits = next;
        if is_same {
            break;
        }
    }
    let estimated = estimated(functions, &edges, &waits);
    let own_parts = own_parts(functions);
    for (((function, in_thread), estimated), own_part) in functions.iter_mut().zip(waits).zip(estimated).zip(own_parts)
    {
        let unpolled = function.futures.map_or(0, |futures| function.total_ns.saturating_sub(futures.busy_ns));
        function.waiting_ns = match () {
            () if function.kind.is_wait() && function.futures.is_some() => function.total_ns,
            () if function.kind.is_wait() => (function.total_ns as f64 * own_part + in_thread).round() as u64,
            () => unpolled.saturating_add(in_thread.round() as u64),
        };
        function.waiting_sampled = estimated || function.kind.is_wait() && function.is_sampled();
    }
}

/// The time for which a thread was in it.
fn in_thread_ns(function: &Function) -> u64 {
    function.futures.map_or(function.total_ns, |futures| futures.busy_ns)
}

/// Whether the time for which a thread is in it is time in which the thread waits: not if it is polled.
fn is_blocking(function: &Function) -> bool {
    function.kind.is_wait() && function.futures.is_none()
}

/// The waits in its thread that each function began itself.
fn own_waits(functions: &[Function]) -> Vec<f64> {
    let mut own = vec![0.0; functions.len()];
    for (function, part) in functions.iter().zip(own_parts(functions)).filter(|(function, _)| is_blocking(function)) {
        for edge in &function.callers {
            if let Some(own) = edge.caller.and_then(|caller| own.get_mut(caller)) {
                *own += edge.total_ns as f64 * part;
            }
        }
    }
    own
}

/// The part of each function's time that nothing has which it called.
pub(crate) fn own_parts(functions: &[Function]) -> Vec<f64> {
    let mut below = vec![0_u64; functions.len()];
    for function in functions.iter().filter(|function| !function.kind.is_beside_calls()) {
        for edge in &function.callers {
            if let Some(below) = edge.caller.and_then(|caller| below.get_mut(caller)) {
                *below = below.saturating_add(edge.total_ns);
            }
        }
    }
    let part = |(function, below): (&Function, u64)| match in_thread_ns(function) {
        0 => 1.0,
        whole => 1.0 - (below.min(whole) as f64 / whole as f64),
    };
    functions.iter().zip(below).map(part).collect()
}

/// The calls of what does not itself block, or within which something ran.
pub(crate) fn edges(functions: &[Function]) -> Vec<Edge> {
    let mut edges = Vec::new();
    let own_parts = own_parts(functions);
    let is_edge = |(callee, function): &(usize, &Function)| !is_blocking(function) || own_parts[*callee] < 1.0;
    for (callee, function) in functions.iter().enumerate().filter(is_edge) {
        let whole = function.callers.iter().fold(0_u64, |sum, edge| sum.saturating_add(edge.total_ns));
        for edge in function.callers.iter().filter(|edge| edge.total_ns > 0) {
            if let Some(caller) = edge.caller.filter(|&caller| caller != callee && caller < functions.len()) {
                edges.push((caller, callee, edge.total_ns as f64 / whole as f64));
            }
        }
    }
    edges
}

/// Of which functions it is an estimate: those that have a part of the waits of another, and those that called them.
fn estimated(functions: &[Function], edges: &[Edge], waits: &[f64]) -> Vec<bool> {
    let mut estimated = vec![false; functions.len()];
    // How much ran within the wait of each of several callers is not known.
    let is_shared =
        |(function, part): &(&Function, f64)| is_blocking(function) && *part < 1.0 && function.callers.len() > 1;
    for (function, _) in functions.iter().zip(own_parts(functions)).filter(is_shared) {
        for caller in function.callers.iter().filter_map(|edge| edge.caller).filter(|&caller| caller < functions.len())
        {
            estimated[caller] = true;
        }
    }
    for _ in 0..ROUNDS {
        let mut is_changed = false;
        for &(caller, callee, part) in edges.iter().filter(|edge| waits[edge.1] >= 0.5) {
            if !estimated[caller] && (part < 1.0 || estimated[callee] || functions[callee].is_sampled()) {
                (estimated[caller], is_changed) = (true, true);
            }
        }
        if !is_changed {
            break;
        }
    }
    estimated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Futures};

    #[test]
    fn what_runs_within_a_wait_is_no_wait() {
        let mut snapshot = Snapshot::empty();
        snapshot.functions = vec![
            of(Kind::Function, 1_000, &[(None, 1_000)]),
            // A query in whose time its rows are worked on, for which a file is read.
            of(Kind::Query, 900, &[(Some(0), 900)]),
            of(Kind::Function, 800, &[(Some(1), 800)]),
            of(Kind::Io, 50, &[(Some(2), 50)]),
        ];
        fill(&mut snapshot);
        let waiting: Vec<_> =
            snapshot.functions.iter().map(|function| (function.waiting_ns, function.waiting_sampled)).collect();
        assert_eq!(waiting, [(150, false), (150, false), (50, false), (50, false)]);
        snapshot.functions[1].callers = vec![Caller::new(Some(0), 1, 450), Caller::new(None, 1, 450)];
        fill(&mut snapshot);
        assert_eq!((snapshot.functions[0].waiting_ns, snapshot.functions[0].waiting_sampled), (75, true));
    }

    fn of(kind: Kind, total_ns: u64, callers: &[(Option<usize>, u64)]) -> Function {
        let callers = callers.iter().map(|&(caller, ns)| Caller::new(caller, 1, ns)).collect();
        Function { kind, calls: 1, timed_calls: 1, total_ns, callers, ..Function::new("f") }
    }

    fn filled(functions: Vec<Function>) -> Vec<(u64, bool)> {
        let mut snapshot = Snapshot { functions, ..Snapshot::empty() };
        fill(&mut snapshot);
        snapshot.functions.iter().map(|function| (function.waiting_ns, function.waiting_sampled)).collect()
    }

    #[test]
    fn waits_go_up_the_callers_by_their_parts() {
        let waits = filled(vec![
            of(Kind::Function, 1_000, &[(None, 1_000)]),
            // Called by the first alone, and waits 200 itself.
            of(Kind::Function, 600, &[(Some(0), 600)]),
            // Called by both, a quarter by the first.
            of(Kind::Function, 400, &[(Some(0), 100), (Some(1), 300)]),
            of(Kind::Lock, 240, &[(Some(1), 200), (Some(2), 40)]),
        ]);
        assert_eq!(waits, [(240, true), (230, true), (40, false), (240, false)]);
    }

    #[test]
    fn a_single_caller_has_all_of_it_exactly() {
        let waits = filled(vec![
            of(Kind::Function, 900, &[(None, 900)]),
            of(Kind::Block, 800, &[(Some(0), 800)]),
            of(Kind::Channel, 700, &[(Some(1), 700)]),
        ]);
        assert_eq!(waits, [(700, false), (700, false), (700, false)]);
    }

    #[test]
    fn recursion_counts_once_and_circles_end() {
        let waits = filled(vec![
            // Calls itself; the inner calls are within the outermost.
            of(Kind::Function, 500, &[(None, 500), (Some(0), 0)]),
            of(Kind::Lock, 300, &[(Some(0), 300)]),
            // Two that call each other.
            of(Kind::Function, 100, &[(None, 60), (Some(3), 40)]),
            of(Kind::Function, 100, &[(None, 50), (Some(2), 50)]),
            of(Kind::Io, 80, &[(Some(2), 80)]),
        ]);
        assert_eq!(waits[..2], [(300, false), (300, false)]);
        assert!(waits[2].0 <= 100 && (32..=50).contains(&waits[3].0) && waits[3].1, "{waits:?}");
    }

    #[test]
    fn a_future_waits_while_nobody_polls_it() {
        let mut future = of(Kind::Future, 1_000, &[(None, 300)]);
        future.futures = Some(Futures { started: 1, busy_ns: 300, polls: 2, ..Futures::default() });
        let mut acquire = of(Kind::Lock, 500, &[(Some(0), 20)]);
        acquire.futures = Some(Futures { started: 1, busy_ns: 20, polls: 2, ..Futures::default() });
        let blocking = of(Kind::Query, 50, &[(Some(0), 50)]);
        // The lock's wait lies in the time in which the future was not polled: it counts once.
        assert_eq!(filled(vec![future, acquire, blocking]), [(750, false), (500, false), (50, false)]);
    }

    #[test]
    fn a_request_is_worked_on_while_it_is_polled() {
        let mut request = of(Kind::Request, 1_000, &[(None, 300)]);
        request.futures = Some(Futures { started: 1, busy_ns: 300, polls: 2, ..Futures::default() });
        let query = of(Kind::Query, 50, &[(Some(0), 50)]);
        assert_eq!(filled(vec![request, query]), [(750, false), (50, false)]);
    }

    #[test]
    fn without_waits_nobody_waits() {
        assert_eq!(filled(vec![of(Kind::Function, 10, &[]), of(Kind::Hold, 10, &[(Some(0), 10)])]), [(0, false); 2]);
    }
}
