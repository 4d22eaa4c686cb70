//! The program describes a monitor.

use std::sync::mpsc;
use std::time::Duration;

use perf_runtime::monitor::{
    Alert, AlertError, AlertEvent, AlertState, FunctionMetric, Level, Metric, Monitor, ResourceMetric, Watched,
};

pub(crate) fn monitor() -> Monitor {
    let _ = Monitor::default();
    let (sender, _receiver) = mpsc::channel();
    let monitor = Monitor::every(Duration::from_secs(1))
        .on_alert(|event| eprintln!("{event} {}", told(event)))
        .alerts_to(sender)
        .evict_with(|bytes| bytes)
        .trim_with(|| {});
    alerts().into_iter().fold(monitor, Monitor::alert)
}

fn alerts() -> Vec<Alert> {
    let written: Result<Alert, AlertError> = "rss > 1TiB for 3s".parse();
    let mut alerts = vec![written.unwrap_or_else(|error| panic!("{error} at {:?}", error.place()))];
    alerts.push(
        Alert::above(Metric::Rss, 1 << 40)
            .clear(Level::Plain(1e12))
            .lasting(Duration::from_secs(1))
            .cool_down(Duration::from_secs(1))
            .evict()
            .trim()
            .snapshot("%p.json")
            .call("nothing", |_| {}),
    );
    let named = [Watched::calls, Watched::mean, Watched::p50, Watched::p90, Watched::p99, Watched::p999, Watched::max];
    alerts.extend(named.map(|watched: fn(&'static str) -> Watched| {
        Alert::above(watched("plain"), Duration::from_secs(9)).over(Duration::from_secs(9))
    }));
    for share in [Watched::unwound("plain"), Watched::cancelled("plain")] {
        alerts.push(Alert::above(share, Level::Percent(50.0)));
    }
    for resource in [Watched::failed("POOL"), Watched::unhealthy("POOL"), Watched::idle("POOL"), Watched::depth("jobs")]
    {
        alerts.push(Alert::below(resource, Level::Plain(-1.0)));
    }
    alerts.push(Alert::above(Metric::Cpu, Level::PercentOfAll(200.0)));
    let names = (FunctionMetric::P99.name(), ResourceMetric::Idle.name());
    assert_eq!(names, ("p99", "idle"));
    assert!(alerts.iter().all(|alert| !alert.to_string().is_empty()));
    alerts
}

fn told(event: &AlertEvent) -> String {
    let state = match event.state() {
        AlertState::Raised => Duration::ZERO,
        AlertState::Cleared { after } => after,
        _ => Duration::MAX,
    };
    format!("{} {state:?} {} {} {} {}", event.rule(), event.is_raised(), event.value(), event.worst(), event.number())
}
