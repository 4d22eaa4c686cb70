//! What needs saying below a table: each note only when there is something to say.

use super::{
    text::{escape, plural},
    units::{bytes, cost, count, duration, share},
};
use crate::{ClockSource, Function, InFlight, Snapshot, State};

/// Names or calls that a note lists before it says "and so many more".
const LISTED: usize = 4;

/// The notes on a snapshot, most important first.
pub(super) fn of(snapshot: &Snapshot) -> Vec<String> {
    let all = [
        killed(snapshot),
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
        sampled(snapshot),
        clock(snapshot),
        never_ran(snapshot),
        measuring(snapshot),
    ];
    all.into_iter().flatten().collect()
}

fn killed(snapshot: &Snapshot) -> Option<String> {
    (snapshot.process.state == State::Killed)
        .then(|| "The process was killed or aborted. Its figures reach up to the last call that ended.".into())
}

fn before_recording(snapshot: &Snapshot) -> Option<String> {
    // Until then nothing but start-up happened.
    let before = snapshot.process.unrecorded_ns;
    (before >= 100_000_000)
        .then(|| format!("Recording began {} after the process did; what ran before is not in here.", duration(before)))
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
    Some(format!("{} {} had not ended: {list}.", count(number), plural(number, "call", "calls")))
}

fn lost(snapshot: &Snapshot) -> Option<String> {
    let lost = snapshot.losses.lost_calls;
    (lost > 0).then(|| {
        format!(
            "{} {} could not be recorded: made by signal handlers, the allocator or thread destructors inside the \
             recorder, or by threads beyond the recording's capacity.",
            count(lost),
            plural(lost, "call", "calls")
        )
    })
}

fn overflow(snapshot: &Snapshot) -> Option<String> {
    let losses = &snapshot.losses;
    (losses.overflow_calls > 0).then(|| {
        format!(
            "The recording was full ({} of {}): {} {} taking {} stand in no row. Give it more room with PERF_CAPACITY.",
            bytes(losses.used_bytes),
            bytes(losses.capacity_bytes),
            count(losses.overflow_calls),
            plural(losses.overflow_calls, "call", "calls"),
            duration(losses.overflow_ns)
        )
    })
}

fn unbucketed(snapshot: &Snapshot) -> Option<String> {
    let calls = snapshot.losses.unbucketed_calls;
    (calls > 0).then(|| {
        format!(
            "The recording was full: {} {} counted and summed, but missing in the quantiles.",
            count(calls),
            plural(calls, "call is", "calls are")
        )
    })
}

fn unattributed(snapshot: &Snapshot) -> Option<String> {
    let calls = snapshot.losses.unattributed_calls;
    (calls > 0).then(|| {
        format!(
            "The recording was full: the callers of {} {} were not kept.",
            count(calls),
            plural(calls, "call", "calls")
        )
    })
}

fn deep(snapshot: &Snapshot) -> Option<String> {
    let losses = &snapshot.losses;
    (losses.deep_calls > 0).then(|| {
        format!(
            "{} {} ran deeper than {} annotated calls (deepest: {}). They are counted and timed; their self time is that of \
             the call at the limit.",
            count(losses.deep_calls),
            plural(losses.deep_calls, "call", "calls"),
            count(losses.stack_height),
            count(losses.deepest)
        )
    })
}

fn over_range(snapshot: &Snapshot) -> Option<String> {
    per_function(snapshot, |function| function.over_range).map(|(calls, list)| {
        let verb = plural(calls, "call was", "calls were");
        format!("{} {verb} longer than 4.8 h, above which quantiles are cut off (max is not): {list}.", count(calls))
    })
}

fn abandoned(snapshot: &Snapshot) -> Option<String> {
    per_function(snapshot, |function| function.abandoned).map(|(calls, list)| {
        let calls = format!("{} {}", count(calls), plural(calls, "call", "calls"));
        format!("{calls} will never be seen to end, because a guard was leaked or a stack left: {list}.")
    })
}

fn unwound(snapshot: &Snapshot) -> Option<String> {
    per_function(snapshot, |function| function.unwound).map(|(calls, list)| {
        format!("Panics passed through {} {}: {list}.", count(calls), plural(calls, "call", "calls"))
    })
}

