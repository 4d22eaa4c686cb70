//! Where the time of one function goes: its own work, that of what it calls, and each kind of wait.
//!
//! Waits are found down the callees as [`waiting`] hands them up the callers: of what several functions call, each has the share that it has
//! of its time, which is an estimate. Of a wait that is polled, the edges tell the calls alone; so each caller has as much of its time as of
//! its calls.

use super::{
    Style,
    grid::{Column, Grid, GridRow},
    notes::pools,
    units,
};
use crate::{Function, Kind, Snapshot, data::waiting};

/// A chain of calls is hardly deeper.
const ROUNDS: usize = 64;

/// Parts below one in so many are not told.
const LEAST: u64 = 2_000;

/// A part of a function's time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    name: &'static str,
    ns: u64,
    is_estimate: bool,
}

/// The parts as a table; nothing of a function that waits for nothing.
pub(super) fn render(snapshot: &Snapshot, style: &Style, index: usize) -> Option<String> {
    let total = snapshot.functions[index].total_ns;
    let row = |part: Part| {
        let mark = if part.is_estimate { "~" } else { "" };
        let cells = [units::duration_cell(part.ns), units::share(part.ns, total)];
        let cells = cells.map(|text| format!("{mark}{text}").into()).into();
        GridRow { name: part.name.into(), lead: String::new(), cells }
    };
    let rows = parts(snapshot, index)?.into_iter().map(row).collect();
    let columns = vec![Column::new("time", 0), Column::new("share", 0)];
    Some(Grid { name_title: "its time", columns, rows }.draw(style).text)
}

/// The parts in a line: `pools ~51.9%, queries 23.0%, own work 2.8%`.
pub(crate) fn text(snapshot: &Snapshot, index: usize) -> Option<String> {
    let total = snapshot.functions[index].total_ns;
    let mark = |part: &Part| if part.is_estimate { "~" } else { "" };
    let told = |part: &Part| format!("{} {}{}", part.name, mark(part), units::share(part.ns, total));
    Some(parts(snapshot, index)?.iter().map(told).collect::<Vec<_>>().join(", "))
}

/// The parts that are worth telling, the longest first, which are no longer than its time together. None of a function that waits for nothing.
fn parts(snapshot: &Snapshot, index: usize) -> Option<Vec<Part>> {
    let function = &snapshot.functions[index];
    let rest = function.total_ns.saturating_sub(function.self_ns);
    let mut waits = waits(&snapshot.functions, index);
    let unpolled = function.futures.map_or(0, |futures| function.total_ns.saturating_sub(futures.busy_ns));
    if waits.is_empty() && unpolled == 0 {
        return None;
    }
    let all = waits.iter().fold(0_u64, |sum, wait| sum.saturating_add(wait.0.ns));
    if all > rest {
        // Waits at the same time, such as those of joined futures, are one part of the time. A little more than there is, is what measuring
        // was taken for.
        let is_estimate = all - rest > all / 100;
        for (part, _) in &mut waits {
            part.ns = (u128::from(part.ns) * u128::from(rest) / u128::from(all)) as u64;
            part.is_estimate |= is_estimate;
        }
    }
    let sum = |of: fn(&(Part, bool)) -> bool| waits.iter().filter(|wait| of(wait)).map(|wait| wait.0.ns).sum::<u64>();
    let (known, polled) = (sum(|_| true), sum(|wait| wait.1));
    let left = rest.saturating_sub(known);
    // The time in which nobody polled it, as far as it is not that of a wait which has a row.
    let resting = unpolled.saturating_sub(polled).min(left);
    let is_estimate = function.is_sampled() || waits.iter().any(|wait| wait.0.is_estimate);
    let others = [
        Part { name: "own work", ns: function.self_ns, is_estimate: function.self_sampled },
        Part { name: "not polled", ns: resting, is_estimate },
        Part { name: "work in what it calls", ns: left - resting, is_estimate },
    ];
    let is_told = |part: &Part| part.ns > 0 && part.ns >= function.total_ns / LEAST;
    let mut parts: Vec<Part> = waits.into_iter().map(|wait| wait.0).chain(others).filter(is_told).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.ns));
    Some(parts)
}

