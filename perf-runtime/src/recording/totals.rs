//! All calls of one site so far, from the shards of all threads, without a copy of the recording.

use perf_report::Latency;
use perf_report::recording::layout::{bucket_floor, bucket_index, shard, slot};

use super::{Recording, Shard, Slot};
use crate::platform::clock;

/// The totals of a site that [`Recording::totals`] returns.
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
        let mut counted_only = 0_u64;
        for shard in self.shards().map(Shard) {
            if let Some(slot) = shard.slot(site) {
                add(&mut totals, &mut counts, slot, self.origin().bucket_scale);
                counted_only = counted_only.wrapping_add(slot::counted(slot.counter(shard).get(0)));
            }
        }
        for (index, &count) in counts.iter().enumerate().filter(|bucket| *bucket.1 > 0) {
            totals.latency.record(bucket_floor(index), count);
        }
        // Of a site that is timed adaptively the buckets hold samples, and the calls are known without them. Of a wait, all that were timed are
        // in the buckets, which may be none.
        let timed = totals.calls;
        totals.calls = if timed > 0 { timed } else { totals.latency.count() }.wrapping_add(counted_only);
        totals
    }

    /// The size that a site's calls told of last, and when by the clock; that first. `None` if they told of none.
    pub(crate) fn latest_size(&self, site: usize) -> Option<(u64, u64)> {
        let slots = self.shards().filter_map(|words| Shard(words).slot(site));
        let told = slots.filter(|Slot(words)| words.get(slot::SIZES) > 0);
        told.map(|Slot(words)| (words.get(slot::LATEST_AT), words.get(slot::LATEST))).max()
    }

    /// For how long the outermost calls of a site that are in flight have been, by the clock's reading; one per thread.
    ///
    /// Calls that adaptive timing only counts have no start, and are not among them.
    pub(crate) fn in_flight_ns(&self, site: usize, now: u64) -> Vec<u64> {
        let running = self.shards().filter(|words| words.get(shard::IN_USE) != 0);
        let begun = running.filter_map(|words| Shard(words).outermost_start(site));
        begun.map(|start| clock::to_ns(now.saturating_sub(start), self.origin().bucket_scale)).collect()
    }
}

/// Adds what a slot holds; [`SiteTotals::calls`] gets the calls that adaptive timing timed.
fn add(totals: &mut SiteTotals, counts: &mut [u64], Slot(words): Slot, bucket_scale: u64) {
    // Wrapping, as whoever can write the file may have put anything there.
    let sums = [&mut totals.calls, &mut totals.ticks, &mut totals.unwound, &mut totals.cancelled];
    for (sum, word) in sums.into_iter().zip([slot::TIMED, slot::SUM, slot::UNWOUND, slot::CANCELLED]) {
        *sum = sum.wrapping_add(words.get(word));
    }
    totals.ticks = totals.ticks.wrapping_sub(words.get(slot::MEASURING));
    for (page, counts) in counts.chunks_exact_mut(slot::PAGE_LEN).enumerate() {
        if let Some(words) = words.twins().block_acquire(slot::PAGES + page) {
            counts.iter_mut().enumerate().for_each(|(index, count)| *count = count.wrapping_add(words.get(index)));
        }
    }
    // The last two calls are on their way to the buckets.
    let waiting = slot::waiting_place(words.get(slot::WAITING));
    let pending = bucket_index(clock::to_ns(words.get(slot::PENDING), bucket_scale));
    for (bucket, weight) in [
        (pending, words.get(slot::PENDING_WEIGHT)),
        (waiting.0 * slot::PAGE_LEN + waiting.1, words.get(slot::WAITING_WEIGHT)),
    ] {
        let count = &mut counts[bucket.min(slot::PAGE_COUNT * slot::PAGE_LEN - 1)];
        *count = count.wrapping_add(weight);
    }
}

#[cfg(test)]
mod tests {
    use perf_report::recording::{Now, read};
    use perf_report::{Kind, Timing};

    use super::*;
    use crate::recording::memory::Memory;
    use crate::recording::{CallBegin, CallOutcome, SiteText, test_origin};

    #[test]
    fn totals_are_those_of_a_snapshot() {
        let recording = Recording::start(Memory::heap(1 << 18), None, &test_origin()).unwrap();
        let (kind, timing) = (Kind::Function, Timing::Exact);
        let text = SiteText { kind, timing, line: 1, name: "f", module: "", file: "", budgets: "", names: 0 };
        let site = recording.add_site(&text).unwrap();
        for thread in 1..=3_u64 {
            let shard = recording.acquire_shard().unwrap();
            let slot = shard.new_slot(&recording, site).unwrap();
            for call in 0..thread * 10 {
                let start = shard.begin_call(slot, CallBegin::default(), || thread * 1_000_000 + call * 10_000);
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

    #[test]
    #[cfg(feature = "waits")]
    fn calls_none_of_which_waited_are_in_the_totals() {
        let recording = Recording::start(Memory::heap(1 << 18), None, &test_origin()).unwrap();
        let (kind, timing) = (Kind::Lock, Timing::Waits);
        let text = SiteText { kind, timing, line: 1, name: "l", module: "", file: "", budgets: "", names: 0 };
        let site = recording.add_site(&text).unwrap();
        let shard = recording.acquire_shard().unwrap();
        shard.new_slot(&recording, site).unwrap().count(shard, 7);
        assert_eq!(recording.totals(site).calls, 7);
    }
}
