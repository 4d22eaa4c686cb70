//! All calls of one site so far, from the shards of all threads, without a copy of the recording.

use perf_report::Latency;
use perf_report::recording::layout::{bucket_floor, bucket_index, header, shard, slot};

use super::{Recording, Shard, Slot};
use crate::platform::clock;

/// What [`Recording::totals`] tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteTotals {
    pub(crate) calls: u64,
    pub(crate) ticks: u64,
    pub(crate) unwound: u64,
    pub(crate) cancelled: u64,
    pub(crate) latency: Latency,
}

impl Recording {
    /// All calls of a site that have ended. The threads go on meanwhile.
    pub(crate) fn totals(&self, site: usize) -> SiteTotals {
        let mut totals = SiteTotals::default();
        let mut counts = vec![0_u64; slot::PAGE_COUNT * slot::PAGE_LEN];
        let mut offset = self.header().load_acquire(header::SHARDS) as usize;
        let mut counted_only = 0;
        while offset != 0 {
            let shard = Shard(self.words(offset));
            if let Some(slot) = shard.slot(site) {
                counted_only += add(&mut totals, &mut counts, slot, shard.0.get(shard::BUCKET_SCALE));
            }
            offset = shard.0.get(shard::NEXT) as usize;
        }
        for (index, &count) in counts.iter().enumerate().filter(|bucket| *bucket.1 > 0) {
            totals.latency.record(bucket_floor(index), count);
        }
        // Of a site that is timed adaptively the buckets hold samples, and the calls are known without them.
        let timed = totals.calls;
        totals.calls = if timed > 0 { timed + counted_only } else { totals.latency.count() };
        totals
    }

    /// Nanoseconds per tick, as calibrated at the start.
    pub(crate) fn ns_per_tick(&self) -> f64 {
        self.header().get(header::BUCKET_SCALE) as f64 / 2_f64.powi(64)
    }
}

/// Adds what a slot holds; [`SiteTotals::calls`] gets the calls that adaptive timing timed, what is returned those it only counted.
fn add(totals: &mut SiteTotals, counts: &mut [u64], Slot(words): Slot, bucket_scale: u64) -> u64 {
    totals.calls += words.get(slot::TIMED);
    totals.ticks = totals.ticks.wrapping_add(words.get(slot::SUM));
    totals.unwound += words.get(slot::UNWOUND);
    totals.cancelled += words.get(slot::CANCELLED);
    for page in 0..slot::PAGE_COUNT {
        let offset = words.load_acquire(slot::PAGES + page) as usize;
        if offset != 0 {
            let page_counts = &mut counts[page * slot::PAGE_LEN..][..slot::PAGE_LEN];
            let page_words = words.at(offset);
            page_counts.iter_mut().enumerate().for_each(|(index, count)| *count += page_words.get(index));
        }
    }
    // The last two calls are on their way to the buckets.
    let pending = bucket_index(clock::to_ns(words.get(slot::PENDING), bucket_scale));
    for (bucket, weight) in [
        (pending, words.get(slot::PENDING_WEIGHT)),
        (words.get(slot::WAITING) as usize, words.get(slot::WAITING_WEIGHT)),
    ] {
        counts[bucket.min(slot::PAGE_COUNT * slot::PAGE_LEN - 1)] += weight;
    }
    slot::counted(words.get(slot::COUNTER))
}

#[cfg(test)]
mod tests {
    use perf_report::recording::{Now, read};
    use perf_report::{Kind, Timing};

    use super::*;
    use crate::recording::memory::Memory;
    use crate::recording::{CallOutcome, SiteText, test_origin};

    #[test]
    fn totals_are_those_of_a_snapshot() {
        let recording = Recording::start(Memory::heap(1 << 18), None, &test_origin()).unwrap();
        let (kind, timing) = (Kind::Function, Timing::Exact);
        let text = SiteText { kind, timing, line: 1, name: "f", module: "", file: "", budgets: "" };
        let site = recording.add_site(&text).unwrap();
        for thread in 1..=3_u64 {
            let shard = recording.acquire_shard().unwrap();
            let slot = shard.new_slot(&recording, site).unwrap();
            for call in 0..thread * 10 {
                let start = shard.begin_call(slot, 0, || thread * 1_000_000 + call * 10_000);
                shard.end_call(
                    &recording,
                    slot,
                    start,
                    start + call * 100,
                    CallOutcome::Call { unwound: call % 5 == 0 },
                );
            }
        }
        let totals = recording.totals(site);
        let function = read(&recording.copy(), Now::LastTick).unwrap().snapshot.functions.remove(0);
        assert_eq!((totals.calls, totals.unwound), (60, function.unwound));
        assert_eq!(totals.latency, function.latency);
        assert_eq!((totals.ticks as f64 * recording.ns_per_tick()) as u64, function.sum_ns);
    }
}