/// The waits below a function by kind, and whether they are polled.
fn waits(functions: &[Function], index: usize) -> Vec<(Part, bool)> {
    let shares = shares(functions, index);
    let mut waits: Vec<(Part, bool)> = Vec::new();
    let with_own = functions.iter().zip(waiting::own_parts(functions));
    for (wait, own_part) in with_own.filter(|(function, _)| function.kind.is_wait()) {
        let Some(name) = name_of(wait) else { continue };
        let is_polled = wait.futures.is_some();
        let calls = wait.callers.iter().fold(0_u64, |sum, edge| sum.saturating_add(edge.calls));
        for edge in &wait.callers {
            let within = edge.caller.filter(|&caller| caller != index).and_then(|caller| functions.get(caller));
            if within.is_some_and(is_whole) {
                continue;
            }
            let Some(share) = edge.caller.and_then(|caller| shares.get(caller).copied()).filter(|share| *share > 0.0)
            else {
                continue;
            };
            let part_of_calls = edge.calls as f64 / calls.max(1) as f64;
            let ns = if is_polled { wait.total_ns as f64 * part_of_calls } else { edge.total_ns as f64 * own_part };
            let is_estimate = share < 1.0
                || is_polled && part_of_calls < 1.0
                || wait.is_sampled()
                || !is_polled && own_part < 1.0 && wait.callers.len() > 1;
            let of_kind = waits.iter().position(|wait| wait.0.name == name && wait.1 == is_polled);
            let at = of_kind.unwrap_or_else(|| {
                waits.push((Part { name, ns: 0, is_estimate: false }, is_polled));
                waits.len() - 1
            });
            waits[at].0.ns = waits[at].0.ns.saturating_add((ns * share).round() as u64);
            waits[at].0.is_estimate |= is_estimate;
        }
    }
    waits.retain(|wait| wait.0.ns > 0);
    waits
}

/// The share that a function has of the time of each that it calls, and these call; of itself all.
fn shares(functions: &[Function], index: usize) -> Vec<f64> {
    let mut edges = waiting::edges(functions);
    edges.retain(|&(caller, callee, _)| callee != index && (caller == index || !is_whole(&functions[caller])));
    let mut own = vec![0.0; functions.len()];
    own[index] = 1.0;
    let mut shares: Vec<f64> = own.clone();
    for _ in 0..ROUNDS {
        let mut next = own.clone();
        for &(caller, callee, part) in &edges {
            next[callee] = (next[callee] + part * shares[caller]).min(1.0);
        }
        let is_same = shares.iter().zip(&next).all(|(before, now)| (before - now).abs() < 1e-9);
        shares = next;
        if is_same {
            break;
        }
    }
    shares
}

/// Whether all below it is part of it: of a wait that is polled. Below one that blocks, everything has a part of its own.
fn is_whole(wait: &Function) -> bool {
    name_of(wait).is_some() && wait.futures.is_some()
}

