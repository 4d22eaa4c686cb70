//! The limits that the process is under.

/// Most bytes of memory that the process may have, if that is limited: the standard library does not tell.
pub(crate) fn memory_limit() -> Option<u64> {
    None
}
