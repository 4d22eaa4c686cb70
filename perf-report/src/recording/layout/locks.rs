//! The locks that a thread holds, and the one that it waits for.
//!
//! Locks are known by their addresses. A thread has these words from its first acquisition on, of locks that threads hold.

/// The lock that the thread waits for, without a limit; 0 for none.
pub const WAITS_FOR: usize = 0;
/// The locks that it holds, in no order; 0 where there is none.
///
/// Those for which there is no room are missing. With [`SHARES`] if it holds the lock beside others.
pub const HELD: usize = 1;
/// Number of locks in [`HELD`].
pub const HELD_COUNT: usize = 15;
/// Length of these words.
pub const LEN: usize = HELD + HELD_COUNT;

/// Set in [`WAITS_FOR`] if the thread is a reader that waits to become a writer.
///
/// Then its own hold is not in its way. No lock has such an address.
pub const UPGRADES: u64 = 1;

/// Set in [`WAITS_FOR`] and [`HELD`] if the thread is a reader.
///
/// Other readers are not in its way, and a writer that waits is. No lock has such an address.
pub const SHARES: u64 = 2;
