//! The distribution of durations and its lossless serialised form.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeSeq};

use crate::recording::layout::HIGHEST_NS;

/// Distribution of durations: an HDR histogram of nanoseconds with two significant digits, from 1 ns to 4 hours.
///
/// Serialised as the list of its occupied buckets, which is lossless: `[[lowest value of the bucket, count], ...]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency(Histogram<u64>);

impl Latency {
    /// An empty distribution.
    #[must_use]
    pub fn new() -> Self {
        Latency(Histogram::new_with_bounds(1, HIGHEST_NS, 2).expect("bounds and digits are valid"))
    }

    /// Counts `count` calls of `ns` nanoseconds. Longer ones than the range count in its highest bucket.
    pub fn record(&mut self, ns: u64, count: u64) {
        self.0.saturating_record_n(ns, count);
    }

    /// Adds another distribution, exactly.
    pub fn add(&mut self, other: &Latency) {
        self.0.add(&other.0).expect("all latencies have the same bounds");
    }

    /// Calls counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The duration in ns that the fraction `quantile` (0 to 1) of the calls did not exceed, at most 1 % too high; 0 when
    /// there were no calls.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.value_at_quantile(quantile) }
    }

    /// The histogram behind it, for what this type does not offer.
    #[must_use]
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.0
    }

    /// Occupied buckets, lowest first: lowest duration of the bucket in ns, and the number of calls.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0
            .iter_recorded()
            .map(|bucket| (self.0.lowest_equivalent(bucket.value_iterated_to()), bucket.count_at_value()))
    }
}

impl Default for Latency {
    fn default() -> Self {
        Latency::new()
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for bucket in self.buckets() {
            list.serialize_element(&bucket)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Buckets;

        impl<'de> de::Visitor<'de> for Buckets {
            type Value = Latency;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a list of [lowest value of a bucket in ns, count]")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Latency, A::Error> {
                let mut latency = Latency::new();
                while let Some((ns, count)) = list.next_element::<(u64, u64)>()? {
                    latency.record(ns, count);
                }
                Ok(latency)
            }
        }

        deserializer.deserialize_seq(Buckets)
    }
}
