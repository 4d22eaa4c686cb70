//! An edge: calls of one callee by one caller.

/// `caller id << 32 | callee id`; 0 while the entry is free.
///
/// The caller is 0 for code that is not annotated.
pub const KEY: usize = 0;
/// Calls.
pub const CALLS: usize = 1;
/// Ticks of the outermost calls.
///
/// They are without what measuring below them took: a signed number.
pub const TICKS: usize = 2;
/// Ticks that the caller's self time holds too much.
///
/// Sampled calls of the callee stand for more self time than was measured; the difference is this.
pub const UNSEEN: usize = 3;
/// Length of an edge.
pub const LEN: usize = 4;
