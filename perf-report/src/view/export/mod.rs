//! Snapshots in the formats of other tools.
//!
//! An encoder is a function from a [`Snapshot`](crate::Snapshot) to the contents of a file; `command/export.rs` knows which formats
//! there are and what each of them can hold. Names are data, and each encoder escapes them for its own format.

pub(crate) mod callgrind;
pub(crate) mod hlog;
mod names;
