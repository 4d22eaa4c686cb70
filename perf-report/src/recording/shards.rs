//! Adds the contents of one shard to those of the others: calls in flight, figures of sites, callers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    blocks::{Block, Blocks},
    layout::{WORD_BYTES, edge, edge_table, frame, shard, slot, slot_table},
    slowest::{self, FoundCall},
    sums::{Slot, Sums},
    waiters::{self, Waiter},
};
use crate::Losses;

/// A call in flight as found.
#[derive(Debug)]
pub(super) struct Frame {
    /// Position of its shard in the list of shards.
    pub(super) order: usize,
    pub(super) site: usize,
    pub(super) start: u64,
    pub(super) depth: u32,
    pub(super) tid: u64,
    pub(super) thread: String,
}

/// Sums over the edges of a caller and a callee.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Edge {
    pub(super) calls: u64,
    pub(super) ticks: i128,
    pub(super) unseen: u128,
}

/// The sums of all sites by id; none of sites that have no slot. Those who read shards at once have them in common.
///
/// With sums of its own for each, they would take most of the memory of a reading, as often as there are threads.
#[derive(Debug)]
pub(super) struct SumsOfSites(Vec<Mutex<Option<Box<Sums>>>>);

impl SumsOfSites {
    /// Of no slots yet, of so many sites.
    pub(super) fn new(sites: usize) -> Arc<SumsOfSites> {
        Arc::new(SumsOfSites((0..=sites).map(|_| Mutex::new(None)).collect()))
    }

    /// The highest id and one more.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds to the sums of a site.
    fn add(&self, site: usize, add: impl FnOnce(&mut Sums)) {
        let mut sums = self.0[site].lock().unwrap_or_else(PoisonError::into_inner);
        add(sums.get_or_insert_with(|| Box::new(Sums::new())));
    }

    /// Takes the sums of a site out.
    pub(super) fn take(&self, site: usize) -> Option<Box<Sums>> {
        self.0[site].lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The sums over the shards that were read.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) sums: Arc<SumsOfSites>,
    /// By caller and callee, as the recording has them in one word.
    pub(super) edges: HashMap<u64, Edge>,
    pub(super) frames: Vec<Frame>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) losses: Losses,
    pub(super) last_tick: u64,
    /// Ticks that measuring took, of all threads.
    pub(super) measuring: u128,
    /// Ticks that it took in the thread where it took most.
    pub(super) most_measuring: u64,
    /// Ticks of calls that no annotated call made, as far as they were timed.
    pub(super) outermost: u128,
    /// Number of shards.
    pub(super) shards: u64,
    /// The slowest calls.
    pub(super) slowest: Vec<FoundCall>,
    bucket_scale: u64,
}

/// A slot that an entry points to.
#[derive(Clone, Copy, Debug)]
struct FoundSlot {
    at: usize,
    site: usize,
    /// Where the entry stands.
    pointer: usize,
}

/// A page that a slot points to.
#[derive(Clone, Copy, Debug)]
struct FoundPage {
    at: usize,
    site: usize,
    number: u8,
}

impl Gathered {
    /// Nothing yet. The figures of sites are added to these sums.
    pub(super) fn new(sums: Arc<SumsOfSites>, bucket_scale: u64) -> Gathered {
        let (edges, frames, losses) = (HashMap::new(), Vec::new(), Losses::default());
        Gathered {
            sums,
            edges,
            frames,
            waiters: Vec::new(),
            losses,
            last_tick: 0,
            measuring: 0,
            most_measuring: 0,
            outermost: 0,
            shards: 0,
            slowest: Vec::new(),
            bucket_scale,
        }
    }

    /// Adds what was gathered from other shards, with the same sums of sites.
    pub(super) fn add(&mut self, other: Gathered) {
        for (key, more) in other.edges {
            add_edge(self.edges.entry(key).or_default(), more);
        }
        self.frames.extend(other.frames);
        self.frames.sort_by_key(|frame| frame.order);
        self.waiters.extend(other.waiters);
        self.waiters.sort_by_key(|waiter| waiter.order);
        let (losses, more) = (&mut self.losses, other.losses);
        losses.unattributed_calls = losses.unattributed_calls.saturating_add(more.unattributed_calls);
        losses.deep_calls = losses.deep_calls.saturating_add(more.deep_calls);
        losses.clock_anomalies = losses.clock_anomalies.saturating_add(more.clock_anomalies);
        losses.unbucketed_calls = losses.unbucketed_calls.saturating_add(more.unbucketed_calls);
        losses.deepest = losses.deepest.max(more.deepest);
        self.last_tick = self.last_tick.max(other.last_tick);
        self.measuring += other.measuring;
        self.outermost += other.outermost;
        self.shards += other.shards;
        self.slowest.extend(other.slowest);
        self.most_measuring = self.most_measuring.max(other.most_measuring);
    }

