//! An edge: calls of one callee by one caller.

/// `caller id << 32 | callee id`, caller 0 for code that is not annotated; 0 when the entry is free.
pub const KEY: usize = 0;
/// Calls.
pub const CALLS: usize = 1;
/// Ticks of the outermost calls.
pub const TICKS: usize = 2;
/// Ticks of self time that sampled calls of the callee stand for beyond those measured: the caller's self time holds
/// them too much.
pub const UNSEEN: usize = 3;
/// Length of an edge.
pub const LEN: usize = 4;
