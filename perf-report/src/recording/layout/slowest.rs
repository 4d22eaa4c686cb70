//! The slowest calls of a site in one thread, as far as they were looked at: those of trace windows, and all of labelled functions.
//!
//! The entries are in no order. One that is being replaced has a duration of 0.

/// Most calls.
pub const CALL_COUNT: usize = 5;
/// Length of the block.
pub const LEN: usize = (CALL_COUNT * call::LEN).next_multiple_of(super::ALIGN);

/// A call.
pub mod call {
    /// How long it took, in ticks, as a slot's [`PENDING`](super::super::slot::PENDING); 0 if there is none.
    pub const TICKS: usize = 0;
    /// The raw clock at its end.
    pub const END: usize = 1;
    /// System id of its thread.
    pub const TID: usize = 2;
    /// Length of the label in bytes; 0 if it has none.
    pub const LABEL_BYTES: usize = 3;
    /// Number of calls around it.
    pub const DEPTH: usize = 4;
    /// Sites of the calls around it, two in a word, from its caller outwards.
    ///
    /// As many as there is room for; of a word the lower half comes first.
    pub const CALLERS: usize = 5;
    /// Most callers that are kept.
    pub const CALLER_COUNT: usize = 14;
    /// Name of its thread, as the shard's.
    pub const THREAD_NAME: usize = CALLERS + CALLER_COUNT / 2;
    /// The label, UTF-8.
    pub const LABEL: usize = THREAD_NAME + super::super::shard::THREAD_NAME_LEN;
    /// Words of the label.
    pub const LABEL_LEN: usize = 8;
    /// Length of an entry.
    pub const LEN: usize = LABEL + LABEL_LEN;
}