fn sampled(snapshot: &Snapshot) -> Option<String> {
    let any = snapshot.functions.iter().any(|function| function.is_sampled() || function.self_sampled);
    any.then(|| {
        let (timed, calls) = snapshot
            .functions
            .iter()
            .filter(|function| function.is_sampled())
            .fold((0_u64, 0_u64), |sum, f| (sum.0.saturating_add(f.timed_calls), sum.1.saturating_add(f.calls)));
        let of =
            if calls == 0 { String::new() } else { format!(" ({} of their calls were timed)", share(timed, calls)) };
        format!("~ marks estimates from adaptive timing{of}. Numbers of calls are exact.")
    })
}

fn clock(snapshot: &Snapshot) -> Option<String> {
    let anomalies = snapshot.losses.clock_anomalies;
    let backwards = (anomalies > 0).then(|| {
        format!(
            "The clock went backwards {} {}; such calls count as 0 ns.",
            count(anomalies),
            plural(anomalies, "time", "times")
        )
    });
    let fallback = (snapshot.process.clock.source == ClockSource::Monotonic).then(|| {
        "The processor's own counter cannot be relied on here, so the system's monotonic clock was read, which costs more."
            .to_owned()
    });
    match (fallback, backwards) {
        (Some(fallback), Some(backwards)) => Some(format!("{fallback} {backwards}")),
        (fallback, backwards) => fallback.or(backwards),
    }
}

fn never_ran(snapshot: &Snapshot) -> Option<String> {
    let in_flight = |index| snapshot.in_flight.iter().any(|call| call.function == index);
    // Initialisers of resources have a note of their own.
    let initialises = |index| snapshot.resources.iter().any(|resource| resource.function == Some(index));
    let idle = snapshot.functions.iter().enumerate().filter(|(index, _)| !initialises(*index));
    let all = idle.clone().count() as u64;
    let mut idle = idle.filter(|(index, function)| function.calls == 0 && !in_flight(*index)).peekable();
    idle.peek()?;
    let names: Vec<String> = idle.map(|(_, function)| escape(&function.name)).collect();
    let number = names.len() as u64;
    let list = list(names.into_iter())?;
    Some(format!("{} of {} annotated functions never ran: {list}.", count(number), count(all)))
}

fn measuring(snapshot: &Snapshot) -> Option<String> {
    let overhead = &snapshot.overhead;
    let sum = |calls: fn(&Function) -> u64| snapshot.functions.iter().map(|f| calls(f) as f64).sum::<f64>();
    let timed = sum(|function| function.timed_calls);
    let counted = sum(|function| function.calls.saturating_sub(function.timed_calls));
    let all_ns = timed * overhead.ns_per_timed_call + counted * overhead.ns_per_counted_call;
    (all_ns >= 1.0).then(|| {
        let mut each = format!("{} per timed call", cost(overhead.ns_per_timed_call));
        if counted > 0.0 {
            each += &format!(" and {} per counted one", cost(overhead.ns_per_counted_call));
        }
        let share = share(all_ns as u64, snapshot.process.recorded_ns);
        let of = if share.is_empty() { share } else { format!(", {share} of the recorded time") };
        format!("Measuring took about {each}: {} in all{of}.", duration(all_ns as u64))
    })
}

/// The sum of a figure over the functions, and those it is highest for.
fn per_function(snapshot: &Snapshot, figure: fn(&Function) -> u64) -> Option<(u64, String)> {
    let mut functions: Vec<&Function> = snapshot.functions.iter().filter(|function| figure(function) > 0).collect();
    functions.sort_by_key(|function| std::cmp::Reverse(figure(function)));
    let sum = functions.iter().fold(0_u64, |sum, function| sum.saturating_add(figure(function)));
    Some((sum, list(functions.iter().map(|f| format!("{} {}", escape(&f.name), count(figure(f)))))?))
}

/// The first few items, and how many more there are; `None` if there are none.
pub(super) fn list(items: impl ExactSizeIterator<Item = String>) -> Option<String> {
    let more = items.len().saturating_sub(LISTED) as u64;
    let text = items.take(LISTED).collect::<Vec<_>>().join(", ");
    match (text.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(text),
        _ => Some(format!("{text} and {} more", count(more))),
    }
}
