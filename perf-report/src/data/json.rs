//! Snapshots as JSON text, and back.
//!
//! The small serialiser here writes them, because `serde_json` must not reach the programs that are measured: its
//! `PartialEq` impls for the integer types break type inference in crates that are merely linked with it. Reading is a
//! feature (`files`) of programs that are not measured, where `serde_json` does no harm.

#[cfg(feature = "files")]
mod reader;
mod writer;

#[cfg(feature = "files")]
pub use reader::SnapshotError;

use crate::Snapshot;

impl Snapshot {
    /// Writes the snapshot as one line of JSON, without loss.
    ///
    /// Reading it back gives an equal snapshot. Figures that JSON cannot express (a cost that is not a number)
    /// become `null`.
    ///
    /// ```
    /// let text = perf_report::Snapshot::empty().to_json();
    /// assert!(text.starts_with(r#"{"schema":1,"process":{"#));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        writer::to_string(self).expect("a snapshot has nothing that the writer refuses")
    }
}

/// A text as a string of JSON.
pub(crate) fn text(text: &str) -> String {
    writer::to_string(text).unwrap_or_default()
}

/// Any value as one line of JSON.
#[cfg(feature = "command")]
pub(crate) fn to_text<T: serde::Serialize>(value: &T) -> String {
    writer::to_string(value).expect("what the command writes has nothing that the writer refuses")
}
