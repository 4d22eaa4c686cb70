//! A shard's table of further slots, for sites from [`SLOT_COUNT`](super::shard::SLOT_COUNT) on.

/// Number of entries.
pub const LEN: usize = 0;
/// Start of the entries: the slots' offsets relative to the shard.
pub const ENTRIES: usize = 8;
