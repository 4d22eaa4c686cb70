//! The allocations of each call in flight, beside the frame stack.
//!
//! An entry holds the allocations that the call has made so far. Only the writer uses it; entry 0 is the base frame's, and of no use.

/// Allocations by the call itself.
pub const COUNT: usize = 0;
/// Bytes of those.
pub const BYTES: usize = 1;
/// Allocations by the calls that this one made.
pub const CHILD_COUNT: usize = 2;
/// Bytes of those.
pub const CHILD_BYTES: usize = 3;
/// Length of an entry.
pub const ENTRY: usize = 4;
/// Length of the stack.
pub const LEN: usize = (1 + super::shard::FRAME_COUNT) * ENTRY;
