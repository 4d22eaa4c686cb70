//! OpenTelemetry's metrics, as the body of an OTLP request.
//!
//! Sums and histograms are cumulative since the recording began: whoever misses a request has missed nothing after the next one.
//! Each process is a resource of its own; its functions, resources and alerts are told apart by attributes.

pub(crate) mod messages;

use std::collections::HashMap;

use prost::Message;

use super::{
    Families, Source, bounds,
    bounds::Exponential,
    family::{Family, Kind, Sample, Unit, Value},
    labels::{self, Labels},
};
use crate::Snapshot;
use messages::*;

/// The type of the format in HTTP.
pub(crate) const CONTENT_TYPE: &str = "application/x-protobuf";

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`
const CUMULATIVE: i32 = 2;

/// The request that tells the metrics of some processes, at a time in ns since the Unix epoch.
pub(crate) fn render(sources: &[Source<'_>], now_unix_ns: u64) -> Vec<u8> {
    let resource_metrics = sources.iter().map(|source| of_process(source, now_unix_ns)).collect();
    ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
}

/// The request that tells the metrics of one process at the moment of its snapshot, with all its functions.
pub(crate) fn of_snapshot(snapshot: &Snapshot) -> Vec<u8> {
    let process = &snapshot.process;
    let moment = process.started_unix_ns.saturating_add(process.recorded_ns);
    render(&[Source::of(snapshot, usize::MAX)], moment)
}

fn of_process(source: &Source<'_>, now: u64) -> ResourceMetrics {
    let process = &source.snapshot.process;
    let start = process.started_unix_ns;
    let pid = AnyValue { value: Some(any_value::Value::Int(process.pid.into())) };
    let mut attributes = vec![
        text("service.name", &labels::value(&process.program)),
        text("service.instance.id", &format!("{}-{start}", process.pid)),
        KeyValue { key: "process.pid".into(), value: Some(pid) },
    ];
    attributes.extend(source.recording.map(|recording| text("perf.recording", &labels::value(recording))));
    let scope = InstrumentationScope { name: "perf-report".into(), version: env!("CARGO_PKG_VERSION").into() };
    // The resource says what the labels of the process say.
    let point = Point { start, now, common: Labels::of_process(source).0.len() };
    ResourceMetrics {
        resource: Some(Resource { attributes }),
        scope_metrics: vec![ScopeMetrics { scope: Some(scope), metrics: metrics(&super::of_process(source), point) }],
    }
}

fn metrics(families: &Families<'_>, point: Point) -> Vec<Metric> {
    let metric = |(family, samples): (Family, &[Sample<'_>])| {
        let data = match family.kind() {
            Kind::Counter => metric::Data::Sum(Sum {
                data_points: samples.iter().map(|sample| point.number(sample)).collect(),
                aggregation_temporality: CUMULATIVE,
                is_monotonic: true,
            }),
            Kind::Gauge => {
                metric::Data::Gauge(Gauge { data_points: samples.iter().map(|sample| point.number(sample)).collect() })
            }
            Kind::Histogram => metric::Data::ExponentialHistogram(ExponentialHistogram {
                data_points: point.histograms(samples),
                aggregation_temporality: CUMULATIVE,
            }),
        };
        let (unit, ending) = match family.unit() {
            Unit::None | Unit::Ratio => ("1", ""),
            Unit::Seconds => ("s", "_seconds"),
            Unit::Bytes => ("By", "_bytes"),
        };
        Metric {
            // The unit is a field here; a reader that wants it in the name adds it.
            name: family.name().trim_end_matches(ending).into(),
            description: family.help().into(),
            unit: unit.into(),
            data: Some(data),
        }
    };
    families.iter().map(metric).collect()
}

/// The parts that the data points of a process have in common.
#[derive(Clone, Copy)]
struct Point {
    start: u64,
    now: u64,
    /// Labels that the resource has.
    common: usize,
}

impl Point {
    fn attributes(self, sample: &Sample<'_>) -> Vec<KeyValue> {
        let own = sample.labels.0.iter().skip(self.common).map(|(name, value)| text(name, value));
        own.chain(sample.more.map(|(name, value)| text(name, value))).collect()
    }

    fn number(self, sample: &Sample<'_>) -> NumberDataPoint {
        let value = match &sample.value {
            Value::Count(count) => number_data_point::Value::Int(i64::try_from(*count).unwrap_or(i64::MAX)),
            Value::Ns(ns) => number_data_point::Value::Double(*ns as f64 / 1e9),
            Value::Real(value) => number_data_point::Value::Double(*value),
            Value::Histogram(latency, _) => {
                number_data_point::Value::Int(i64::try_from(latency.count()).unwrap_or(i64::MAX))
            }
        };
        NumberDataPoint {
            start_time_unix_nano: self.start,
            time_unix_nano: self.now,
            attributes: self.attributes(sample),
            value: Some(value),
        }
    }

    fn histograms(self, samples: &[Sample<'_>]) -> Vec<ExponentialHistogramDataPoint> {
        let point = |sample: &Sample<'_>| {
            let Value::Histogram(latency, sum_ns) = &sample.value else { return None };
            let all = Exponential::of(latency);
            Some(ExponentialHistogramDataPoint {
                attributes: self.attributes(sample),
                start_time_unix_nano: self.start,
                time_unix_nano: self.now,
                count: latency.count(),
                sum: Some(*sum_ns as f64 / 1e9),
                scale: bounds::SCALE,
                zero_count: all.zero,
                positive: Some(buckets(&all)),
            })
        };
        samples.iter().filter_map(point).collect()
    }
}

/// All buckets from the lowest occupied one to the highest.
fn buckets(all: &Exponential) -> Buckets {
    let offset = all.buckets.first().map_or(0, |first| first.0);
    let filled: HashMap<i32, u64> = all.buckets.iter().copied().collect();
    let end = all.buckets.last().map_or(0, |last| last.0 + 1);
    Buckets { offset, bucket_counts: (offset..end).map(|index| filled.get(&index).copied().unwrap_or(0)).collect() }
}

fn text(key: &str, value: &str) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(any_value::Value::Text(value.into())) }) }
}
