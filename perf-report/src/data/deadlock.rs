//! Threads that wait for each other, for ever.

use serde::Serialize;

/// Threads that wait for each other's locks.
///
/// Each waits for a lock that the next one holds, and the last one for a lock of the first. They had waited for a second at least, or the process was killed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Deadlock {
    /// The threads; a single one waits for a lock that it holds itself.
    pub threads: Vec<DeadlockedThread>,
}

impl Deadlock {
    /// Of these threads.
    #[must_use]
    pub const fn new(threads: Vec<DeadlockedThread>) -> Self {
        Deadlock { threads }
    }
}

/// A thread in a [`Deadlock`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct DeadlockedThread {
    /// Its name, or `thread 1234`.
    pub thread: String,
    /// Its system id.
    pub tid: u64,
    /// The row of the lock that it waits for: an index in [`Snapshot::functions`](crate::Snapshot::functions).
    pub lock: usize,
    /// The annotated function that waits, if one does: an index as well.
    pub function: Option<usize>,
    /// How long it had waited.
    pub waited_ns: u64,
}

impl DeadlockedThread {
    /// A thread that waits for a lock, in no annotated function.
    #[must_use]
    pub fn new(thread: impl Into<String>, lock: usize, waited_ns: u64) -> Self {
        DeadlockedThread { thread: thread.into(), tid: 0, lock, function: None, waited_ns }
    }
}
