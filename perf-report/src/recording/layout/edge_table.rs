//! An edge table: a hash table with open addressing.

/// Number of entries less one; the number is a power of two.
pub const MASK: usize = 0;
/// Occupied entries.
///
/// Only the writer uses it.
pub const COUNT: usize = 1;
/// Start of the entries.
pub const ENTRIES: usize = 8;
