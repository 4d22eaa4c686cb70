//! Notes of the locks that a thread holds and waits for, where deadlocks are to be named: see [`Shard::begin_hold`].
//!
//! The note of an acquisition that need not wait is made as it is counted ([`count_hold`](super::counted::count_hold)).

use super::thread::{Place, fast_shard, on_slow_path, own, place_of_call};
use crate::process::site::Site;
use crate::process::state::recording;
use crate::recording::{Recording, Shard};

/// Whether threads note the locks that they hold.
fn is_noted() -> bool {
    recording().is_some_and(Recording::notes_locks)
}

/// Notes that the thread, which has waited for a lock of this row, holds it. Returns the place of the note.
pub(crate) fn begin_hold(site: &'static Site, lock: u64) -> u64 {
    let place = |shard: Shard| shard.begin_hold(lock);
    if is_noted() { with_words(site, place).unwrap_or(0) } else { 0 }
}

/// The lock is about to be released, which was noted at this place.
#[inline(never)]
pub(crate) fn end_hold(lock: u64, place: u64) {
    if let Some(shard) = fast_shard().or_else(own) {
        shard.end_hold(lock, place);
    }
}

/// Notes for which lock of this row the thread waits.
pub(crate) fn begin_to_wait(site: &'static Site, lock: u64) {
    if is_noted() {
        with_words(site, |shard| shard.set_waits_for(lock));
    }
}

/// The thread has waited for a lock.
pub(crate) fn has_waited() {
    if let Some(shard) = own() {
        shard.set_waits_for(0);
    }
}

/// Gives the thread's shard, which has words for notes by then if there is room.
fn with_words<T>(site: &'static Site, note: impl FnOnce(Shard) -> T) -> Option<T> {
    if let Some(shard) = own().filter(|shard| shard.has_lock_words()) {
        return Some(note(shard));
    }
    on_slow_path(|| {
        let Place { recording, shard, .. } = place_of_call(site)?;
        shard.prepare_locks(recording);
        Some(note(shard))
    })
}
