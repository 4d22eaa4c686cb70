//! Notes below a table, each only when there is something to say.

pub(crate) mod deadlocks;
mod held;
pub(crate) mod idle;
pub(crate) mod pools;
mod recursive;
mod repeated;
mod tasks;

use super::{
    text::{counted, escape, list, per_function, plural},
    units::{bytes, cost, count, duration, share},
};
use crate::{ClockSource, Function, InFlight, Kind, Snapshot, State, TimeSource, Timing};

/// The least cost that is not shown as 0.0 ns.
const LEAST_SHOWN_NS: f64 = 0.1;

/// How sure numbers of calls are under adaptive timing. A call that is only counted goes to the caller of the next timed one.
pub(super) const SHARED_CALLS: &str = "A function's count of calls is exact; how they are shared among its callers is an \
                                       estimate, in which a rare caller may be missing.";

/// The notes on a snapshot, most important first.
pub(crate) fn of(snapshot: &Snapshot) -> Vec<String> {
    let all = [
        deadlocks::note(snapshot),
        killed(snapshot),
        truncated(snapshot),
        before_recording(snapshot),
        in_flight(snapshot),
        lost(snapshot),
        overflow(snapshot),
        unbucketed(snapshot),
        unattributed(snapshot),
        deep(snapshot),
        over_range(snapshot),
        abandoned(snapshot),
        unwound(snapshot),
        repeated::statements(snapshot),
        pools::waits(snapshot),
        held::over_queries(snapshot),
        tasks::long_polls(snapshot),
        tasks::large(snapshot),
        tasks::never_awaited(snapshot),
        tasks::dropped_unpolled(snapshot),
        super::transfer::failed(snapshot),
        super::transfer::moved(snapshot),
        super::transfer::small(snapshot),
        super::sizes::many_rows(snapshot),
        super::sizes::full(snapshot),
        super::transfer::shared_names(snapshot),
        sampled(snapshot),
        sampled_holds(snapshot),
        recursive::note(snapshot),
        stacks(snapshot),
        clock(snapshot),
        idle::never_ran(snapshot),
        measuring(snapshot),
        dearer_than_themselves(snapshot),
        unoptimised(snapshot),
    ];
    all.into_iter().flatten().collect()
}

fn killed(snapshot: &Snapshot) -> Option<String> {
    (snapshot.process.state == State::Killed).then(|| {
        "The process was killed, aborted, or ended by _exit. Every call that had ended before is included.".into()
    })
}

fn truncated(snapshot: &Snapshot) -> Option<String> {
    (snapshot.losses.truncated_unix_ns > 0).then(|| {
        format!(
            "Another program truncated or overwrote the recording file {} after the process started. Calls before that are \
             lost.",
            duration(snapshot.process.unrecorded_ns)
        )
    })
}

fn before_recording(snapshot: &Snapshot) -> Option<String> {
    // A shorter time is only start-up.
    let before = snapshot.process.unrecorded_ns;
    (before >= 100_000_000 && snapshot.losses.truncated_unix_ns == 0).then(|| {
        format!("Recording began {} after the process started. Earlier calls are not included.", duration(before))
    })
}

/// Whether a thread has waited for a lock for so long that it may do so for ever, and threads do not note what they hold. Conditions
/// are waited for by design.
fn may_be_deadlocked(snapshot: &Snapshot) -> bool {
    const LONG_NS: u64 = 1_000_000_000;
    let is_long = |call: &InFlight| {
        let is_lock = |function: &Function| function.kind == Kind::Lock && !function.name.starts_with("Condvar");
        call.elapsed_ns >= LONG_NS && snapshot.functions.get(call.function).is_some_and(is_lock)
    };
    !snapshot.process.locks_noted && snapshot.deadlocks.is_empty() && snapshot.in_flight.iter().any(is_long)
}

fn in_flight(snapshot: &Snapshot) -> Option<String> {
    let mut calls: Vec<&InFlight> = snapshot.in_flight.iter().collect();
    calls.sort_by_key(|call| std::cmp::Reverse(call.elapsed_ns));
    let list = list(calls.iter().map(|call| {
        let name = snapshot.functions.get(call.function).map_or("?", |function| &function.name);
        // It began while the recording was read.
        let time =
            if call.elapsed_ns == 0 { "since just now".into() } else { format!("for {}", duration(call.elapsed_ns)) };
        format!("{} {time} in {}", escape(name), escape(&call.thread))
    }))?;
    let number = calls.len() as u64;
    let hint = if may_be_deadlocked(snapshot) {
        " PERF_DEADLOCKS=1 names threads that wait for each other's locks."
    } else {
        ""
    };
    Some(format!("{} had not ended: {list}.{hint}", counted(number, "call", "calls")))
}

