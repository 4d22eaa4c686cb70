//! A frame: one call in flight.

/// Site id.
pub const SITE: usize = 0;
/// The raw clock at the call's begin; 0 while the frame is being filled.
///
/// Of a call that is only counted it is [`NOT_TIMED`].
pub const START: usize = 1;
/// Ticks of the calls it made.
///
/// Only the writer uses it.
pub const CHILD: usize = 2;
/// Ticks that measuring the calls below took.
///
/// Only the writer uses it.
pub const MEASURING: usize = 3;
/// Adaptive timing: earlier calls for which this one's duration also stands.
///
/// They were counted and not timed. The upper part is the clock since when. Only the writer uses it.
pub const COUNTED: usize = 4;
/// Length of a frame.
pub const LEN: usize = 5;

/// [`START`] of a call that adaptive timing only counts.
pub const NOT_TIMED: u64 = 1;
