//! The edge table of a shard: who called whom, how often, for how long.
//!
//! A hash table with open addressing, keyed by (caller, callee). A table per thread rather than a list per function keeps
//! the look-up to one probe also when a function has hundreds of callers or callees. Its keys and its size are looked up in twins.

use perf_report::recording::layout::{edge, edge_table, shard, slot};

use super::Recording;
use super::blocks::Arena;
use super::memory::Words;
use super::shard::Shard;
use super::slot::Slot;

/// Entries of a new table; a power of two.
const FIRST_ENTRIES: usize = 32;

/// Calls of a function by one caller, to be added to their edge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeIncrement {
    /// Site of the caller, 0 for code that is not annotated.
    pub(crate) caller: u64,
    /// Calls that ended.
    pub(crate) calls: u64,
    /// Ticks, 0 within an outer call of the same function.
    pub(crate) ticks: u64,
    /// Ticks of self time beyond those measured.
    pub(crate) unseen: u64,
    /// Calls of the same function that are still in flight.
    pub(crate) active: u64,
}

impl Shard {
    /// Adds to an edge, and keeps its place in the slot: the next call is likely to be of the same caller.
    pub(crate) fn record_edge(self, recording: &Recording, Slot(slot): Slot, increment: EdgeIncrement) {
        let twins = slot.twins();
        if twins.get(slot::CALLER) != increment.caller {
            let key = increment.caller << 32 | twins.get(slot::SITE);
            let Some(edge) = self.find_edge(key).or_else(|| self.insert_edge(recording, key)) else {
                return self.0.add(shard::UNATTRIBUTED_CALLS, increment.calls);
            };
            if !self.may_keep_caller(increment.active) {
                return add_to(edge, increment);
            }
            twins.set(slot::CALLER, increment.caller);
            twins.set(slot::EDGE, self.0.distance(edge) as u64);
        }
        let edge = self.0.at(twins.get(slot::EDGE) as usize);
        add_to(edge, increment);
    }

    /// The entry with a key.
    pub(super) fn find_edge(self, key: u64) -> Option<Words> {
        let entry = probe_table(self.edge_table()?, key);
        (entry.twins().get(edge::KEY) == key).then_some(entry)
    }

    /// A new entry for a key that has none.
    fn insert_edge(self, recording: &Recording, key: u64) -> Option<Words> {
        let mut table = self.edge_table();
        let full = |table: Words| {
            let entries = table.twins().get(edge_table::MASK) + 1;
            // At most three quarters, so that probes stay short and always end.
            (table.twins().get(edge_table::COUNT) + 1) * 4 > entries * 3
        };
        if table.is_none_or(full) {
            table = self.grow_edge_table(recording, table).or(table.filter(|table| {
                // No room to grow: the old table may fill up but for one entry, which ends the probes.
                table.twins().get(edge_table::COUNT) < table.twins().get(edge_table::MASK)
            }));
        }
        let table = table?;
        let entry = probe_table(table, key);
        entry.twins().set(edge::KEY, key);
        entry.publish(edge::KEY, key);
        table.twins().add(edge_table::COUNT, 1);
        Some(entry)
    }

    fn edge_table(self) -> Option<Words> {
        self.0.twins().block(shard::EDGE_TABLE)
    }

    /// A table of twice the size with the entries of the old one, published by one store.
    fn grow_edge_table(self, recording: &Recording, old: Option<Words>) -> Option<Words> {
        let old_entries = old.map_or(0, |old| old.twins().get(edge_table::MASK) as usize + 1);
        let entries = (old_entries * 2).max(FIRST_ENTRIES);
        let new = self.allocate(recording, Arena::Leading, edge_table::ENTRIES + entries * edge::LEN)?;
        new.twins().set(edge_table::MASK, entries as u64 - 1);
        new.set(edge_table::MASK, entries as u64 - 1);
        if let Some(old) = old {
            for index in 0..old_entries {
                let from = old.at(edge_table::ENTRIES + index * edge::LEN);
                let key = from.twins().get(edge::KEY);
                if key != 0 {
                    let to = probe_table(new, key);
                    to.twins().set(edge::KEY, key);
                    to.set(edge::KEY, key);
                    for word in edge::KEY + 1..edge::LEN {
                        to.set(word, from.get(word));
                    }
                }
            }
            new.twins().set(edge_table::COUNT, old.twins().get(edge_table::COUNT));
        }
        recording.link(self.0, shard::EDGE_TABLE, new, self.0);
        // The places that the slots keep are in the old table.
        for Slot(slot) in self.slots(recording) {
            slot.twins().set(slot::CALLER, u64::MAX);
            slot.twins().set(slot::OTHER_CALLER, u64::MAX);
        }
        Some(new)
    }
}

fn add_to(edge: Words, increment: EdgeIncrement) {
    edge.add(edge::CALLS, increment.calls);
    edge.add(edge::TICKS, increment.ticks);
    edge.add(edge::UNSEEN, increment.unseen);
}

/// The entry with the key, or the free one where it belongs.
fn probe_table(table: Words, key: u64) -> Words {
    let mask = table.twins().get(edge_table::MASK);
    // Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4): the high bits of the product depend on all bits of the key.
    let mut index = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    loop {
        let entry = table.at(edge_table::ENTRIES + (index & mask) as usize * edge::LEN);
        let found = entry.twins().get(edge::KEY);
        if found == key || found == 0 {
            return entry;
        }
        index += 1;
    }
}
