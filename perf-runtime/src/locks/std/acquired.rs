//! The result of an acquisition that was not made at once.

use std::sync::{LockResult, PoisonError};

use crate::locks::meter::Hold;

/// A lock that was acquired by a call of its own.
///
/// Its parts are taken one by one into the caller's registers. If the caller's own result were that of the call, it would lie in memory on the
/// quick way too, written in small pieces and read in large ones: the processor takes 10 ns to join them.
pub(super) struct Acquired<G> {
    pub(super) inner: G,
    pub(super) hold: Hold,
    pub(super) poisoned: bool,
}

impl<G> Acquired<G> {
    pub(super) fn new(result: LockResult<G>, hold: Hold) -> Acquired<G> {
        let poisoned = result.is_err();
        Acquired { inner: result.unwrap_or_else(PoisonError::into_inner), hold, poisoned }
    }
}