    /// Adds a shard, the one at position `order` in the list. Of its slots, `at_once` are claimed before they are read.
    pub(super) fn shard(&mut self, order: usize, shard: &Block<'_>, at_once: usize, blocks: &mut Blocks<'_>) {
        let losses = &mut self.losses;
        let add = |sum: &mut u64, word| *sum = sum.saturating_add(shard.get(word));
        add(&mut losses.unattributed_calls, shard::UNATTRIBUTED_CALLS);
        add(&mut losses.deep_calls, shard::DEEP_CALLS);
        add(&mut losses.clock_anomalies, shard::CLOCK_ANOMALIES);
        losses.deepest = losses.deepest.max(shard.get(shard::DEEPEST));
        self.last_tick = self.last_tick.max(shard.get(shard::LAST_TICK));
        // Before the frames: a wait that is still in flight there was so when these were read.
        let locks = waiters::locks(shard, blocks);
        self.frames(order, shard, locks, blocks);
        self.slots(shard, at_once, blocks);
        self.edges(shard, blocks);
    }

    /// The calls in flight. A shard that no thread has holds the frames of one that is gone.
    fn frames(&mut self, order: usize, shard: &Block<'_>, locks: Option<Block<'_>>, blocks: &mut Blocks<'_>) {
        let (offset, len) = (shard::BASE as u64, (shard::LEN - shard::BASE) as u64);
        let Some(stack) = blocks.claim(shard.at, shard.at, offset, len, "frame stack of a thread") else { return };
        // The first is the base frame, which no call has: to it all that measuring took is handed up.
        self.measuring += u128::from(stack.words[frame::MEASURING]);
        self.most_measuring = self.most_measuring.max(stack.words[frame::MEASURING]);
        self.outermost += u128::from(stack.words[frame::CHILD]);
        self.shards += 1;
        let (frames, _) = stack.words[shard::FRAMES - shard::BASE..].as_chunks::<{ frame::LEN }>();
        let used = frames.iter().rposition(|frame| frame[frame::SITE] != 0).map_or(0, |last| last as u64 + 1);
        self.losses.deepest = self.losses.deepest.max(used);
        if shard.get(shard::IN_USE) == 0 {
            return;
        }
        let tid = shard.get(shard::TID);
        let name = shard.text(shard::THREAD_NAME, shard::THREAD_NAME_LEN * WORD_BYTES);
        let name = name.trim_end_matches(['\0', '\u{fffd}']);
        let thread = if name.is_empty() { format!("thread {tid}") } else { name.to_owned() };
        if let Some(locks) = locks {
            self.waiters.extend(Waiter::found(order, (tid, &thread), &locks, frames, self.sums.len()));
        }
        // A frame that is taken or given back has no start.
        for (depth, words) in frames.iter().enumerate() {
            let (site, start) = (words[frame::SITE], words[frame::START]);
            if start == 0 || start == frame::NOT_TIMED {
                continue;
            }
            let Some(site) = self.known_site(site, stack.at + (1 + depth) * frame::LEN, blocks) else {
                continue;
            };
            self.last_tick = self.last_tick.max(start);
            self.frames.push(Frame { order, site, start, depth: depth as u32, tid, thread: thread.clone() });
        }
    }

    fn slots(&mut self, shard: &Block<'_>, at_once: usize, blocks: &mut Blocks<'_>) {
        let entries = &shard.words[shard::SLOTS..shard::COUNTERS];
        self.slots_in(shard.at, shard.at + shard::SLOTS, entries, 0, at_once, blocks);
        for (site, &counter) in
            shard.words[shard::COUNTERS..shard::BASE].iter().enumerate().filter(|entry| slot::counted(*entry.1) != 0)
        {
            if let Some(site) = self.known_site(site as u64, shard.at + shard::COUNTERS + site, blocks) {
                self.sums.add(site, |sums| sums.add_counter(counter));
            }
        }
        let offset = shard.get(shard::SLOT_TABLE);
        if offset == 0 {
            return;
        }
        let entries = blocks.peek_in(shard, offset, slot_table::LEN);
        let len = entries.saturating_add(slot_table::ENTRIES as u64);
        let Some(table) = blocks.claim(shard.at + shard::SLOT_TABLE, shard.at, offset, len, "table of functions")
        else {
            return;
        };
        let at = table.at + slot_table::ENTRIES;
        let entries = &table.words[slot_table::ENTRIES..];
        self.slots_in(shard.at, at, entries, shard::SLOT_COUNT, at_once, blocks);
    }

    /// The slots that a list of entries at an absolute offset points to; the first entry is of site `first`.
    ///
    /// They are looked at in the order in which they lie, and their pages after them, unless these are at hand: so a file is
    /// read from its begin to its end and not to and fro.
    fn slots_in(
        &mut self,
        shard_at: usize,
        at: usize,
        entries: &[u64],
        first: usize,
        at_once: usize,
        blocks: &mut Blocks<'_>,
    ) {
        // A slot must not be older than the entry that led to it.
        blocks.forget();
        let (mut slots, mut pages) = (Vec::new(), Vec::new());
        for (index, &offset) in entries.iter().enumerate().filter(|entry| *entry.1 != 0) {
            let (site, pointer) = (first + index, at + index);
            let place = blocks.place(pointer, shard_at, offset, slot::LEN as u64, "slot of a function");
            slots.extend(place.map(|at| FoundSlot { at, site, pointer }));
            if slots.len() == at_once {
                self.found_slots(&mut slots, &mut pages, blocks);
            }
        }
        self.found_slots(&mut slots, &mut pages, blocks);
    }

