//! Allocations per call, where the counting allocator is installed: a stack beside the frame stack, of what each call in flight has
//! allocated. See [`layout::allocation_stack`](perf_report::recording::layout::allocation_stack).
//!
//! The allocator tells the shard of each allocation ([`Shard::count_allocation`]), which adds it to the entry of the innermost call. So a
//! call that allocates nothing costs what it costs without the allocator. The end of a call finds out whether there is anything to be
//! added by what it looks at anyway: the first allocation takes the usual caller from the slot of a call that is timed, so that it ends
//! [in place](super::in_place) or by the slow path, and it adds a tick to what measuring took of a call that is only counted, which is
//! then handed up. All entries above the innermost call's are 0.

use perf_report::recording::layout::{allocation_stack, frame, header, shard, slot};

use super::memory::Words;
use super::{Recording, Shard, Slot};
use crate::allocations::{heap, is_installed};

impl Recording {
    /// Gives a shard a stack for allocations, if they are counted and there is room.
    pub(super) fn prepare_allocations(&self, words: Words) {
        if is_installed()
            && words.twins().block(shard::ALLOCATION_STACK).is_none()
            && let Some(stack) = self.allocate(allocation_stack::LEN)
        {
            self.link(words, shard::ALLOCATION_STACK, stack, words);
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
    /// Whether it has a stack for allocations.
    #[inline]
    pub(super) fn counts_allocations(self) -> bool {
        self.0.twins().block(shard::ALLOCATION_STACK).is_some()
    }

    /// The entry beside a frame.
    #[inline]
    fn allocations(self, frame: usize) -> Option<Words> {
        let stack = self.0.twins().block(shard::ALLOCATION_STACK)?;
        Some(stack.at(frame / frame::LEN * allocation_stack::ENTRY))
    }

    /// The shard's thread has allocated memory, in its innermost call.
    #[inline]
    pub(crate) fn count_allocation(self, bytes: u64) {
        let top = self.top();
        if top == 0 {
            return;
        }
        let Some(entry) = self.allocations(top) else { return };
        if entry.get(allocation_stack::COUNT) == 0 {
            self.mark_allocating(top);
        }
        entry.add(allocation_stack::COUNT, 1);
        entry.add(allocation_stack::BYTES, bytes);
    }

    /// Has the call of a frame end by a way that looks at its allocations.
    fn mark_allocating(self, at: usize) {
        let frame = self.frame(at);
        if frame.get(frame::START) == frame::NOT_TIMED {
            frame.add(frame::MEASURING, 1);
        } else if let Some(Slot(slot)) = self.slot(frame.get(frame::SITE) as usize) {
            slot.twins().set(slot::CALLER, u64::MAX);
        }
    }

    /// The call of a frame, whose slot this is, has ended. Those below it are in flight still.
    pub(super) fn end_allocations(self, frame: usize, Slot(slot): Slot) {
        let Some(entry) = self.allocations(frame) else { return };
        let words = [
            (allocation_stack::COUNT, allocation_stack::CHILD_COUNT, slot::ALLOCATIONS, slot::SELF_ALLOCATIONS),
            (allocation_stack::BYTES, allocation_stack::CHILD_BYTES, slot::ALLOCATED, slot::SELF_ALLOCATED),
        ];
        if words.iter().all(|&(own, child, ..)| entry.get(own) | entry.get(child) == 0) {
            return;
        }
        let below = frame - frame::LEN;
        let site = slot.twins().get(slot::SITE);
        let is_outermost = !(frame::LEN..frame).step_by(frame::LEN).any(|at| self.frame(at).get(frame::SITE) == site);
        let caller = if below > 0 { self.allocations(below) } else { None };
        if caller.is_some() {
            self.mark_allocating(below);
        }
        for (own, child, all_sum, own_sum) in words {
            let its = entry.get(own);
            let all = its.wrapping_add(entry.get(child));
            slot.add(own_sum, its);
            if is_outermost {
                slot.add(all_sum, all);
            }
            if let Some(caller) = caller {
                caller.add(child, all);
            }
        }
        self.empty_allocations(frame);
    }

    /// The call of a frame that is only counted has ended.
    pub(super) fn end_counted_allocations(self, frame: usize) {
        if let Some(slot) = self.slot(self.frame(frame).get(frame::SITE) as usize) {
            self.end_allocations(frame, slot);
        }
    }

    /// Forgets what the call of a frame has allocated.
    pub(super) fn empty_allocations(self, frame: usize) {
        if let Some(entry) = self.allocations(frame) {
            for word in [
                allocation_stack::COUNT,
                allocation_stack::BYTES,
                allocation_stack::CHILD_COUNT,
                allocation_stack::CHILD_BYTES,
            ] {
                entry.set(word, 0);
            }
        }
    }
}
