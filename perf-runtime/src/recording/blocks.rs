//! The blocks that a shard is made of: slots, the table of further slots, and the arenas they come from.

use perf_report::recording::layout::{ALIGN, shard, slot, slot_table};

use super::Recording;
use super::memory::Words;
use super::shard::Shard;
use super::slot::Slot;

/// Words that a shard takes from the recording at once, to hand out to its own tables and pages.
const ARENA: usize = 1024;

/// Which of a shard's arenas a block is from. Blocks whose twins are used lie together, so that those of the others are pages
/// that nobody touches.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arena {
    /// Of blocks that lead to others: slots and tables.
    Leading,
    /// Of bucket pages and other figures.
    Figures,
}

impl Shard {
    /// Makes a slot for a site. `None` when the recording is full.
    pub(crate) fn new_slot(self, recording: &Recording, site: usize) -> Option<Slot> {
        let (table, index) = match site.checked_sub(shard::SLOT_COUNT) {
            None => (self.0, shard::SLOTS + site),
            Some(index) => (self.slot_table_for(recording, index)?, slot_table::ENTRIES + index),
        };
        let slot = self.allocate(recording, Arena::Leading, slot::LEN)?;
        slot.twins().set(slot::SITE, site as u64);
        slot.twins().set(slot::CALLER, u64::MAX);
        slot.twins().set(slot::OTHER_CALLER, u64::MAX);
        slot.set(slot::SITE, site as u64);
        slot.set(slot::MIN, u64::MAX);
        slot.set(slot::WAITING, u64::MAX);
        recording.link(table, index, slot, self.0);
        if recording.was_cut().is_some() {
            // Or it would be found here by calls to come, and they by nobody.
            table.twins().set_block(index, None);
        }
        Some(Slot(slot))
    }

    /// The table of further slots, replaced by a larger copy if it has no entry `index`.
    fn slot_table_for(self, recording: &Recording, index: usize) -> Option<Words> {
        let old = self.0.twins().block(shard::SLOT_TABLE);
        let len = old.map_or(0, |old| old.twins().get(slot_table::LEN) as usize);
        if let Some(old) = old.filter(|_| index < len) {
            return Some(old);
        }
        let new_len = recording.sites().max(index + 1).max(len * 2).next_multiple_of(64);
        let new = self.allocate(recording, Arena::Leading, slot_table::ENTRIES + new_len)?;
        new.twins().set(slot_table::LEN, new_len as u64);
        new.set(slot_table::LEN, new_len as u64);
        if let Some(old) = old {
            for entry in slot_table::ENTRIES..slot_table::ENTRIES + len {
                if let Some(slot) = old.twins().block(entry) {
                    recording.link(new, entry, slot, self.0);
                }
            }
        }
        recording.link(self.0, shard::SLOT_TABLE, new, self.0);
        Some(new)
    }

    /// All slots of this shard.
    pub(crate) fn slots(self, recording: &Recording) -> impl Iterator<Item = Slot> {
        (1..=recording.sites()).filter_map(move |site| self.slot(site))
    }

    /// Zeroed words for this shard's use.
    #[cold]
    pub(super) fn allocate(self, recording: &Recording, arena: Arena, len: usize) -> Option<Words> {
        let len = len.next_multiple_of(ALIGN);
        let (next, left) = match arena {
            Arena::Leading => (shard::ARENA, shard::ARENA + 1),
            Arena::Figures => (shard::PAGE_ARENA, shard::PAGE_ARENA + 1),
        };
        let twins = self.0.twins();
        let free = twins.block(next).map(|next| (next, twins.get(left) as usize)).filter(|&(_, left)| len <= left);
        let (block, size) = free.or_else(|| {
            let take = |size: usize| Some((recording.allocate(size)?, size));
            take(len.max(ARENA)).or_else(|| take(len))
        })?;
        twins.set_block(next, Some(block.at(len)));
        twins.set(left, (size - len) as u64);
        Some(block)
    }
}
