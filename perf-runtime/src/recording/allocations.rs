//! Allocations per call, where the counting allocator is installed: a stack beside the frame stack, of what the thread had
//! allocated when each call began. See [`layout::allocation_stack`](perf_report::recording::layout::allocation_stack).

use perf_report::recording::layout::{allocation_stack, frame, header, shard, slot};

use super::memory::Words;
use super::{Recording, Shard, Slot};
use crate::allocations::{Counted, counted, heap, is_installed};

impl Recording {
    /// Gives a shard a stack for allocations, if they are counted and there is room.
    pub(super) fn prepare_allocations(&self, words: Words) {
        if is_installed()
            && words.get(shard::ALLOCATION_STACK) == 0
            && let Some(stack) = self.allocate(allocation_stack::LEN)
        {
            words.set(shard::ALLOCATION_STACK, self.distance(words, stack) as u64);
        }
    }

    /// Notes the heap's figures, if allocations are counted.
    pub(crate) fn note_heap(&self) {
        let Some(heap) = heap() else { return };
        for (word, value) in [
            (header::HEAP_LIVE, heap.live),
            (header::HEAP_PEAK, heap.peak),
            (header::HEAP_ALLOCATIONS, heap.allocations),
            (header::HEAP_ALLOCATED, heap.allocated),
            (header::HEAP_FREES, heap.frees),
        ] {
            self.header().set(word, value);
        }
    }
}

impl Shard {
    /// The entry beside a frame.
    fn allocations(self, frame: usize) -> Option<Words> {
        let index = (frame - shard::BASE) / frame::LEN;
        match self.0.get(shard::ALLOCATION_STACK) as usize {
            0 => None,
            stack => Some(self.0.at(stack + index * allocation_stack::ENTRY)),
        }
    }

    /// The call of a frame begins.
    pub(super) fn begin_allocations(self, frame: usize) {
        let Some(entry) = self.allocations(frame) else { return };
        let Counted { count, bytes } = counted();
        entry.set(allocation_stack::COUNT, count);
        entry.set(allocation_stack::BYTES, bytes);
        entry.set(allocation_stack::CHILD_COUNT, 0);
        entry.set(allocation_stack::CHILD_BYTES, 0);
    }

    /// The call of a frame, whose slot this is, has ended.
    pub(super) fn end_allocations(self, frame: usize, Slot(slot): Slot, outermost: bool) {
        let (Some(entry), Some(caller)) = (self.allocations(frame), self.allocations(frame - frame::LEN)) else {
            return;
        };
        let now = counted();
        for (now, then, child, all, own) in [
            (
                now.count,
                allocation_stack::COUNT,
                allocation_stack::CHILD_COUNT,
                slot::ALLOCATIONS,
                slot::SELF_ALLOCATIONS,
            ),
            (now.bytes, allocation_stack::BYTES, allocation_stack::CHILD_BYTES, slot::ALLOCATED, slot::SELF_ALLOCATED),
        ] {
            let during = now.saturating_sub(entry.get(then));
            slot.add(own, during.saturating_sub(entry.get(child)));
            if outermost {
                slot.add(all, during);
            }
            caller.add(child, during);
        }
    }
}
