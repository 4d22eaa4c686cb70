//! The meaning of figures: shares with how sure they are, and whatever stands out.

use std::fmt::Write;

use crate::{
    Function, InFlight, Snapshot, Style, TimeSource,
    view::{self, notes, text::escape, text::plural, time_parts, units},
};

/// The functions with most self time.
pub(super) fn functions(snapshot: &Snapshot, limit: usize, filter: &str) -> Result<String, String> {
    let mut all: Vec<&Function> = snapshot.functions.iter().filter(|function| function.calls > 0).collect();
    let whole = all_self(snapshot);
    all.retain(|function| function.name.contains(filter));
    if all.is_empty() {
        return Err(match filter {
            "" => "no call of an annotated function has ended; ask in_flight".into(),
            _ => format!("no function whose name contains {filter:?} has run"),
        });
    }
    all.sort_by_key(|function| std::cmp::Reverse(function.self_ns));
    let shown: u64 = all.iter().take(limit).fold(0, |sum, function| sum.saturating_add(function.self_ns));
    let mut out = view::title(snapshot, &Style::plain());
    let _ = writeln!(
        out,
        "\nTime in annotated functions: {}. The {} below have {} of it.\n",
        units::duration(whole),
        all.len().min(limit),
        units::share(shown, whole),
    );
    for function in all.iter().take(limit) {
        let _ = writeln!(
            out,
            "- {}: {} of self time ({}), {} {}, {}",
            escape(&function.name),
            units::share(function.self_ns, whole),
            sureness(snapshot, function, whole),
            units::count(function.calls),
            plural(function.calls, "call", "calls"),
            durations(function),
        );
        if costs_more_than_it_takes(function) {
            let _ = writeln!(out, "  - measuring it costs more than it takes; leave it out, or use timing = adaptive");
        }
    }
    if all.len() > limit {
        let _ = writeln!(out, "- {} more", all.len() - limit);
    }
    add_notes(&mut out, snapshot);
    Ok(out)
}

/// Everything that stands out about one function.
pub(super) fn explain(snapshot: &Snapshot, at: usize) -> Result<String, String> {
    let function = &snapshot.functions[at];
    let whole = all_self(snapshot);
    let mut out = view::title(snapshot, &Style::plain());
    let kind = function.kind.word();
    let place = match function.file.as_str() {
        "" => String::new(),
        file => format!(", {}:{}", escape(file), function.line),
    };
    let _ = writeln!(out, "\n{} ({kind}{place})\n", escape(&function.name));
    let calls: Vec<&InFlight> = snapshot.in_flight.iter().filter(|call| call.function == at).collect();
    if function.calls == 0 {
        let _ = writeln!(out, "- No call of it has ended.");
        let futures = function.futures.unwrap_or_default();
        let fates = [(futures.started, "that began"), (futures.never_polled, "dropped without ever being polled")];
        for (number, fate) in fates.into_iter().filter(|(number, _)| *number > 0) {
            let _ = writeln!(out, "- Futures {fate}: {}.", units::count(number));
        }
    } else {
        let _ = writeln!(
            out,
            "- {} of the time in annotated functions is its own ({}); with the functions it calls it ran for {}.",
            units::share(function.self_ns, whole),
            sureness(snapshot, function, whole),
            units::duration(function.total_ns),
        );
        let per_second = function.calls as f64 * 1e9 / snapshot.process.recorded_ns.max(1) as f64;
        let _ = writeln!(
            out,
            "- {} {} ({} per second), {}.",
            units::count(function.calls),
            plural(function.calls, "call", "calls"),
            if per_second < 100.0 { format!("{per_second:.1}") } else { units::count(per_second as u64) },
            durations(function)
        );
        let _ = writeln!(out, "- {}", tail(function));
        if let Some(parts) = time_parts::text(snapshot, at) {
            let _ = writeln!(out, "- Where its time goes: {parts}.");
        }
        relatives(&mut out, snapshot, at);
        particulars(&mut out, function);
    }
    for call in calls {
        let _ = writeln!(out, "- In flight in {}: {}.", escape(&call.thread), unusual(function, call));
    }
    add_notes(&mut out, snapshot);
    Ok(out)
}