fn lost(snapshot: &Snapshot) -> Option<String> {
    let lost = snapshot.losses.lost_calls;
    (lost > 0).then(|| {
        format!(
            "{} not recorded: made by signal handlers, by the allocator or by thread destructors while the recorder was at \
             work, or by threads for which the recording had no room.",
            counted(lost, "call was", "calls were")
        )
    })
}

fn overflow(snapshot: &Snapshot) -> Option<String> {
    let losses = &snapshot.losses;
    (losses.overflow_calls > 0).then(|| {
        format!(
            "The recording was full ({} of {}): {} missing from the table. Raise PERF_CAPACITY.",
            bytes(losses.used_bytes),
            bytes(losses.capacity_bytes),
            counted(losses.overflow_calls, "call is", "calls are")
        )
    })
}

fn unbucketed(snapshot: &Snapshot) -> Option<String> {
    let calls = snapshot.losses.unbucketed_calls;
    (calls > 0).then(|| {
        format!(
            "The recording was full: {} counted, but missing from the percentiles.",
            counted(calls, "call is", "calls are")
        )
    })
}

fn unattributed(snapshot: &Snapshot) -> Option<String> {
    let calls = snapshot.losses.unattributed_calls;
    (calls > 0)
        .then(|| format!("The recording was full: the callers of {} are unknown.", counted(calls, "call", "calls")))
}

fn deep(snapshot: &Snapshot) -> Option<String> {
    let losses = &snapshot.losses;
    (losses.deep_calls > 0).then(|| {
        format!(
            "{} nested more than {} deep (up to {}). They are counted and timed, but their self time is counted for the \
             call at that depth.",
            counted(losses.deep_calls, "call was", "calls were"),
            count(losses.stack_height),
            count(losses.deepest)
        )
    })
}

fn over_range(snapshot: &Snapshot) -> Option<String> {
    per_function(snapshot, |function| function.over_range).map(|(calls, list)| {
        let calls = counted(calls, "call", "calls");
        format!("{calls} took longer than 4.8 h, which is the highest percentile; max is exact: {list}.")
    })
}

fn abandoned(snapshot: &Snapshot) -> Option<String> {
    per_function(snapshot, |function| function.abandoned).map(|(calls, list)| {
        let why =
            plural(calls, "its guard was leaked or its stack abandoned", "guards were leaked or stacks abandoned");
        format!("{} never ended, because {why}: {list}.", counted(calls, "call", "calls"))
    })
}

fn unwound(snapshot: &Snapshot) -> Option<String> {
    per_function(snapshot, |function| function.unwound)
        .map(|(calls, list)| format!("{} ended by a panic: {list}.", counted(calls, "call", "calls")))
}

fn sampled(snapshot: &Snapshot) -> Option<String> {
    // Holds have a note of their own.
    let functions = || snapshot.functions.iter().filter(|function| !function.kind.is_beside_calls());
    functions().any(|function| function.is_sampled() || function.self_sampled).then(|| match timed_share(functions()) {
        Some(timed) => {
            format!("~ marks estimates by adaptive timing, which timed {timed} of the calls. {SHARED_CALLS}")
        }
        None => "~ marks estimates by adaptive timing. Counts are exact.".into(),
    })
}

/// Holds of locks are timed by sample in every program, whatever its timing.
fn sampled_holds(snapshot: &Snapshot) -> Option<String> {
    let timed = timed_share(snapshot.functions.iter().filter(|function| function.kind == Kind::Hold))?;
    Some(format!("~ marks for how long locks were held where that is an estimate: of those holds, {timed} were timed."))
}

/// The share of calls that were timed, of the functions of which only some were.
fn timed_share<'a>(functions: impl Iterator<Item = &'a Function>) -> Option<String> {
    let (timed, calls) = functions
        .filter(|function| function.is_sampled())
        .fold((0_u64, 0_u64), |sum, f| (sum.0.saturating_add(f.timed_calls), sum.1.saturating_add(f.calls)));
    (calls > 0).then(|| share(timed, calls))
}

