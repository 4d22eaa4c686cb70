//! Usage of the process: the standard library tells nothing of it.

use super::super::Usage;

/// Whether the system's files tell of the process.
pub(crate) const HAS_FILES: bool = false;

/// The standard library does not know how much the process used so far.
pub(crate) fn usage() -> Option<Usage> {
    None
}

/// Has the C library's allocator give free memory back to the system. Says whether it can.
pub(crate) fn trim_heap() -> bool {
    false
}