/// The calls that have not ended, by thread.
pub(super) fn in_flight(snapshot: &Snapshot) -> String {
    let mut out = view::title(snapshot, &Style::plain());
    if snapshot.in_flight.is_empty() {
        return out + "\nNo call of an annotated function is in flight.\n";
    }
    let mut thread = None;
    for call in &snapshot.in_flight {
        if thread != Some((call.tid, &call.thread)) {
            thread = Some((call.tid, &call.thread));
            let _ = writeln!(out, "\n{} (thread {})", escape(&call.thread), call.tid);
        }
        let Some(function) = snapshot.functions.get(call.function) else { continue };
        let indent = "  ".repeat(call.depth.min(40) as usize);
        let _ = writeln!(out, "{indent}- {}: {}", escape(&function.name), unusual(function, call));
    }
    out
}

/// How long a call in flight has run, compared with those that ended.
fn unusual(function: &Function, call: &InFlight) -> String {
    let elapsed = units::duration(call.elapsed_ns);
    let ended = units::count(function.calls);
    if function.calls == 0 {
        format!("running for {elapsed}; no call of it has ended yet")
    } else if call.elapsed_ns > function.max_ns {
        format!(
            "running for {elapsed}, longer than any of the {ended} that ended (longest {}): it may hang or wait",
            units::duration(function.max_ns)
        )
    } else if call.elapsed_ns > function.quantile_ns(0.99) {
        format!("running for {elapsed}, longer than 99 % of the {ended} that ended")
    } else {
        format!("running for {elapsed}, as usual")
    }
}

fn all_self(snapshot: &Snapshot) -> u64 {
    snapshot.functions.iter().fold(0, |sum, function| sum.saturating_add(function.self_ns))
}

/// How sure the share of a function's self time is.
fn sureness(snapshot: &Snapshot, function: &Function, whole: u64) -> String {
    let share = function.self_ns as f64 / whole.max(1) as f64;
    match (&snapshot.stacks, function.time_source) {
        (Some(stacks), TimeSource::Sampled) => match stacks.standard_error(share.min(1.0)) {
            // 95 % of a normal distribution lie within 1.96 standard errors.
            Some(error) => format!(
                "{:.1} to {:.1} % with 95 % confidence, of {} sampled stacks",
                (100.0 * (share - 1.96 * error)).max(0.0),
                (100.0 * (share + 1.96 * error)).min(100.0),
                units::count(stacks.samples),
            ),
            None => "no stack was sampled yet".into(),
        },
        _ if function.is_sampled() => format!(
            "an estimate: {} of its {} calls were timed",
            units::count(function.timed_calls),
            units::count(function.calls)
        ),
        _ if function.self_sampled => "an estimate, because functions that it calls are timed adaptively".into(),
        _ => "exact".into(),
    }
}

fn durations(function: &Function) -> String {
    let mark = if function.is_sampled() { "~" } else { "" };
    let quantile = |quantile| units::duration(function.quantile_ns(quantile));
    format!("p50 {mark}{}, p99 {mark}{}, longest {}", quantile(0.5), quantile(0.99), units::duration(function.max_ns))
}

/// The part that the slowest calls have.
fn tail(function: &Function) -> String {
    let (p50, p99) = (function.quantile_ns(0.5), function.quantile_ns(0.99));
    // Whole buckets, so the time of the slowest is known to 1 %.
    let mut all = 0.0;
    let mut slow = (0_u64, 0.0);
    for (ns, calls) in function.latency.buckets() {
        let time = ns as f64 * calls as f64;
        all += time;
        if ns > p99 {
            slow = (slow.0 + calls, slow.1 + time);
        }
    }
    let times = p99 as f64 / p50.max(1) as f64;
    let share = if all > 0.0 { 100.0 * slow.1 / all } else { 0.0 };
    match times {
        _ if function.calls < 100 => "There are too few calls to say something of its slowest percent.".into(),
        times if times >= 10.0 || share >= 25.0 => format!(
            "Its tail is long: p99 is {times:.0} times p50, and the slowest {} {} ({:.2} % of all) have {share:.0} % of its time.",
            units::count(slow.0),
            plural(slow.0, "call", "calls"),
            100.0 * slow.0 as f64 / function.calls as f64,
        ),
        times if times >= 2.0 => format!("p99 is {times:.1} times p50: some calls do more than others."),
        _ => "Its calls are alike: p99 is less than twice p50.".into(),
    }
}