/// Which times come from stacks, and how far they may be from the truth.
fn stacks(snapshot: &Snapshot) -> Option<String> {
    let stacks = snapshot.stacks.as_ref().filter(|stacks| stacks.samples > 0)?;
    let sampled = snapshot.functions.iter().filter(|function| function.time_source == TimeSource::Sampled);
    let (number, of) = (sampled.clone().count() as u64, counted(stacks.samples, "stack", "stacks"));
    let is_partial = stacks.watched_ns < snapshot.process.recorded_ns / 10 * 9;
    let (seen, whole) = (duration(stacks.watched_ns), duration(snapshot.process.recorded_ns));
    let partial = if is_partial { format!(" They were sampled for {seen} of {whole}.") } else { String::new() };
    if number == 0 {
        return Some(format!("{of} were sampled; no function's times come from them.{partial}"));
    }
    let whole_ns = stacks.ns().max(1) as f64;
    let error = sampled.filter_map(|function| stacks.standard_error(function.self_ns as f64 / whole_ns));
    let points = error.fold(0.0, f64::max) * 100.0;
    let functions = counted(number, "function comes", "functions come");
    let times = plural(number, "The self time", "The self times");
    Some(format!("{times} of {functions} from {of}: ± {points:.1} points.{partial}"))
}

fn clock(snapshot: &Snapshot) -> Option<String> {
    let anomalies = snapshot.losses.clock_anomalies;
    let backwards = (anomalies > 0).then(|| {
        format!("The clock went backwards {}; the calls concerned count as 0 ns.", counted(anomalies, "time", "times"))
    });
    let fallback = (snapshot.process.clock.source == ClockSource::Monotonic).then(|| {
        "Calls were timed by the system's monotonic clock, because the processor's counter is unreliable here or PERF_CLOCK asked for it; a call costs more with it."
            .to_owned()
    });
    match (fallback, backwards) {
        (Some(fallback), Some(backwards)) => Some(format!("{fallback} {backwards}")),
        (fallback, backwards) => fallback.or(backwards),
    }
}

fn measuring(snapshot: &Snapshot) -> Option<String> {
    let overhead = &snapshot.overhead;
    let all_ns = overhead.measuring_ns;
    (all_ns > 0).then(|| {
        let mut each = format!("{} per timed call", cost(overhead.ns_per_timed_call));
        // Beside the program's own work a counted call may cost so little that it cannot be told from nothing.
        let is_shown = overhead.ns_per_counted_call >= LEAST_SHOWN_NS;
        if is_shown && snapshot.functions.iter().any(Function::is_sampled) {
            each += &format!(" and {} per counted call", cost(overhead.ns_per_counted_call));
        }
        let (took, most) = (duration(all_ns), duration(overhead.measuring_wall_ns));
        let share = share(overhead.measuring_wall_ns, snapshot.process.recorded_ns);
        // Threads measure beside each other, so the sum of all may be more than the time that elapsed.
        let took = match (snapshot.process.threads > 1 && took != most, share.is_empty()) {
            (false, true) => took,
            (false, false) => format!("{took}, {share} of the elapsed time"),
            (true, is_unknown) => {
                let one = if snapshot.sources.len() > 1 { "one of each process" } else { "one" };
                let of = if is_unknown { share } else { format!(" ({share} of the elapsed time)") };
                format!("{took} in all threads, at most {most} in {one}{of}")
            }
        };
        format!("Measuring took about {took}, and is not included in the figures: {each}.")
    })
}

