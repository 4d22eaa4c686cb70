//! The slowest calls of a function, as far as they were looked at one by one.

use serde::Serialize;

use crate::recording::layout::slowest::CALL_COUNT;

/// One of the slowest calls of a function.
///
/// Calls are looked at one by one in trace windows; those of functions with a label always are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct SlowCall {
    /// How long it took.
    pub ns: u64,
    /// When it ended, since the recording began.
    pub end_ns: u64,
    /// The system's id of its thread.
    pub tid: u64,
    /// The name of its thread.
    pub thread: String,
    /// The functions around it, from its caller outwards.
    ///
    /// They are indexes in [`Snapshot::functions`](crate::Snapshot::functions).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<usize>,
    /// Calls around it that are not among [`callers`](Self::callers), because there are too many.
    #[serde(default)]
    pub further_callers: u32,
    /// The text that the function's `label` gave it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
}

impl SlowCall {
    /// A call that took so long.
    #[must_use]
    pub fn new(ns: u64) -> Self {
        SlowCall {
            ns,
            end_ns: 0,
            tid: 0,
            thread: String::new(),
            callers: Vec::new(),
            further_callers: 0,
            label: String::new(),
        }
    }
}

/// Keeps the slowest calls, the slowest first.
pub(crate) fn keep_slowest(calls: &mut Vec<SlowCall>) {
    calls.sort_by(|a, b| (b.ns, a.end_ns, a.tid).cmp(&(a.ns, b.end_ns, b.tid)));
    calls.truncate(CALL_COUNT);
}