/// Callers and callees, those with most time first.
fn relatives(out: &mut String, snapshot: &Snapshot, at: usize) {
    const MOST: usize = 5;
    let function = &snapshot.functions[at];
    let name = |function: Option<usize>| match function.and_then(|at| snapshot.functions.get(at)) {
        Some(function) => escape(&function.name),
        None => "code that is not annotated".into(),
    };
    // How calls that were only counted are shared among callers is an estimate.
    let about = |callee: &Function| if callee.is_sampled() { ("About ", "about ") } else { ("", "") };
    let all: u64 = function.callers.iter().fold(0, |sum, caller| sum.saturating_add(caller.total_ns));
    for caller in function.callers.iter().take(MOST) {
        let (first, about) = about(function);
        let _ = writeln!(
            out,
            "- {first}{} of its time and {about}{} of its calls are for {}.",
            units::share(caller.total_ns, all),
            units::share(caller.calls, function.calls),
            name(caller.caller)
        );
    }
    let callees = snapshot.functions.iter().enumerate().flat_map(|(callee, it)| {
        it.callers.iter().filter(|edge| edge.caller == Some(at)).map(move |edge| (callee, edge.calls, edge.total_ns))
    });
    let mut callees: Vec<(usize, u64, u64)> = callees.filter(|(callee, ..)| *callee != at).collect();
    callees.sort_by_key(|callee| std::cmp::Reverse(callee.2));
    for &(callee, calls, ns) in callees.iter().take(MOST) {
        let (first, about) = about(&snapshot.functions[callee]);
        let _ = writeln!(
            out,
            "- {first}{} of its time is in {}, which it calls {about}{:.1} times per call.",
            units::share(ns, function.total_ns),
            name(Some(callee)),
            calls as f64 / function.calls.max(1) as f64
        );
    }
}

/// Facts that few functions have: waits of futures, panics, allocations, a cost of measuring that matters.
fn particulars(out: &mut String, function: &Function) {
    if let Some(futures) = function.futures {
        let waiting = function.sum_ns.saturating_sub(futures.busy_ns);
        // The polls of one that was recorded at its end are not known.
        let polls = |polls: u64| format!(" {} polls per call;", units::count(polls / function.calls.max(1)));
        let _ = writeln!(
            out,
            "- As a future it waits for {} of its time;{} {} dropped before the end.",
            units::share(waiting, function.sum_ns),
            units::if_known(futures.polls, polls),
            units::count(futures.cancelled),
        );
        if futures.never_polled > 0 {
            let _ =
                writeln!(out, "- {} more were dropped without ever being polled.", units::count(futures.never_polled));
        }
    }
    if function.unwound > 0 {
        let _ = writeln!(out, "- {} of its calls ended by a panic.", units::count(function.unwound));
    }
    if let Some(allocations) = function.allocations {
        let _ = writeln!(
            out,
            "- It allocates {} per call, itself {}.",
            units::bytes(allocations.bytes / function.calls.max(1)),
            units::bytes(allocations.self_bytes / function.calls.max(1))
        );
    }
    for sizes in crate::view::sizes::lines(function) {
        let _ = writeln!(out, "- {sizes}.");
    }
    if costs_more_than_it_takes(function) {
        let _ = writeln!(out, "- Measuring it costs more than it takes; leave it out, or use timing = adaptive.");
    }
}

fn costs_more_than_it_takes(function: &Function) -> bool {
    function.self_measuring_ns > function.self_ns && function.calls > 1_000
}

/// Adds the notes of the reports.
pub(super) fn add_notes(out: &mut String, snapshot: &Snapshot) {
    let notes = notes::of(snapshot);
    if !notes.is_empty() {
        out.push_str("\nNotes on these figures:\n");
        notes.iter().for_each(|note| out.extend(["- ", note, "\n"]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Futures;

    #[test]
    fn futures_of_which_no_call_has_ended_are_explained() {
        let futures = Some(Futures { started: 2, never_polled: 12, ..Futures::default() });
        let snapshot =
            Snapshot { functions: vec![Function { futures, ..Function::new("app::tidy") }], ..Snapshot::empty() };
        let text = explain(&snapshot, 0).unwrap();
        let lines =
            "- No call of it has ended.\n- Futures that began: 2.\n- Futures dropped without ever being polled: 12.\n";
        assert!(text.contains(lines), "{text}");
    }
}