/// Functions that take less time than measuring them, if that matters.
fn dearer_than_themselves(snapshot: &Snapshot) -> Option<String> {
    let (taken, elapsed) = (snapshot.overhead.measuring_wall_ns, snapshot.process.recorded_ns);
    // Below a twentieth of the time.
    if taken < elapsed / 20 {
        return None;
    }
    let cost_of = |function: &Function| {
        let counted = function.calls.saturating_sub(function.timed_calls) as f64;
        let timed = match function.timing {
            Timing::Exact | Timing::Waits => snapshot.overhead.ns_per_timed_call,
            Timing::Adaptive => snapshot.overhead.ns_per_adaptive_call,
        };
        function.timed_calls as f64 * timed + counted * snapshot.overhead.ns_per_counted_call
    };
    let mut dear: Vec<(f64, &Function)> = snapshot.functions.iter().map(|f| (cost_of(f), f)).collect();
    // Locks and the like are not annotated, and counted at no such cost.
    dear.retain(|(_, function)| matches!(function.kind, Kind::Function | Kind::Future | Kind::Block));
    dear.retain(|(cost, function)| *cost > function.self_ns as f64 && *cost * 50.0 > taken as f64);
    dear.sort_by(|one, other| other.0.total_cmp(&one.0));
    let names =
        list(dear.iter().map(|(_, function)| format!("{} ({} calls)", escape(&function.name), count(function.calls))))?;
    let exact = dear.iter().any(|(_, function)| function.timing == Timing::Exact);
    let advice = if exact { "timing = adaptive" } else { "skip" };
    let trust = if taken > elapsed / 2 {
        " Most of the elapsed time was measuring, so shares of time between small functions can't be relied on."
    } else {
        ""
    };
    let (take, them) = (plural(dear.len() as u64, "takes", "take"), plural(dear.len() as u64, "it", "them"));
    Some(format!("{names} {take} less time than measuring {them}: write #[profile({advice})] there.{trust}"))
}

fn unoptimised(snapshot: &Snapshot) -> Option<String> {
    snapshot.overhead.is_unoptimised.then(|| {
        format!(
            "perf-runtime was compiled without optimisation, so a timed call costs {}. To make it cheap in this build too, write in \
             Cargo.toml: [profile.dev.package.perf-runtime] and below it opt-level = 3.",
            cost(snapshot.overhead.ns_per_timed_call)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_that_would_be_shown_as_nothing_is_left_out() {
        let mut snapshot = Snapshot::empty();
        let mut sampled = Function::new("sampled");
        (sampled.timing, sampled.calls, sampled.timed_calls) = (Timing::Adaptive, 100, 10);
        snapshot.functions = vec![sampled];
        (snapshot.overhead.measuring_ns, snapshot.overhead.ns_per_timed_call) = (1_000, 17.6);
        for (cost, end) in [
            (0.0, ": 17.6 ns per timed call."),
            (0.04, ": 17.6 ns per timed call."),
            (0.9, " and 0.9 ns per counted call."),
        ] {
            snapshot.overhead.ns_per_counted_call = cost;
            let note = measuring(&snapshot).unwrap();
            assert!(note.ends_with(end), "{note}");
        }
    }

    #[test]
    fn what_measuring_took_is_told_with_the_time_that_it_is_a_share_of() {
        let mut snapshot = Snapshot::empty();
        snapshot.process.recorded_ns = 88_300_000;
        (snapshot.overhead.measuring_ns, snapshot.overhead.measuring_wall_ns) = (3_820_000, 1_240_000);
        for (threads, all_ns, begin) in [
            (
                4,
                3_820_000,
                "about 3.82 ms in all threads, at most 1.24 ms in one (1.4% of the elapsed time), and is not",
            ),
            (1, 1_240_000, "about 1.24 ms, 1.4% of the elapsed time, and is not"),
            (2, 1_240_000, "about 1.24 ms, 1.4% of the elapsed time, and is not"),
        ] {
            (snapshot.process.threads, snapshot.overhead.measuring_ns) = (threads, all_ns);
            let note = measuring(&snapshot).unwrap();
            assert!(note.starts_with(&format!("Measuring took {begin}")), "{note}");
        }
    }

    #[test]
    fn who_may_be_deadlocked_is_told_how_to_know() {
        let lock = |name: &str| Function { kind: Kind::Lock, ..Function::new(name) };
        let functions = vec![lock("cache"), lock("Condvar"), Function::new("work")];
        let mut snapshot = Snapshot { functions, ..Snapshot::empty() };
        for (function, elapsed_ns, is_told) in
            [(0, 1_000_000_000, true), (0, 999_999_999, false), (1, 5_000_000_000, false), (2, 5_000_000_000, false)]
        {
            snapshot.in_flight = vec![InFlight::new(function, "worker", elapsed_ns)];
            assert_eq!(in_flight(&snapshot).unwrap().contains("PERF_DEADLOCKS=1"), is_told, "{function} {elapsed_ns}");
        }
        snapshot.in_flight = vec![InFlight::new(0, "worker", 2_000_000_000)];
        snapshot.process.locks_noted = true;
        assert!(!in_flight(&snapshot).unwrap().contains("PERF_DEADLOCKS"), "they were looked for");
    }
}
