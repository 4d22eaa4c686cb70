use super::*;
use crate::{Function, Kind, Latency, Timing, monitor};

/// A process with a harmless function, one with a name to escape, and one that adaptive timing estimates.
fn process() -> Snapshot {
    let mut snapshot = Snapshot::empty();
    snapshot.process.program = "shop \"7\"".into();
    snapshot.process.pid = 42;
    snapshot.process.started_unix_ns = 1_700_000_000_000_000_000;
    snapshot.process.recorded_ns = 2_500_000_000;
    snapshot.functions = vec![
        function("shop::pay", &[(1_000, 3), (2_000_000, 1)]),
        function("shop::\u{1b}[31m\n\"odd\\\"", &[(100, 1)]),
        Function {
            timing: Timing::Adaptive,
            calls: 1_000,
            timed_calls: 10,
            self_sampled: true,
            ..function("shop::tiny", &[(0, 400), (30, 600)])
        },
        Function::new("shop::never"),
    ];
    let mut alert = monitor::Alert::new("rss > 1GiB", monitor::Unit::Bytes);
    alert.raised = 2;
    snapshot.monitor = Some(monitor::Monitor { alerts: vec![alert], ..monitor::Monitor::new(1_000_000) });
    snapshot
}

fn function(name: &str, calls: &[(u64, u64)]) -> Function {
    let mut latency = Latency::new();
    calls.iter().for_each(|&(ns, count)| latency.record(ns, count));
    let sum_ns = calls.iter().map(|(ns, count)| ns * count).sum();
    Function {
        module: "shop".into(),
        calls: latency.count(),
        timed_calls: latency.count(),
        sum_ns,
        total_ns: sum_ns,
        self_ns: sum_ns,
        max_ns: calls.iter().map(|call| call.0).max().unwrap_or(0),
        latency,
        ..Function::new(name)
    }
}

/// The text of some processes with so many functions one by one.
fn text_of(snapshots: &[Snapshot], limit: usize) -> String {
    let sources: Vec<Source<'_>> = snapshots.iter().map(|snapshot| Source::of(snapshot, limit)).collect();
    prometheus::render(&collect(&sources, &Exporter { function_limit: limit, ..Exporter::default() }))
}

fn value<'a>(text: &'a str, series: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

#[test]
fn the_text_is_as_it_was() {
    insta::assert_snapshot!("prometheus", text_of(&[process()], 10));
    let snapshot = process();
    let sources = [Source::of(&snapshot, 10)];
    insta::assert_snapshot!("openmetrics", openmetrics::render(&collect(&sources, &Exporter::default())));
}

