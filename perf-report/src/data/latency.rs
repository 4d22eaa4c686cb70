//! The distribution of durations and its lossless serialised form.

use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};

use crate::recording::layout::{HIGHEST_NS, bucket_ceiling, bucket_floor, bucket_index};

/// A distribution of durations: an HDR histogram from 1 ns to 4.8 hours.
///
/// It has two significant digits and keeps the occupied buckets alone, so a snapshot of ten thousand functions is
/// as small as what they did, and reading one takes memory in proportion to its text. Its buckets are those of
/// [`hdrhistogram`], into which [`to_histogram`](Latency::to_histogram) turns it without loss. Counts saturate.
///
/// Serialised as `[[lowest ns of a bucket, count], ...]`, which is lossless too.
///
/// ```
/// let mut latency = perf_report::Latency::new();
/// latency.record(1_000, 99);
/// latency.record(5_000, 1);
/// assert_eq!(latency.count(), 100);
/// assert_eq!(latency.quantile(0.5), 1_003, "1 % at most above the true 1,000 ns");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Bucket index and count, by rising index, no count 0.
    buckets: Vec<(u16, u64)>,
}

impl Latency {
    /// An empty distribution.
    #[must_use]
    pub const fn new() -> Self {
        Latency { buckets: Vec::new() }
    }

    /// A distribution from the indices of the occupied buckets, which rise, and their counts.
    pub(crate) fn from_buckets(buckets: impl Iterator<Item = (usize, u64)>) -> Self {
        Latency { buckets: buckets.map(|(index, count)| (index as u16, count)).collect() }
    }

    /// Counts `count` calls of `ns` nanoseconds.
    ///
    /// Durations beyond the range (4.8 hours) count in the highest bucket.
    pub fn record(&mut self, ns: u64, count: u64) {
        let index = bucket_index(ns.min(HIGHEST_NS)) as u16;
        match self.buckets.last_mut() {
            _ if count == 0 => {}
            Some(last) if last.0 == index => last.1 = last.1.saturating_add(count),
            Some(last) if last.0 > index => match self.buckets.binary_search_by_key(&index, |bucket| bucket.0) {
                Ok(place) => self.buckets[place].1 = self.buckets[place].1.saturating_add(count),
                Err(place) => self.buckets.insert(place, (index, count)),
            },
            _ => self.buckets.push((index, count)),
        }
    }

    /// Adds another distribution, exactly.
    pub fn add(&mut self, other: &Latency) {
        let mut sum = Vec::with_capacity(self.buckets.len().max(other.buckets.len()));
        let (mut ours, mut theirs) = (self.buckets.iter().peekable(), other.buckets.iter().peekable());
        loop {
            sum.push(match (ours.peek(), theirs.peek()) {
                (Some(&&(a, n)), Some(&&(b, m))) if a == b => {
                    ours.next();
                    theirs.next();
                    (a, n.saturating_add(m))
                }
                (Some(&&(a, n)), b) if b.is_none_or(|b| a < b.0) => {
                    ours.next();
                    (a, n)
                }
                (_, Some(&&theirs_next)) => {
                    theirs.next();
                    theirs_next
                }
                _ => break,
            });
        }
        self.buckets = sum;
    }

    /// The lowest duration of the lowest occupied bucket, and the highest of the highest; `None` if there were no calls.
    pub(crate) fn range(&self) -> Option<(u64, u64)> {
        let (first, last) = (self.buckets.first()?, self.buckets.last()?);
        Some((bucket_floor(usize::from(first.0)), bucket_ceiling(usize::from(last.0))))
    }

    /// Subtracts an earlier reading of the same distribution.
    ///
    /// ```
    /// let mut latency = perf_report::Latency::new();
    /// latency.record(100, 5);
    /// let earlier = latency.clone();
    /// latency.record(100, 1);
    /// latency.record(700, 2);
    /// assert_eq!(latency.since(&earlier).count(), 3);
    /// ```
    #[must_use]
    pub fn since(&self, earlier: &Latency) -> Latency {
        let mut before = earlier.buckets.iter().peekable();
        let left = self.buckets.iter().filter_map(|&(index, count)| {
            while before.next_if(|bucket| bucket.0 < index).is_some() {}
            let gone = before.next_if(|bucket| bucket.0 == index).map_or(0, |bucket| bucket.1);
            Some((index, count.saturating_sub(gone))).filter(|bucket| bucket.1 > 0)
        });
        Latency { buckets: left.collect() }
    }