/// The name of a wait's kind.
fn name_of(wait: &Function) -> Option<&'static str> {
    Some(match wait.kind {
        Kind::Lock => "locks",
        Kind::Channel => "channels",
        Kind::Query if pools::is_pool(wait) => "pools",
        Kind::Query => "queries",
        Kind::Io => "files and streams",
        Kind::Client => "requests",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Futures};

    fn of(kind: Kind, name: &str, [total_ns, self_ns]: [u64; 2], callers: &[(Option<usize>, u64, u64)]) -> Function {
        let callers = callers.iter().map(|&(caller, calls, ns)| Caller::new(caller, calls, ns)).collect();
        Function { kind, calls: 1, timed_calls: 1, total_ns, self_ns, callers, ..Function::new(name) }
    }

    fn told(functions: Vec<Function>, index: usize) -> Option<Vec<(&'static str, u64, bool)>> {
        let snapshot = Snapshot { functions, ..Snapshot::empty() };
        let parts = parts(&snapshot, index)?;
        Some(parts.into_iter().map(|part| (part.name, part.ns, part.is_estimate)).collect())
    }

    #[test]
    fn each_kind_of_wait_is_a_part_and_the_rest_is_work() {
        let functions = vec![
            of(Kind::Function, "handler", [1_000, 100], &[(None, 1, 1_000)]),
            of(Kind::Function, "load", [700, 50], &[(Some(0), 1, 700)]),
            of(Kind::Query, "SELECT", [400, 400], &[(Some(1), 2, 400)]),
            of(Kind::Query, "pool main", [150, 150], &[(Some(1), 2, 150)]),
            of(Kind::Lock, "stock", [90, 90], &[(Some(0), 1, 90)]),
            of(Kind::Hold, "stock (held)", [600, 0], &[(Some(0), 1, 600)]),
        ];
        let parts = [
            ("queries", 400, false),
            ("work in what it calls", 260, false),
            ("pools", 150, false),
            ("own work", 100, false),
            ("locks", 90, false),
        ];
        assert_eq!(told(functions.clone(), 0).unwrap(), parts);
        assert_eq!(told(functions, 2), None);
    }

    #[test]
    fn of_what_others_call_too_it_has_a_share() {
        let functions = vec![
            of(Kind::Function, "a", [300, 0], &[(None, 1, 300)]),
            of(Kind::Function, "b", [900, 0], &[(None, 1, 900)]),
            of(Kind::Function, "common", [800, 0], &[(Some(0), 1, 200), (Some(1), 3, 600)]),
            of(Kind::Io, "file", [400, 400], &[(Some(2), 4, 400)]),
        ];
        assert_eq!(
            told(functions, 0).unwrap(),
            [("work in what it calls", 200, true), ("files and streams", 100, true)]
        );
    }

    #[test]
    fn waits_that_are_polled_are_in_the_time_in_which_a_future_rests() {
        let polled = |mut function: Function, busy_ns| {
            function.futures = Some(Futures { started: 1, busy_ns, polls: 2, ..Futures::default() });
            function
        };
        let functions = |query_ns| {
            vec![
                polled(of(Kind::Request, "GET /", [1_000, 80], &[(None, 1, 200)]), 200),
                polled(of(Kind::Query, "SELECT", [query_ns, 20], &[(Some(0), 1, 20)]), 20),
                of(Kind::Channel, "log", [60, 60], &[(Some(0), 1, 60)]),
                polled(of(Kind::Client, "GET billing", [100, 10], &[(Some(0), 1, 10)]), 10),
            ]
        };
        let parts = [
            ("queries", 500, false),
            ("not polled", 200, false),
            ("requests", 100, false),
            ("own work", 80, false),
            ("channels", 60, false),
            ("work in what it calls", 60, false),
        ];
        assert_eq!(told(functions(500), 0).unwrap(), parts);
        // Two at the same time, each as long as the request.
        let joined = told(functions(1_800), 0).unwrap();
        assert_eq!(joined.iter().map(|part| part.1).sum::<u64>(), 1_000, "{joined:?}");
        assert_eq!(joined[0], ("queries", 844, true));
    }

    #[test]
    fn waits_below_a_wait_are_part_of_it() {
        let mut query = of(Kind::Query, "SELECT", [500, 50], &[(Some(0), 1, 450)]);
        query.futures = Some(Futures { started: 1, busy_ns: 450, polls: 2, ..Futures::default() });
        let functions = vec![
            of(Kind::Function, "handler", [1_000, 100], &[(None, 1, 1_000)]),
            query,
            of(Kind::Io, "socket", [400, 400], &[(Some(1), 1, 400)]),
        ];
        let of_handler = [("queries", 500, false), ("work in what it calls", 400, false), ("own work", 100, false)];
        assert_eq!(told(functions.clone(), 0).unwrap(), of_handler);
        assert_eq!(told(functions, 1).unwrap()[0], ("files and streams", 400, false));
    }

    #[test]
    fn work_within_a_wait_is_work() {
        let functions = vec![
            of(Kind::Function, "handler", [1_000, 50], &[(None, 1, 1_000)]),
            of(Kind::Query, "SELECT", [900, 100], &[(Some(0), 1, 900)]),
            of(Kind::Function, "reads a row", [800, 750], &[(Some(1), 9, 800)]),
            of(Kind::Io, "file", [50, 50], &[(Some(2), 9, 50)]),
            of(Kind::Lock, "cache", [50, 50], &[(Some(0), 1, 50)]),
        ];
        let parts = [
            ("work in what it calls", 750, false),
            ("queries", 100, false),
            ("files and streams", 50, false),
            ("locks", 50, false),
            ("own work", 50, false),
        ];
        assert_eq!(told(functions, 0).unwrap(), parts);
    }

    #[test]
    fn a_future_that_rests_without_a_recorded_wait_is_told_of() {
        let mut page = of(Kind::Future, "page", [1_000, 40], &[(None, 1, 40)]);
        page.futures = Some(Futures { started: 1, busy_ns: 40, polls: 3, ..Futures::default() });
        assert_eq!(told(vec![page], 0).unwrap(), [("not polled", 960, false), ("own work", 40, false)]);
    }

    #[test]
    fn circles_end_and_nothing_is_more_than_the_whole() {
        let functions = vec![
            of(Kind::Function, "a", [100, 10], &[(None, 1, 60), (Some(1), 1, 40)]),
            of(Kind::Function, "b", [100, 10], &[(None, 1, 50), (Some(0), 1, 50)]),
            of(Kind::Io, "file", [80, 80], &[(Some(1), 1, 80)]),
        ];
        let parts = told(functions, 0).unwrap();
        assert!(parts.iter().map(|part| part.1).sum::<u64>() <= 100, "{parts:?}");
    }

    #[test]
    fn without_waits_there_is_nothing_to_tell() {
        assert_eq!(told(vec![of(Kind::Function, "f", [10, 10], &[(None, 1, 10)])], 0), None);
    }
}
