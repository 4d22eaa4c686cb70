//! The tree of stacks that were seen, in the recording, where it outlives the process. See
//! [`layout::stacks`](perf_report::recording::layout::stacks).
//!
//! Its only writer is the thread that samples. It allocates nothing but chunks of the recording, because the program's allocator
//! may be annotated too: which children a node has stands in the twins of the nodes.

use perf_report::recording::layout::stacks::{
    CHUNK_COUNT, CHUNKS_AT, CUT, FOLDED, IN_MOTION, LEN, LOOKS, NODE_COUNT, NODES, PERIOD_NS, WATCHED, node,
};
use perf_report::recording::layout::{header, shard};

use super::Recording;
use super::memory::Words;
use super::shard::Shard;
use super::stack_look::StackLook;

/// In a node's twins: its newest child, 0 for none.
const FIRST_CHILD: usize = node::SAMPLES;
/// In a node's twins: the next older child of its parent, 0 for none.
const SIBLING: usize = node::PARENT;

/// The tree of a recording.
#[derive(Debug)]
pub(crate) struct StackTree<'r> {
    recording: &'r Recording,
    period_ns: u64,
    block: Words,
    look: StackLook,
}

impl<'r> StackTree<'r> {
    /// Goes on with the tree of a recording, or begins it. `None` if there is no room.
    pub(crate) fn of(recording: &'r Recording, period_ns: u64) -> Option<StackTree<'r>> {
        recording.admit_thread();
        let block = recording.header().twins().block_acquire(header::STACKS).or_else(|| allocate(recording))?;
        block.set(PERIOD_NS, period_ns);
        Some(StackTree { recording, period_ns, block, look: StackLook::new() })
    }

    /// Whether it is that of a recording, for looks with so much time in between.
    pub(crate) fn is_of(&self, recording: &Recording, period_ns: u64) -> bool {
        std::ptr::eq(self.recording, recording) && self.period_ns == period_ns
    }

    /// Looks at all threads, and adds what is seen, `ticks` after the look before.
    ///
    /// A thread that came since then was not there for all the time, but others of its kind came and went unseen.
    pub(crate) fn look(&mut self, ticks: u64) {
        self.block.add(LOOKS, 1);
        self.block.add(WATCHED, ticks);
        for words in self.recording.shards().filter(|words| words.twins().get(shard::IN_USE) != 0) {
            self.look.at(Shard(words));
            self.add(ticks);
        }
    }

    /// Adds the stack that was seen last.
    fn add(&mut self, ticks: u64) {
        let look = &self.look;
        self.block.add(IN_MOTION, u64::from(look.in_motion));
        self.block.add(CUT, u64::from(look.is_cut));
        let (mut at, sites) = (0, self.recording.sites() as u64);
        for &site in look.chain() {
            // Frames can be overwritten by whoever has the file.
            match self.child(at, site).filter(|_| site <= sites) {
                Some(child) => at = child,
                None => {
                    self.block.add(FOLDED, 1);
                    break;
                }
            }
        }
        if let Some(node) = self.node(at) {
            node.add(node::SAMPLES, 1);
            node.add(node::TICKS, ticks);
        }
    }

    /// A node. `None` if the recording was cut.
    fn node(&self, number: usize) -> Option<Words> {
        let chunk = self.block.twins().block(CHUNKS_AT + number / NODE_COUNT)?;
        Some(chunk.at(number % NODE_COUNT * node::LEN))
    }

    /// The node for the calls of a site within another node, made if need be. `None` if there is no room.
    fn child(&self, parent: usize, site: u64) -> Option<usize> {
        let parent_twins = self.node(parent)?.twins();
        let first = parent_twins.get(FIRST_CHILD);
        let mut next = first;
        while next != 0 {
            let twins = self.node(next as usize)?.twins();
            if twins.get(node::SITE) == site {
                return Some(next as usize);
            }
            next = twins.get(SIBLING);
        }
        let number = self.block.twins().get(NODES) as usize;
        let node = self.new_node(number)?;
        node.set(node::PARENT, parent as u64);
        node.set(node::SITE, site);
        node.twins().set(node::SITE, site);
        node.twins().set(SIBLING, first);
        parent_twins.set(FIRST_CHILD, number as u64);
        self.block.twins().set(NODES, number as u64 + 1);
        self.block.publish(NODES, number as u64 + 1);
        Some(number)
    }

    /// The first node that is not in use.
    fn new_node(&self, number: usize) -> Option<Words> {
        if number == 0 || number == CHUNK_COUNT * NODE_COUNT {
            // Cut, or full.
            return None;
        }
        if number.is_multiple_of(NODE_COUNT) && self.node(number).is_none() {
            let chunk = self.recording.allocate(NODE_COUNT * node::LEN)?;
            self.recording.link(self.block, CHUNKS_AT + number / NODE_COUNT, chunk, self.recording.header());
        }
        self.node(number)
    }
}

fn allocate(recording: &Recording) -> Option<Words> {
    let block = recording.allocate(LEN)?;
    let chunk = recording.allocate(NODE_COUNT * node::LEN)?;
    recording.link(block, CHUNKS_AT, chunk, recording.header());
    // The first node is all zeros.
    block.twins().set(NODES, 1);
    block.set(NODES, 1);
    recording.link(recording.header(), header::STACKS, block, recording.header());
    Some(block)
}