    /// Calls counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, bucket| sum.saturating_add(bucket.1))
    }

    /// The duration in ns that a fraction (0 to 1) of the calls did not exceed.
    ///
    /// At most 1 % too high; 0 if there were no calls.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> u64 {
        let rank = ((quantile.clamp(0.0, 1.0) * self.count() as f64).ceil() as u64).max(1);
        let mut seen = 0_u64;
        for &(index, count) in &self.buckets {
            seen = seen.saturating_add(count);
            if seen >= rank {
                return bucket_ceiling(usize::from(index));
            }
        }
        // Rounding in `f64` can put the rank above the number of calls.
        self.buckets.last().map_or(0, |last| bucket_ceiling(usize::from(last.0)))
    }

    /// Converts it to a histogram of the `hdrhistogram` crate.
    #[must_use]
    pub fn to_histogram(&self) -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(1, HIGHEST_NS, 2).expect("bounds and digits are valid");
        for (ns, count) in self.buckets() {
            histogram.saturating_record_n(ns, count);
        }
        histogram
    }

    /// The occupied buckets, lowest first: lowest duration in ns, and calls.
    pub fn buckets(&self) -> impl ExactSizeIterator<Item = (u64, u64)> + '_ {
        self.buckets.iter().map(|&(index, count)| (bucket_floor(usize::from(index)), count))
    }

    /// The occupied buckets, lowest first: highest duration in ns, and calls.
    #[cfg(feature = "command")]
    pub(crate) fn ceilings(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.buckets.iter().map(|&(index, count)| (bucket_ceiling(usize::from(index)), count))
    }

    /// Raises the count of each bucket to that of an earlier reading, where it is lower.
    #[cfg(feature = "command")]
    pub(crate) fn raise_to(&mut self, earlier: &Latency) {
        let mut missing = earlier.since(self);
        std::mem::swap(self, &mut missing);
        self.add(&missing);
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.buckets())
    }
}

#[cfg(feature = "files")]
mod reading {
    use serde::{Deserialize, Deserializer, de};

    use super::Latency;

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn durations() -> impl Strategy<Value = Vec<u64>> {
        // Every order of magnitude is as likely as any other.
        prop::collection::vec((0_u32..45, any::<u64>()).prop_map(|(bits, ns)| ns & ((1 << bits) - 1)), 1..200)
    }

    fn latency_of(durations: &[u64]) -> Latency {
        let mut latency = Latency::new();
        durations.iter().for_each(|&ns| latency.record(ns, 1));
        latency
    }

    proptest! {
        #[test]
        fn quantiles_are_within_one_percent_of_the_sorted_durations(mut ns in durations(), quantile in 0.0_f64..=1.0) {
            let latency = latency_of(&ns);
            ns.sort_unstable();
            let rank = ((quantile * ns.len() as f64).ceil() as usize).max(1);
            let (true_value, told) = (ns[rank - 1].min(HIGHEST_NS), latency.quantile(quantile));
            prop_assert!(true_value <= told && told as f64 <= true_value as f64 * 1.01, "{told} for {true_value}");
        }

        #[test]
        fn the_histogram_tells_the_same(ns in durations(), quantile in 0.001_f64..=1.0) {
            let latency = latency_of(&ns);
            let histogram = latency.to_histogram();
            prop_assert_eq!(histogram.len(), latency.count());
            prop_assert_eq!(histogram.value_at_quantile(quantile), latency.quantile(quantile));
        }

        #[test]
        fn a_sum_is_as_if_recorded_in_one(a in durations(), b in durations()) {
            let mut sum = latency_of(&a);
            sum.add(&latency_of(&b));
            prop_assert_eq!(sum, latency_of(&[a, b].concat()));
        }
    }

    #[test]
    fn what_is_taken_out_again_leaves_what_was_there() {
        let (a, b) = (latency_of(&[5, 5, 900, 70_000]), latency_of(&[5, 600, 900, 1 << 40]));
        let mut rest = a.clone();
        rest.add(&b);
        rest = rest.since(&b);
        assert_eq!(rest, a);
        assert_eq!(rest.range(), Some((5, 70_143)));
        rest = rest.since(&a);
        assert_eq!((rest.count(), rest.range()), (0, None));
    }

    #[test]
    fn counts_near_the_limit_saturate() {
        let mut latency = Latency::new();
        latency.record(1, u64::MAX);
        latency.record(1, 2);
        latency.record(7, u64::MAX);
        assert_eq!(latency.count(), u64::MAX);
        assert_eq!(latency.quantile(1.0), 1, "all calls that can be counted were of 1 ns");
        assert_eq!(Latency::new().quantile(0.5), 0);
    }
}
