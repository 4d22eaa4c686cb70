//! Stacks of calls that were seen at intervals, as a tree from the outermost calls inwards.
//!
//! A node stands for a chain of calls: its own, and those of its parents up to the first node, which stands for code that is not
//! annotated. A node is never moved, and its parent has a lower number. Whoever samples is the only writer.

/// Mean time between two looks, in ns.
pub const PERIOD_NS: usize = 0;
/// Looks at all threads. Each adds one sample per thread.
pub const LOOKS: usize = 1;
/// Samples that were taken while some of the stack's calls began or ended.
///
/// Of them, the innermost call is there and the outer ones that stood still; what was between is there if such calls are known.
pub const IN_MOTION: usize = 2;
/// Samples for whose innermost calls the tree had no room.
///
/// They stand at the deepest node that there was.
pub const FOLDED: usize = 3;
/// Samples of stacks of more than [`DEPTH_COUNT`] calls.
///
/// Calls between the outer ones and the innermost were left out.
pub const CUT: usize = 4;
/// Nodes in use.
pub const NODES: usize = 5;
/// Ticks that passed from look to look.
///
/// Time in which nothing was recorded or sampled is not among them.
pub const WATCHED: usize = 6;
/// Absolute offsets of the chunks of nodes.
pub const CHUNKS_AT: usize = 8;
/// Most chunks.
pub const CHUNK_COUNT: usize = 16;
/// Length of the block.
pub const LEN: usize = CHUNKS_AT + CHUNK_COUNT;

/// Nodes of a chunk.
pub const NODE_COUNT: usize = 4096;
/// Most calls of a stack that are kept.
pub const DEPTH_COUNT: usize = 128;

/// A node.
pub mod node {
    /// Number of the parent; the first node's is 0, which is its own.
    pub const PARENT: usize = 0;
    /// Site of the call; 0 of the first node alone.
    pub const SITE: usize = 1;
    /// Samples whose innermost call it was.
    pub const SAMPLES: usize = 2;
    /// Ticks that passed between those samples and the looks before.
    pub const TICKS: usize = 3;
    /// Length of a node.
    pub const LEN: usize = 4;
}
