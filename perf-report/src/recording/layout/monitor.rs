//! The monitor: a timeline of the process, and the alerts.
//!
//! Times are ns since the recording began, by the system's monotonic clock.

/// Time between two samples, in ns.
pub const INTERVAL_NS: usize = 0;
/// Samples taken.
pub const SAMPLES: usize = 1;
/// Time that taking them took, in ns.
pub const SAMPLING_NS: usize = 2;
/// Processors that the process may use.
pub const CORES: usize = 3;
/// Memory that the process may use, in bytes.
pub const MEMORY_BYTES: usize = 4;
/// Number of metrics of a point: as many as [`Metric::ALL`](crate::monitor::Metric::ALL) had for the writer.
pub const METRICS: usize = 5;
/// Points that each of the two areas has room for.
pub const POINTS: usize = 6;
/// The area in use (0 or 1), and how many points of it.
///
/// The area is in the upper half of the word. When it is full, its points are merged in pairs into the other area,
/// so that one store switches over.
pub const ACTIVE: usize = 7;
/// Relative offsets of the two areas: points, one after the other.
pub const AREAS: usize = 8;
/// Absolute offset of the newest [`alert`](super::alert); each points at the next older one.
pub const ALERTS: usize = 10;
/// Channels that a point has room for, behind its metrics.
pub const CHANNELS: usize = 11;
/// Absolute offset of the newest record of a channel over time.
///
/// Each points at the next older one.
pub const CHANNEL_LIST: usize = 12;
/// Length of the block.
pub const LEN: usize = 16;

/// Of a point: when its last sample was taken.
pub const POINT_END: usize = 0;
/// Of a point: the time since the last sample of the point before, in ns.
pub const POINT_LENGTH: usize = 1;
/// Of a point: samples.
pub const POINT_SAMPLES: usize = 2;
/// Of a point: its metrics.
pub const POINT_METRICS: usize = 3;
/// Of a channel's record: absolute offset of the next older one.
pub const CHANNEL_NEXT: usize = 0;
/// Of a channel's record: its number, by which it has a place in each point.
pub const CHANNEL_NUMBER: usize = 1;
/// Of a channel's record: length of its name in bytes.
pub const CHANNEL_NAME_BYTES: usize = 2;
/// Of a channel's record: its name.
pub const CHANNEL_NAME: usize = 3;
/// Length of a metric in a point: lowest, mean, highest and last value.
///
/// All four are [`NONE`] if there is no value.
pub const METRIC_LEN: usize = 4;
/// No value.
pub const NONE: u64 = u64::MAX;

/// Length of a point with so many metrics and channels.
#[must_use]
pub const fn point_len(metrics: usize) -> usize {
    POINT_METRICS + metrics * METRIC_LEN
}