    fn found_slots(&mut self, slots: &mut Vec<FoundSlot>, pages: &mut Vec<FoundPage>, blocks: &mut Blocks<'_>) {
        slots.sort_unstable_by_key(|slot| slot.at);
        for slot in slots.drain(..) {
            self.found_slot(slot, pages, blocks);
        }
        pages.sort_unstable_by_key(|page| page.at);
        for FoundPage { at, site, number } in pages.drain(..) {
            let Some(counts) = blocks.look(at, slot::PAGE_LEN) else { return };
            self.sums.add(site, |sums| sums.add_page(number, counts));
        }
    }

    fn found_slot(&mut self, found: FoundSlot, pages: &mut Vec<FoundPage>, blocks: &mut Blocks<'_>) {
        let FoundSlot { at, site: id, pointer } = found;
        let mut words: Slot = [0; slot::LEN];
        let Some(seen) = blocks.look(at, slot::LEN) else { return };
        words.copy_from_slice(seen);
        if words[slot::SITE] != id as u64 {
            let site = words[slot::SITE];
            blocks.damage(at + slot::SITE, || format!("the slot of site {id} says that it is of site {site}"));
            return;
        }
        let Some(site) = self.known_site(id as u64, pointer, blocks) else { return };
        for (number, &offset) in (0_u8..).zip(&words[slot::PAGES..slot::PAGES + slot::PAGE_COUNT]) {
            let pointer = at + slot::PAGES + usize::from(number);
            if offset == 0 {
                continue;
            }
            let Some(at) = blocks.place(pointer, 0, offset, slot::PAGE_LEN as u64, "bucket page") else { continue };
            match blocks.at_hand(at, slot::PAGE_LEN) {
                Some(counts) => self.sums.add(site, |sums| sums.add_page(number, counts)),
                None => pages.push(FoundPage { at, site, number }),
            }
        }
        if words[slot::SLOWEST] != 0 {
            self.slowest.extend(slowest::read(site, at + slot::SLOWEST, words[slot::SLOWEST], blocks));
        }
        let bucket_scale = self.bucket_scale;
        self.sums.add(site, |sums| sums.add_slot(&words, bucket_scale));
        let unbucketed = &mut self.losses.unbucketed_calls;
        *unbucketed = unbucketed.saturating_add(words[slot::UNBUCKETED]);
    }

    fn edges(&mut self, shard: &Block<'_>, blocks: &mut Blocks<'_>) {
        let offset = shard.get(shard::EDGE_TABLE);
        if offset == 0 {
            return;
        }
        let entries = blocks.peek_in(shard, offset, edge_table::MASK).saturating_add(1);
        let len = entries.saturating_mul(edge::LEN as u64).saturating_add(edge_table::ENTRIES as u64);
        let Some(table) = blocks.claim(shard.at + shard::EDGE_TABLE, shard.at, offset, len, "table of callers") else {
            return;
        };
        let (entries, _) = table.words[edge_table::ENTRIES..].as_chunks::<{ edge::LEN }>();
        for (entry, words) in entries.iter().enumerate().filter(|entry| entry.1[edge::KEY] != 0) {
            let (key, at) = (words[edge::KEY], table.at + edge_table::ENTRIES + entry * edge::LEN);
            let caller = key >> 32;
            if self.known_site(key & u64::from(u32::MAX), at, blocks).is_some()
                && (caller == 0 || self.known_site(caller, at, blocks).is_some())
            {
                let (ticks, unseen) = (words[edge::TICKS].cast_signed().into(), words[edge::UNSEEN].into());
                add_edge(self.edges.entry(key).or_default(), Edge { calls: words[edge::CALLS], ticks, unseen });
            }
        }
    }

    /// A site id read at a word, if there is such a site. In a growing recording it may be younger than the site list.
    fn known_site(&self, id: u64, at: usize, blocks: &mut Blocks<'_>) -> Option<usize> {
        let known = usize::try_from(id).ok().filter(|&id| id != 0 && id < self.sums.len());
        if known.is_none() && (id == 0 || !blocks.growing()) {
            let sites = self.sums.len() - 1;
            blocks.damage(at, || format!("site {id} does not exist: there are {sites}"));
        }
        known
    }
}

fn add_edge(sum: &mut Edge, more: Edge) {
    sum.calls = sum.calls.saturating_add(more.calls);
    sum.ticks += more.ticks;
    sum.unseen += more.unseen;
}
