//! Prometheus's protobuf format, the one that holds native histograms.
//!
//! The messages are those of `io.prometheus.client` (`metrics.proto` of client_model), as far as they are needed. Histograms have
//! classic buckets beside the native ones, for readers that know no others.

use prost::Message;

use super::{
    Families,
    bounds::{self, CLASSIC_NS, Exponential, SCALE},
    family::{Kind, Sample, Value},
};

/// The type of the format in HTTP.
pub(crate) const CONTENT_TYPE: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Durations up to this many seconds count as zero. No duration of a nanosecond or more does.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MetricFamily {
    #[prost(string, optional, tag = "1")]
    pub(crate) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) help: Option<String>,
    /// 0 counter, 1 gauge, 4 histogram.
    #[prost(int32, optional, tag = "3")]
    pub(crate) kind: Option<i32>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) metric: Vec<Metric>,
    #[prost(string, optional, tag = "5")]
    pub(crate) unit: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Metric {
    #[prost(message, repeated, tag = "1")]
    pub(crate) label: Vec<LabelPair>,
    #[prost(message, optional, tag = "2")]
    pub(crate) gauge: Option<Number>,
    #[prost(message, optional, tag = "3")]
    pub(crate) counter: Option<Number>,
    #[prost(message, optional, tag = "7")]
    pub(crate) histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LabelPair {
    #[prost(string, optional, tag = "1")]
    pub(crate) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) value: Option<String>,
}

/// `Gauge` and `Counter`, which are alike as far as they are used here.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Number {
    #[prost(double, optional, tag = "1")]
    pub(crate) value: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Histogram {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    pub(crate) sample_sum: Option<f64>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) bucket: Vec<Bucket>,
    #[prost(sint32, optional, tag = "5")]
    pub(crate) schema: Option<i32>,
    #[prost(double, optional, tag = "6")]
    pub(crate) zero_threshold: Option<f64>,
    #[prost(uint64, optional, tag = "7")]
    pub(crate) zero_count: Option<u64>,
    #[prost(message, repeated, tag = "12")]
    pub(crate) positive_span: Vec<BucketSpan>,
    /// The count of each bucket, less that of the one before.
    #[prost(sint64, repeated, packed = "false", tag = "13")]
    pub(crate) positive_delta: Vec<i64>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Bucket {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) cumulative_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    pub(crate) upper_bound: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct BucketSpan {
    /// Empty buckets since the span before; of the first span, the index of its first bucket.
    #[prost(sint32, optional, tag = "1")]
    pub(crate) offset: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub(crate) length: Option<u32>,
}

/// The metrics as messages, each behind its length.
pub(crate) fn render(families: &Families<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for (family, samples) in families.iter() {
        let (suffix, kind) = match family.kind() {
            Kind::Counter => ("_total", 0),
            Kind::Gauge => ("", 1),
            Kind::Histogram => ("", 4),
        };
        let message = MetricFamily {
            name: Some(format!("{}{suffix}", family.name())),
            help: Some(family.help().into()),
            kind: Some(kind),
            metric: samples.iter().map(|sample| metric(sample, family.kind())).collect(),
            unit: None,
        };
        message.encode_length_delimited(&mut out).expect("a vector grows");
    }
    out
}

fn metric(sample: &Sample<'_>, kind: Kind) -> Metric {
    let pair = |name: &str, value: &str| LabelPair { name: Some(name.into()), value: Some(value.into()) };
    let labels = sample.labels.0.iter().map(|(name, value)| pair(name, value));
    let mut metric = Metric {
        label: labels.chain(sample.more.map(|(name, value)| pair(name, value))).collect(),
        ..Metric::default()
    };
    let value = match &sample.value {
        Value::Count(count) => *count as f64,
        Value::Ns(ns) => *ns as f64 / 1e9,
        Value::Real(value) => *value,
        Value::Histogram(latency, sum_ns) => {
            let classic = CLASSIC_NS
                .iter()
                .zip(bounds::cumulative(latency))
                .map(|(bound, count)| Bucket { cumulative_count: Some(count), upper_bound: Some(*bound as f64 / 1e9) });
            let all = Exponential::of(latency);
            let (positive_span, positive_delta) = spans(&all.buckets);
            metric.histogram = Some(Histogram {
                sample_count: Some(latency.count()),
                sample_sum: Some(*sum_ns as f64 / 1e9),
                bucket: classic.collect(),
                schema: Some(SCALE),
                zero_threshold: Some(ZERO_THRESHOLD),
                zero_count: Some(all.zero),
                positive_span,
                positive_delta,
            });
            return metric;
        }
    };
    let number = Some(Number { value: Some(value) });
    match kind {
        Kind::Counter => metric.counter = number,
        Kind::Gauge | Kind::Histogram => metric.gauge = number,
    }
    metric
}

/// Neighbouring buckets as spans. Prometheus counts indices from the upper bound, one more than [`Exponential`] does.
fn spans(buckets: &[(i32, u64)]) -> (Vec<BucketSpan>, Vec<i64>) {
    let mut spans: Vec<BucketSpan> = Vec::new();
    let mut deltas = Vec::with_capacity(buckets.len());
    let (mut next, mut before) = (0, 0_i64);
    for &(index, count) in buckets {
        let index = index + 1;
        match spans.last_mut() {
            Some(span) if next == index => span.length = span.length.map(|length| length + 1),
            _ => spans.push(BucketSpan { offset: Some(index - next), length: Some(1) }),
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        deltas.push(count - before);
        (next, before) = (index + 1, count);
    }
    if spans.is_empty() {
        // Without any span a histogram would count as one without native buckets.
        spans.push(BucketSpan { offset: Some(0), length: Some(0) });
    }
    (spans, deltas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_tell_where_buckets_are() {
        let span = |offset, length| BucketSpan { offset: Some(offset), length: Some(length) };
        let (spans, deltas) = spans(&[(-320, 5), (-319, 7), (-300, 1)]);
        assert_eq!((spans, deltas), (vec![span(-319, 2), span(18, 1)], vec![5, 2, -6]));
        assert_eq!(super::spans(&[]), (vec![span(0, 0)], vec![]));
    }
}
