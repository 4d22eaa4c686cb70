//! What a test expects of a site, and how it is compared with what a reader finds.

use std::collections::BTreeMap;

use perf_report::recording::layout::{bucket_floor, bucket_index};
use perf_report::{Function, Kind};

use super::super::TICKS_PER_NS;

/// The figures that a test expects of one site, in ticks.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) kind: Option<Kind>,
    pub(super) adaptive: bool,
    /// Calls by the lowest ns of their bucket.
    pub(super) latency: BTreeMap<u64, u64>,
    pub(super) sum: u64,
    pub(super) nested: u64,
    pub(super) own: u64,
    /// By callee.
    pub(super) unseen: BTreeMap<usize, u64>,
    pub(super) shortest: Option<u64>,
    pub(super) longest: u64,
    pub(super) unwound: u64,
    /// Below 0 where a call ended in another thread, and that which it began in does not know yet.
    pub(super) abandoned: i64,
    pub(super) timed: u64,
    pub(super) counted: u64,
    pub(super) polls: u64,
    pub(super) busy: u64,
    pub(super) started: u64,
    pub(super) cancelled: u64,
    /// Calls and ticks by caller.
    pub(super) callers: BTreeMap<usize, (u64, u64)>,
}

/// Self time of a site, and what was cut of its estimates by caller, because callers do not have more time than they have.
#[derive(Clone, Default)]
pub(super) struct Bounded {
    pub(super) own: u64,
    pub(super) cut: BTreeMap<usize, u64>,
}

/// The bounded self times of all sites. Code below all calls has time enough.
pub(super) fn bounded(expected: &[Expected]) -> Vec<Bounded> {
    let mut all: Vec<Bounded> = expected.iter().map(|site| Bounded { own: site.own, ..Bounded::default() }).collect();
    all[0].own = u64::MAX;
    for (caller, site) in expected.iter().enumerate() {
        let unseen: u64 = site.unseen.values().sum();
        let cut = unseen.saturating_sub(all[caller].own);
        all[caller].own = all[caller].own.saturating_sub(unseen);
        for (&callee, &of_callee) in site.unseen.iter().filter(|_| cut > 0) {
            let cut = (u128::from(cut) * u128::from(of_callee)).div_ceil(u128::from(unseen)) as u64;
            all[callee].own = all[callee].own.saturating_sub(cut);
            all[callee].cut.insert(caller, cut);
        }
    }
    all
}

impl Expected {
    pub(super) fn add_sample(&mut self, ticks: u64, weight: u64) {
        *self.latency.entry(bucket_floor(bucket_index(ticks / TICKS_PER_NS))).or_default() += weight;
        self.sum += ticks * weight;
        self.shortest = Some(self.shortest.map_or(ticks, |shortest| shortest.min(ticks)));
        self.longest = self.longest.max(ticks);
    }

    /// Calls that were counted, and took `ticks` together.
    pub(super) fn add_estimates(&mut self, ticks: u64, calls: u64) {
        *self.latency.entry(bucket_floor(bucket_index(ticks / calls / TICKS_PER_NS))).or_default() += calls;
        self.sum += ticks;
    }

    pub(super) fn edge(&mut self, caller: usize, calls: u64, ticks: u64) {
        let edge = self.callers.entry(caller).or_default();
        edge.0 += calls;
        edge.1 += ticks;
    }

    pub(super) fn check(&self, function: &Function, bounded: &Bounded, about: &str) {
        let calls = if self.adaptive { self.timed + self.counted } else { self.latency.values().sum() };
        assert_eq!(function.calls, calls, "calls of {about}");
        assert_eq!(function.timed_calls, if self.adaptive { self.timed } else { calls }, "timed calls of {about}");
        assert!(
            function.latency.buckets().eq(self.latency.iter().map(|(&ns, &calls)| (ns, calls))),
            "latency of {about}"
        );
        let ns = |ticks: u64| ticks / TICKS_PER_NS;
        // To the nearest: a cut may end at half a nanosecond.
        let nearest = |ticks: u64| ticks.div_ceil(TICKS_PER_NS);
        let cut: u64 = bounded.cut.values().sum();
        let without_cut = |ticks: u64| match cut {
            0 => ns(ticks),
            cut => ns(ticks).saturating_sub(nearest(cut)).max(nearest(bounded.own)),
        };
        assert_eq!(function.sum_ns, without_cut(self.sum), "sum of {about}");
        let total = self.sum - self.nested;
        // The callers' time bounds the estimates of adaptive timing.
        if self.adaptive {
            assert!(function.total_ns <= without_cut(total), "total of {about}");
        } else {
            assert_eq!(function.total_ns, without_cut(total), "total of {about}");
        }
        assert_eq!(function.self_ns, nearest(bounded.own), "self time of {about}");
        assert_eq!(function.min_ns, ns(self.shortest.unwrap_or(0)), "shortest call of {about}");
        assert_eq!(function.max_ns, ns(self.longest), "longest call of {about}");
        assert_eq!(function.unwound, self.unwound, "unwound calls of {about}");
        assert_eq!(function.abandoned, u64::try_from(self.abandoned).unwrap_or(0), "abandoned calls of {about}");
        let mut callers = BTreeMap::new();
        for caller in &function.callers {
            // Sites were added in the order of their ids.
            callers.insert(caller.caller.map_or(0, |index| index + 1), (caller.calls, caller.total_ns));
        }
        let mut expected = BTreeMap::new();
        for (&caller, &(calls, ticks)) in &self.callers {
            let cut = bounded.cut.get(&caller).copied().unwrap_or(0);
            expected.insert(caller, (calls, nearest(ticks.saturating_sub(cut))));
        }
        // Calls that were only counted are put down to the caller with the most time.
        let attributed: u64 = expected.values().map(|edge| edge.0).sum();
        if let Some(usual) = expected.values_mut().rev().max_by_key(|edge| (edge.1, edge.0)) {
            usual.0 += calls - attributed;
        }
        if self.adaptive {
            assert!(callers.keys().eq(expected.keys()), "callers of {about}");
            assert!(callers.iter().all(|(caller, edge)| edge.1 <= expected[caller].1), "callers of {about}");
        } else {
            assert_eq!(callers, expected, "callers of {about}");
        }
        let (calls, time) = callers.values().fold((0, 0), |sum, edge| (sum.0 + edge.0, sum.1 + edge.1));
        match function.futures {
            None if cut > 0 || self.adaptive => assert_eq!(calls, function.calls, "callers of {about} add up"),
            None => assert_eq!((calls, time), (function.calls, function.total_ns), "callers of {about} add up"),
            Some(futures) => {
                assert_eq!((calls, time), (function.calls, futures.busy_ns), "callers of {about} add up");
                assert_eq!(futures.started, self.started, "futures started of {about}");
                assert_eq!(futures.cancelled, self.cancelled, "futures cancelled of {about}");
                assert_eq!(futures.polls, self.polls, "polls of {about}");
                assert_eq!(futures.busy_ns, ns(self.busy), "busy time of {about}");
            }
        }
    }
}
