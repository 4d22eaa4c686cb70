//! A recording whose file somebody cut: the process goes on with a new one, in memory.

use std::thread;
use std::time::{Duration, Instant};

use super::{registration, state};
use crate::platform::{clock, time};
use crate::recording::{Origin, Recording};

/// The process's recording, to be written to. If it was lost, the first who asks begins another one; `None` until that is done, which
/// takes some microseconds, in which nothing is recorded.
#[inline]
pub(crate) fn recording() -> Option<&'static Recording> {
    let recording = state::recording()?;
    if recording.was_cut().is_none() { Some(recording) } else { renew(recording) }
}

/// As [`recording`], for who would rather wait a moment than do without.
pub(crate) fn recording_in_time() -> Option<&'static Recording> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match recording() {
            None if state::recording().is_some() && Instant::now() < deadline => thread::yield_now(),
            known => return known,
        }
    }
}

#[cold]
fn renew(lost: &'static Recording) -> Option<&'static Recording> {
    let successor = lost.succeed(|origin| Origin {
        start_tick: clock::now(),
        start_monotonic_ns: time::monotonic_ns(),
        start_unix_ns: time::unix_ns(),
        unrecorded_ns: origin.unrecorded_ns + time::monotonic_ns().saturating_sub(origin.start_monotonic_ns),
        ..origin.clone()
    })?;
    // Before anybody else has the new recording: a site's old id is another one's there.
    registration::forget_ids();
    registration::register_sites(successor);
    state::set_recording(successor);
    Some(successor)
}
