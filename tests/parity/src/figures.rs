//! The program reads the figures of a snapshot.

use perf_runtime::report::monitor::{ActionKind, Metric, Unit};
use perf_runtime::report::{
    ClockSource, Function, Kind, Resource, ResourceState, Snapshot, State, Stream, Style, TeardownOutcome, Timing, View,
};

/// Calls of all functions.
pub(crate) fn calls(snapshot: &Snapshot) -> u64 {
    snapshot.since(snapshot).functions.iter().map(|function| function.calls).for_each(|calls| assert_eq!(calls, 0));
    snapshot.functions.iter().map(|function| function.calls).sum()
}

/// A report of the program's own.
pub(crate) fn text(snapshot: &Snapshot) -> String {
    let mut text = View::Table.render(snapshot, &Style::plain());
    text += &View::Json.render(snapshot, &Style::detect(Stream::Stdout));
    let process = &snapshot.process;
    text += &format!("{} {} {} {}\n", process.program, process.pid, process.recorded_ns, process.threads);
    text += match (process.state, process.clock.source) {
        (State::Running, ClockSource::Monotonic) => "slow clock\n",
        _ => "\n",
    };
    snapshot.functions.iter().for_each(|function| text += &line(snapshot, function));
    snapshot.resources.iter().for_each(|resource| text += life(resource));
    let losses = &snapshot.losses;
    text += &format!("{} {} {}\n", losses.lost_calls, losses.overflow_calls, losses.used_bytes);
    text += &format!("{:?} {}\n", snapshot.heap.map(|heap| heap.peak_bytes), snapshot.to_json().len());
    for call in &snapshot.in_flight {
        text += &format!("{} {} {}\n", call.thread, call.depth, call.elapsed_ns);
    }
    if let Some(monitor) = &snapshot.monitor {
        let rss = monitor.series.iter().find(|series| series.metric == Metric::Rss);
        text += &format!("{:?}\n", rss.map(|rss| (rss.last(), rss.highest(), rss.mean(&monitor.spans))));
        for alert in monitor.alerts.iter().filter(|alert| alert.unit == Unit::Bytes) {
            let evictions = alert.events.iter().flat_map(|raised| &raised.actions);
            text += &format!("{}: {}\n", alert.rule, evictions.filter(|done| done.kind == ActionKind::Evict).count());
        }
    }
    text
}

fn line(snapshot: &Snapshot, function: &Function) -> String {
    let name = match (function.kind, function.timing) {
        (Kind::Future, _) => "future",
        (_, Timing::Adaptive) => "adaptive",
        _ => &function.name,
    };
    let callers = function.callers.iter().filter_map(|caller| snapshot.functions.get(caller.caller?));
    let callers: Vec<_> = callers.map(|caller| &*caller.name).collect();
    format!(
        "{name} {} {} {} {} {} {} {:?} {:?} {}\n",
        function.is_sampled(),
        function.mean_ns(),
        function.quantile_ns(0.99),
        function.latency.count(),
        function.latency.quantile(0.5),
        function.total_ns,
        function.futures.map(|futures| futures.cancelled),
        function.allocations.map(|allocations| allocations.bytes),
        callers.join(", "),
    )
}

fn life(resource: &Resource) -> &str {
    match (resource.state, resource.teardown.map(|teardown| teardown.outcome)) {
        (ResourceState::Ready, _) => &resource.name,
        (_, Some(TeardownOutcome::Panicked)) => "panicked",
        _ => "",
    }
}
