//! The sums of one site over all shards.
//!
//! All that is added here may be added in any order, and in parts: sums saturate (or wrap, where some summands are negative), and
//! are the same then.

use super::layout::{HIGHEST_NS, bucket_index, slot};
use crate::Kind;

/// The words of a slot.
pub(super) type Slot = [u64; slot::LEN];

/// The counts of a bucket page.
type Page = [u64; slot::PAGE_LEN];

/// How many sums there are that are 0 of most sites.
const RARE: usize = 20;

/// Sums over the slots of a site; times in ticks.
#[derive(Debug)]
pub(super) struct Sums {
    pub(super) ticks: u128,
    /// The time that measuring below the calls took.
    pub(super) measuring_ticks: u128,
    pub(super) self_ticks: u128,
    pub(super) nested_ticks: i128,
    pub(super) busy_ticks: i128,
    /// Ticks of the longest poll.
    pub(super) longest_poll: u64,
    /// Bytes of a future.
    pub(super) future_bytes: u64,
    /// `u64::MAX` when there was no call.
    pub(super) shortest: u64,
    pub(super) longest: u64,
    pub(super) timed: u64,
    /// Calls that were counted and not timed.
    pub(super) counted: u64,
    pub(super) unbucketed: u64,
    pub(super) over_range: u64,
    pub(super) unwound: u64,
    /// A negative number where some ended after all of which not all shards know yet.
    pub(super) abandoned: i64,
    pub(super) started: u64,
    pub(super) cancelled: u64,
    pub(super) polls: u64,
    /// Allocations and bytes, then both without those of callees.
    pub(super) allocations: [u64; 4],
    /// Bytes and failures.
    pub(super) transfer: [u64; 2],
    /// Redirections, errors of clients, errors of servers.
    pub(super) statuses: [u64; 3],
    /// How many sizes were told of, and their sum.
    pub(super) sizes: [u64; 2],
    pub(super) largest: u64,
    /// See [`slot::CAPACITY`].
    pub(super) capacity: u64,
    /// When the latest size was told of, and that size.
    pub(super) latest: (u64, u64),
    /// Of futures that are no requests: those that were never polled.
    pub(super) never_polled: u64,
    /// By number, those that any slot has.
    pages: [Option<Box<Page>>; slot::PAGE_COUNT],
}

impl Sums {
    /// Of no slot.
    pub(super) fn new() -> Sums {
        Sums {
            ticks: 0,
            measuring_ticks: 0,
            self_ticks: 0,
            nested_ticks: 0,
            busy_ticks: 0,
            longest_poll: 0,
            future_bytes: 0,
            shortest: u64::MAX,
            longest: 0,
            timed: 0,
            counted: 0,
            unbucketed: 0,
            over_range: 0,
            unwound: 0,
            abandoned: 0,
            started: 0,
            cancelled: 0,
            polls: 0,
            allocations: [0; 4],
            transfer: [0; 2],
            statuses: [0; 3],
            sizes: [0; 2],
            largest: 0,
            capacity: 0,
            latest: (0, 0),
            never_polled: 0,
            pages: [const { None }; slot::PAGE_COUNT],
        }
    }

    /// Adds a slot, without its pages.
    pub(super) fn add_slot(&mut self, words: &Slot, bucket_scale: u64) {
        self.ticks += u128::from(words[slot::SUM]);
        self.measuring_ticks += u128::from(words[slot::MEASURING]);
        self.self_ticks += u128::from(words[slot::SELF]);
        self.nested_ticks += i128::from(words[slot::NESTED].cast_signed());
        self.busy_ticks += i128::from(words[slot::BUSY].cast_signed());
        self.shortest = self.shortest.min(words[slot::MIN]);
        self.longest = self.longest.max(words[slot::MAX]);
        self.longest_poll = self.longest_poll.max(words[slot::LONGEST_POLL]);
        self.future_bytes = self.future_bytes.max(words[slot::FUTURE_BYTES]);
        self.add_rare([
            words[slot::TIMED],
            slot::counted(words[slot::COUNTER]),
            words[slot::UNBUCKETED],
            words[slot::OVER_RANGE],
            words[slot::UNWOUND],
            words[slot::STARTED],
            words[slot::CANCELLED],
            words[slot::POLLS],
            words[slot::ALLOCATIONS],
            words[slot::ALLOCATED],
            words[slot::SELF_ALLOCATIONS],
            words[slot::SELF_ALLOCATED],
            words[slot::BYTES],
            words[slot::FAILED],
            words[slot::REDIRECTIONS],
            words[slot::CLIENT_ERRORS],
            words[slot::SERVER_ERRORS],
            words[slot::SIZES],
            words[slot::SIZE_SUM],
            words[slot::NEVER_POLLED],
        ]);
        if words[slot::SIZES] != 0 {
            self.largest = self.largest.max(words[slot::LARGEST]);
            self.capacity = self.capacity.max(words[slot::CAPACITY]);
            self.latest = self.latest.max((words[slot::LATEST_AT], words[slot::LATEST]));
        }
        self.add_abandoned(words[slot::ABANDONED].cast_signed());
        // The last two calls are on their way to the buckets.
        let pending_ns = ((u128::from(words[slot::PENDING]) * u128::from(bucket_scale)) >> 64) as u64;
        self.count(bucket_index(pending_ns.min(HIGHEST_NS)), words[slot::PENDING_WEIGHT]);
        let (page, entry) = slot::waiting_place(words[slot::WAITING]);
        self.count(page * slot::PAGE_LEN + entry, words[slot::WAITING_WEIGHT]);
    }

