//! The bounds of the buckets that are exported.
//!
//! Durations are recorded in HDR buckets, 128 to a doubling. A *classic* bound is the highest duration of such a bucket, so the
//! calls below it are counted exactly: one bound per doubling, `2^k - 1` ns. *Exponential* buckets (Prometheus's native
//! histograms and OpenTelemetry's) have bounds at powers of `2^(1/16)` seconds, which are no bounds of HDR buckets: the calls of an
//! HDR bucket are counted where its highest duration lies, as quantiles are told. A quantile taken from them is
//! therefore in the same exponential bucket as ours, at most 4.5 % away.

use crate::Latency;

/// The powers of two at which classic bounds lie: from 127 ns to 34 s.
const FIRST: u32 = 7;
const LAST: u32 = 35;

/// Number of classic bounds, without the one that everything is below.
pub(crate) const CLASSIC: usize = (LAST - FIRST + 1) as usize;

/// The highest durations in ns of the classic buckets.
pub(crate) const CLASSIC_NS: [u64; CLASSIC] = {
    let mut bounds = [0; CLASSIC];
    let mut at = 0;
    while at < CLASSIC {
        bounds[at] = (1 << (FIRST + at as u32)) - 1;
        at += 1;
    }
    bounds
};

/// Exponential buckets have `2^SCALE` bounds per doubling.
pub(crate) const SCALE: i32 = 4;

/// The calls at or below each classic bound.
pub(crate) fn cumulative(latency: &Latency) -> [u64; CLASSIC] {
    let mut counts = [0_u64; CLASSIC];
    for (floor, calls) in latency.buckets() {
        // The bounds are those of HDR buckets, so the whole bucket lies on one side of each.
        let at = CLASSIC_NS.partition_point(|&bound| bound < floor);
        if let Some(count) = counts.get_mut(at) {
            *count = count.saturating_add(calls);
        }
    }
    let mut sum = 0_u64;
    counts.map(|count| {
        sum = sum.saturating_add(count);
        sum
    })
}

/// A distribution in exponential buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exponential {
    /// Calls of 0 ns.
    pub(crate) zero: u64,
    /// Occupied buckets by rising index. Bucket `i` holds durations above `2^(i/16)` seconds, up to `2^((i+1)/16)`.
    pub(crate) buckets: Vec<(i32, u64)>,
}

impl Exponential {
    pub(crate) fn of(latency: &Latency) -> Exponential {
        let mut all = Exponential::default();
        for (ceiling, calls) in latency.ceilings() {
            if ceiling == 0 {
                all.zero = all.zero.saturating_add(calls);
                continue;
            }
            let index = index_of(ceiling);
            match all.buckets.last_mut() {
                Some(last) if last.0 == index => last.1 = last.1.saturating_add(calls),
                _ => all.buckets.push((index, calls)),
            }
        }
        all
    }
}

/// The exponential bucket of a duration.
fn index_of(ns: u64) -> i32 {
    let per_doubling = f64::from(1 << SCALE);
    let seconds = ns as f64 / 1e9;
    let bound = |index: i32| (f64::from(index) / per_doubling).exp2();
    // The logarithm may be wrong in its last digit, which decides at a bound.
    let mut index = (seconds.log2() * per_doubling).ceil() as i32 - 1;
    while seconds <= bound(index) {
        index -= 1;
    }
    while seconds > bound(index + 1) {
        index += 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::recording::layout::{HIGHEST_NS, bucket_ceiling, bucket_index};

    #[test]
    fn classic_bounds_are_the_highest_durations_of_buckets() {
        for bound in CLASSIC_NS {
            assert_eq!(bucket_ceiling(bucket_index(bound)), bound);
        }
        assert_eq!((CLASSIC_NS[0], CLASSIC_NS[CLASSIC - 1]), (127, 34_359_738_367));
    }

    #[test]
    fn a_duration_on_an_exponential_bound_is_below_it() {
        for (ns, index) in [(1_000_000_000, -1), (500_000_000, -17), (2_000_000_000, 15), (1_000_000_001, 0)] {
            assert_eq!(index_of(ns), index, "{ns} ns");
        }
    }

    fn durations() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec((0_u32..50, any::<u64>()).prop_map(|(bits, ns)| ns & ((1 << bits) - 1)), 1..200)
    }

    proptest! {
        #[test]
        fn classic_buckets_count_exactly(durations in durations()) {
            let mut latency = Latency::new();
            durations.iter().for_each(|&ns| latency.record(ns, 1));
            for (at, count) in cumulative(&latency).into_iter().enumerate() {
                let below = durations.iter().filter(|&&ns| ns <= CLASSIC_NS[at]).count() as u64;
                prop_assert_eq!(count, below, "at or below {} ns", CLASSIC_NS[at]);
            }
        }

        #[test]
        fn quantiles_lie_in_their_exponential_buckets(durations in durations(), quantile in 0.0_f64..=1.0) {
            let mut latency = Latency::new();
            durations.iter().for_each(|&ns| latency.record(ns, 1));
            let all = Exponential::of(&latency);
            let calls = all.zero + all.buckets.iter().map(|bucket| bucket.1).sum::<u64>();
            prop_assert_eq!(calls, latency.count());
            prop_assert!(all.buckets.is_sorted_by(|a, b| a.0 < b.0));
            let rank = ((quantile * calls as f64).ceil() as u64).max(1);
            let mut seen = all.zero;
            let told = latency.quantile(quantile);
            if seen >= rank {
                prop_assert_eq!(told, 0);
                return Ok(());
            }
            let found = all.buckets.iter().find(|bucket| { seen += bucket.1; seen >= rank }).unwrap().0;
            prop_assert_eq!(index_of(told.min(HIGHEST_NS)), found);
        }
    }
}