#[test]
fn counts_and_sums_are_exact() {
    let text = text_of(&[process()], 10);
    let of = |metric: &str, more: &str| {
        let labels =
            r#"program="shop \"7\"",pid="42",function="shop::pay",module="shop",timing="exact",kind="function""#;
        value(&text, &format!("perf_function_{metric}{{{labels}{more}}}")).map(str::to_owned)
    };
    assert_eq!(of("calls_total", "").as_deref(), Some("4"));
    assert_eq!(of("duration_seconds_sum", "").as_deref(), Some("0.002003"));
    assert_eq!(of("duration_seconds_bucket", r#",le="1.023e-06""#).as_deref(), Some("3"));
    assert_eq!(of("duration_seconds_bucket", r#",le="5.11e-07""#).as_deref(), Some("0"));
    assert_eq!(of("duration_seconds_bucket", r#",le="+Inf""#).as_deref(), Some("4"));
}

#[test]
fn functions_beyond_the_limit_are_one_series_and_the_number_of_series_does_not_grow() {
    let mut snapshot = process();
    snapshot.functions.extend((0..50_u64).map(|n| function(&format!("shop::more_{n}"), &[(10 + n, 2)])));
    let text = text_of(std::slice::from_ref(&snapshot), 2);
    let other = r#"{program="shop \"7\"",pid="42",function="(other)",module="",timing="mixed",kind="mixed"}"#;
    assert_eq!(value(&text, &format!("perf_function_calls_total{other}")), Some("101"));
    assert_eq!(value(&text, r#"perf_exporter_folded_functions{program="shop \"7\"",pid="42"}"#), Some("51"));
    assert_eq!(value(&text, "perf_exporter_functions_limit"), Some("2"));
    snapshot.functions.extend((0..500_u64).map(|n| function(&format!("shop::even_more_{n}"), &[(10 + n, 2)])));
    assert_eq!(text_of(&[snapshot], 2).lines().count(), text.lines().count());
}

#[test]
fn futures_that_were_only_dropped_have_a_series() {
    let mut snapshot = process();
    let futures = Some(crate::Futures { never_polled: 12, ..crate::Futures::default() });
    snapshot.functions.push(Function { module: "shop".into(), futures, ..Function::new("shop::tidy") });
    let text = text_of(&[snapshot], 10);
    let labels =
        r#"{program="shop \"7\"",pid="42",function="shop::tidy",module="shop",timing="exact",kind="function"}"#;
    assert_eq!(value(&text, &format!("perf_function_never_polled_futures_total{labels}")), Some("12"));
    assert_eq!(value(&text, &format!("perf_function_calls_total{labels}")), Some("0"));
    assert!(!text.contains("shop::never"), "{text}");
}

#[test]
fn a_lock_is_told_from_a_function_of_its_name_and_waits_are_counted() {
    let mut snapshot = process();
    snapshot.functions[0].waiting_ns = 1_500_000;
    snapshot.functions.push(Function { kind: Kind::Lock, waiting_ns: 7_000, ..function("shop::pay", &[(7_000, 1)]) });
    let text = text_of(&[snapshot], 10);
    let waiting = |kind: &str| {
        let labels = r#"program="shop \"7\"",pid="42",function="shop::pay",module="shop",timing="exact""#;
        value(&text, &format!(r#"perf_function_waiting_seconds_total{{{labels},kind="{kind}"}}"#))
    };
    assert_eq!((waiting("function"), waiting("lock")), (Some("0.0015"), Some("0.000007")), "{text}");
}

#[test]
fn rows_beside_calls_are_not_added_to_the_others() {
    let mut snapshot = process();
    let beside = [Kind::Hold, Kind::Age, Kind::Poll, Kind::Wake, Kind::Alone];
    snapshot.functions.extend(beside.map(|kind| Function {
        kind,
        self_ns: 0,
        ..function(&format!("shop::pay ({})", kind.word()), &[(5_000_000, 7)])
    }));
    let text = text_of(std::slice::from_ref(&snapshot), 1);
    let other = r#"{program="shop \"7\"",pid="42",function="(other)",module="",timing="mixed",kind="mixed"}"#;
    assert_eq!(value(&text, &format!("perf_function_calls_total{other}")), Some("1001"));
    assert_eq!(value(&text, &format!("perf_function_running_seconds_total{other}")), Some("0.0000181"));
    assert_eq!(value(&text, r#"perf_exporter_folded_functions{program="shop \"7\"",pid="42"}"#), Some("2"));
    // Where there is room they are series of their own.
    let text = text_of(&[snapshot], 10);
    let labels =
        r#"{program="shop \"7\"",pid="42",function="shop::pay (poll)",module="shop",timing="exact",kind="poll"}"#;
    assert_eq!(value(&text, &format!("perf_function_calls_total{labels}")), Some("7"));
}

#[test]
fn equal_names_are_one_series() {
    let mut snapshot = process();
    snapshot.functions.push(function("shop::pay", &[(5, 6)]));
    let text = text_of(&[snapshot], 10);
    let labels = r#"{program="shop \"7\"",pid="42",function="shop::pay",module="shop",timing="exact",kind="function"}"#;
    assert_eq!(value(&text, &format!("perf_function_calls_total{labels}")), Some("10"));
    let mut series: Vec<&str> = text.lines().filter_map(|line| line.rsplit_once(' ')).map(|line| line.0).collect();
    let all = series.len();
    series.sort_unstable();
    series.dedup();
    assert_eq!(series.len(), all, "no series is there twice");
}

#[test]
fn protobuf_says_what_text_says() {
    use prost::Message;
    let snapshot = process();
    let sources = [Source::of(&snapshot, 10)];
    let bytes = native::render(&collect(&sources, &Exporter::default()));
    let mut rest = bytes.as_slice();
    let mut families = Vec::new();
    while !rest.is_empty() {
        families.push(native::MetricFamily::decode_length_delimited(&mut rest).unwrap());
    }
    let text = text_of(&[process()], 10);
    assert_eq!(families.len(), text.lines().filter(|line| line.starts_with("# TYPE")).count());
    let durations = families.iter().find(|it| it.name.as_deref() == Some("perf_function_duration_seconds")).unwrap();
    for (metric, function) in durations.metric.iter().zip(&snapshot.functions) {
        let histogram = metric.histogram.as_ref().unwrap();
        let mut count = 0;
        let calls = histogram
            .positive_delta
            .iter()
            .map(|delta| {
                count += delta;
                count
            })
            .sum::<i64>() as u64;
        assert_eq!(calls + histogram.zero_count.unwrap(), function.latency.count(), "{}", function.name);
        assert_eq!(histogram.sample_count, Some(function.latency.count()));
        let length: u32 = histogram.positive_span.iter().filter_map(|span| span.length).sum();
        assert_eq!(length as usize, histogram.positive_delta.len());
    }
}

#[test]
fn otlp_holds_exponential_histograms_per_process() {
    use otlp::messages::{ExportMetricsServiceRequest, metric::Data};
    use prost::Message;
    let snapshot = process();
    let sources = [Source::of(&snapshot, 10)];
    let request = ExportMetricsServiceRequest::decode(otlp::render(&sources, 77).as_slice()).unwrap();
    let [of_process] = request.resource_metrics.as_slice() else { panic!("a resource per process") };
    let attributes = &of_process.resource.as_ref().unwrap().attributes;
    assert!(attributes.iter().any(|attribute| attribute.key == "service.name"));
    let metrics = &of_process.scope_metrics[0].metrics;
    let named = |name: &str| metrics.iter().find(|metric| metric.name == name).unwrap();
    assert!(metrics.iter().all(|metric| !metric.name.starts_with("perf_exporter_recordings")));
    let durations = named("perf_function_duration");
    let Some(Data::ExponentialHistogram(histogram)) = &durations.data else { panic!("{durations:?}") };
    assert_eq!((durations.unit.as_str(), histogram.aggregation_temporality), ("s", 2));
    for (point, function) in histogram.data_points.iter().zip(&snapshot.functions) {
        let calls: u64 = point.positive.iter().flat_map(|buckets| &buckets.bucket_counts).sum();
        assert_eq!((point.count, calls + point.zero_count), (function.latency.count(), function.latency.count()));
        assert_eq!((point.start_time_unix_nano, point.time_unix_nano), (1_700_000_000_000_000_000, 77));
        let keys: Vec<&str> = point.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        assert_eq!(keys, ["function", "module", "timing", "kind"], "the resource says the rest");
    }
    let Some(Data::Sum(calls)) = &named("perf_function_calls").data else { panic!("calls are a sum") };
    assert!(calls.is_monotonic);
}