    /// Adds a counter of calls that adaptive timing only counted, which does not stand in the slot.
    pub(super) fn add_counter(&mut self, counter: u64) {
        self.counted = self.counted.saturating_add(slot::counted(counter));
    }

    /// Whether its records are lives of futures, and its calls their polls: of futures always, and of a wait or span that was polled.
    pub(super) fn are_of_polls(&self, kind: Kind) -> bool {
        kind == Kind::Future || self.started > 0 || self.polls > 0
    }

    /// How many calls the sums are of, so far as durations are known: weights of the buckets, and calls that are in none.
    pub(super) fn records(&self) -> u64 {
        self.buckets().fold(self.unbucketed, |sum, bucket| sum.saturating_add(bucket.1))
    }

    /// Adds what most sites have none of. Then the sums, which are far apart in memory from site to site, need not be touched.
    fn add_rare(&mut self, more: [u64; RARE]) {
        if more != [0; RARE] {
            self.rare().into_iter().zip(more).for_each(|(sum, more)| *sum = sum.saturating_add(more));
        }
    }

    fn add_abandoned(&mut self, more: i64) {
        if more != 0 {
            self.abandoned = self.abandoned.wrapping_add(more);
        }
    }

    fn rare(&mut self) -> [&mut u64; RARE] {
        let [allocations, allocated, self_allocations, self_allocated] = &mut self.allocations;
        let [bytes, failed] = &mut self.transfer;
        let [redirections, client_errors, server_errors] = &mut self.statuses;
        let [sizes, size_sum] = &mut self.sizes;
        [
            &mut self.timed,
            &mut self.counted,
            &mut self.unbucketed,
            &mut self.over_range,
            &mut self.unwound,
            &mut self.started,
            &mut self.cancelled,
            &mut self.polls,
            allocations,
            allocated,
            self_allocations,
            self_allocated,
            bytes,
            failed,
            redirections,
            client_errors,
            server_errors,
            sizes,
            size_sum,
            &mut self.never_polled,
        ]
    }

    /// Counts calls in a bucket; in the highest, if there is none of that index.
    fn count(&mut self, bucket: usize, weight: u64) {
        if weight > 0 {
            let bucket = bucket.min(slot::PAGE_COUNT * slot::PAGE_LEN - 1);
            let count = &mut self.page((bucket / slot::PAGE_LEN) as u8)[bucket % slot::PAGE_LEN];
            *count = count.saturating_add(weight);
        }
    }

    /// Adds the counts of a page.
    pub(super) fn add_page(&mut self, number: u8, counts: &[u64]) {
        /// Counts of a cache line. Where all are 0, as most are, the sums need not be touched.
        const LINE: usize = 8;
        let sums = self.page(number);
        for (sums, counts) in sums.as_chunks_mut::<LINE>().0.iter_mut().zip(counts.as_chunks::<LINE>().0) {
            if counts.iter().fold(0, |any, count| any | count) != 0 {
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
            }
        }
    }

    fn page(&mut self, number: u8) -> &mut Page {
        self.pages[usize::from(number)].get_or_insert_with(|| Box::new([0; slot::PAGE_LEN]))
    }

    /// The occupied buckets by rising index, and their counts.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (usize, u64)> {
        self.pages.iter().enumerate().flat_map(|(number, counts)| {
            let counts = counts.iter().flat_map(|counts| counts.iter().copied());
            (number * slot::PAGE_LEN..).zip(counts).filter(|bucket| bucket.1 > 0)
        })
    }
}
