//! The thread `perf-trace`: it closes the window of `PERF_TRACE` when its time is up, and opens one for whoever asks in the recording's file.
//!
//! It is there if the environment wants a trace, or the process records to a file and may have a thread of ours for that, from the first
//! recorded call or a session on. It looks at one word of memory a few times a second. A request names a length and nothing else; whoever may write the file may have
//! the process traced, and no more than that.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use perf_report::recording::layout::header;
use perf_report::recording::layout::trace::requested_milliseconds;

use super::trace_window::{self, EVENTS, LONGEST, WindowError, WindowPlan};
use super::{message, state};
use crate::platform::threads::{self, Job};
use crate::recording::Recording;

/// How often the thread looks for a request.
const LOOK: Duration = Duration::from_millis(200);

/// Whether somebody may ask for a trace.
static MAY_LISTEN: AtomicBool = AtomicBool::new(false);

/// Whether the thread is there.
static IS_RUNNING: AtomicBool = AtomicBool::new(false);

/// The window that was opened before the first call; 0 for none. Its time begins with that call.
static PREPARED: AtomicU64 = AtomicU64::new(0);

/// Opens the window that the environment wants: before the first call, so that none is missing.
pub(crate) fn prepare(plan: WindowPlan) {
    match trace_window::open(plan) {
        Ok(id) => PREPARED.store(id, Ordering::Relaxed),
        Err(error) => message::say(format_args!("{error}")),
    }
}

/// Starts the thread, if there is something for it to do. It looks for requests only if it may. May run in any call.
pub(crate) fn start(may_listen: bool) {
    static LISTENS: Job = Job { name: c"perf-trace", work };
    MAY_LISTEN.fetch_or(may_listen, Ordering::Relaxed);
    let has_work = PREPARED.load(Ordering::Relaxed) != 0 || listens_for().is_some();
    if !has_work || IS_RUNNING.swap(true, Ordering::SeqCst) {
        return;
    }
    if let Err(error) = threads::start(&LISTENS) {
        IS_RUNNING.store(false, Ordering::SeqCst);
        message::say(format_args!(
            "nobody can ask for a trace, and that of PERF_TRACE ends with the process: can't start a thread: {error}"
        ));
    }
}

/// In a forked child, where the thread is not.
pub(crate) fn forget() {
    IS_RUNNING.store(false, Ordering::Relaxed);
    MAY_LISTEN.store(false, Ordering::Relaxed);
    PREPARED.store(0, Ordering::Relaxed);
    trace_window::forget();
}

/// The recording in whose file somebody may ask.
fn listens_for() -> Option<&'static Recording> {
    let recording = state::recording().filter(|_| MAY_LISTEN.load(Ordering::Relaxed))?;
    (recording.file().is_some() && recording.was_cut().is_none()).then_some(recording)
}

/// The thread.
fn work() {
    if let Some(recording) = listens_for() {
        recording.header().set(header::TRACE_LISTENS, 1);
    }
    match PREPARED.swap(0, Ordering::Relaxed) {
        0 => {}
        id => {
            if let Err(error) = trace_window::close_in_time(id) {
                message::say(format_args!("{error}"));
            }
        }
    }
    let mut answered = 0;
    while let Some(recording) = listens_for() {
        let request = recording.header().get(header::TRACE_REQUEST);
        if request != 0 && request != answered && answer(recording, request) {
            answered = request;
        }
        thread::sleep(LOOK);
    }
    IS_RUNNING.store(false, Ordering::SeqCst);
}

/// Opens a window for a request, and closes it when its time is up. `false` if another one is open, so that it is to be tried again.
fn answer(recording: &Recording, request: u64) -> bool {
    let length = Duration::from_millis(requested_milliseconds(request)).clamp(Duration::from_millis(1), LONGEST);
    let opened = trace_window::open(WindowPlan { file: None, length, events: EVENTS, request });
    if matches!(opened, Err(WindowError::IsOpen)) {
        return false;
    }
    recording.header().set(header::TRACE_ANSWER, request);
    if let Err(error) = opened.and_then(trace_window::close_in_time) {
        message::say(format_args!("{error}"));
    }
    true
}
