//! Snapshots of this process.

use perf_report::Snapshot;
use perf_report::recording::Now;

use super::{message, metadata, registration, renewal};
use crate::platform::{clock, time};
use crate::recording::Recording;

/// Returns the figures of the process up to now, without stopping any thread.
///
/// The result is `None` if nothing was ever recorded in this process.
///
/// ```standalone_crate
/// # use perf_runtime::profile;
/// #[profile]
/// fn compress() {}
///
/// let session = perf_runtime::session().start();
/// compress();
/// let snapshot = perf_runtime::snapshot().expect("a session is open");
/// let compress = snapshot.functions.iter().find(|function| function.name.ends_with("::compress")).unwrap();
/// assert_eq!(compress.calls, 1);
/// ```
#[must_use]
pub fn snapshot() -> Option<Snapshot> {
    let recording = renewal::recording_in_time()?;
    registration::register_all();
    note_time(recording);
    let copy = recording.copy();
    if recording.was_cut().is_some() {
        // Found out on the way. The present recording is in memory, and cannot be.
        return snapshot();
    }
    match perf_report::recording::read(&copy, Now::LastTick) {
        Ok(mut reading) => {
            // The recording has the facts, unless it had no room for them.
            if reading.snapshot.metadata.is_empty() {
                reading.snapshot.metadata = metadata::of_this_process();
            }
            if let Some(damage) = reading.damages.first() {
                message::say(format_args!(
                    "the recording was damaged from outside, and some figures are wrong: {damage}"
                ));
            }
            Some(reading.snapshot)
        }
        Err(_) if recording.file().is_some() => {
            // Another program's words stand in the file, in which nothing of ours can be found any more.
            recording.give_up_file();
            snapshot()
        }
        Err(error) => {
            message::say(format_args!("can't read the recording of this process: {error}"));
            None
        }
    }
}

/// Notes the time in the recording: its readers take it for the present.
pub(crate) fn note_time(recording: &Recording) {
    recording.note_time(clock::now(), time::monotonic_ns());
    #[cfg(feature = "allocations")]
    recording.note_heap();
}
