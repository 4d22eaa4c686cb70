//! The end: the last snapshot and the reports, once, whichever way the process ends.
//!
//! The ways are the drop of a [`Session`](crate::Session), the exit hook (return from `main`, `process::exit`), and the
//! signals of [`super::signals`]. Whoever is first takes the reports out of [`ARMED`]; the others wait until they are
//! written. The writing happens in a thread of its own, so that a view or a stream that hangs holds the process up for
//! a limited time.

use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use perf_report::recording::layout::header;
use perf_report::{Snapshot, State};

use super::settings::Settings;
use super::signals;
use crate::process::report::Report;
use crate::process::{message, recording_file, snapshot, state};
use crate::sync::{Mutex, StaticCell};

/// How long the reports may take, in ms.
static TIME_LIMIT: AtomicU64 = AtomicU64::new(0);

/// The reports to be written. Behind a pointer, so that a forked child can leave the parent's behind, locked or not: a
/// child does not report for its parent.
static ARMED: StaticCell<Mutex<Option<Armed>>> = StaticCell::none();

#[derive(Debug)]
struct Armed {
    reports: Vec<Report>,
    /// Whether a session in code is open.
    session: bool,
}

impl Armed {
    fn new(settings: Settings, session: bool) -> Armed {
        TIME_LIMIT.store(settings.time_limit.as_millis() as u64, Ordering::Relaxed);
        let mut reports = settings.reports;
        // The program's own views last: they may panic where that ends the process, or never return.
        reports.sort_by_key(Report::is_custom);
        Armed { reports, session }
    }
}

/// Has the reports written at the end of the process.
pub(crate) fn arm(settings: Settings) {
    *ARMED.get_or_default().lock() = Some(Armed::new(settings, false));
}

/// Opens a session, unless one is open. Says whether it did.
pub(crate) fn open_session(settings: Settings) -> bool {
    let mut armed = ARMED.get_or_default().lock();
    if armed.as_ref().is_some_and(|armed| armed.session) {
        return false;
    }
    *armed = Some(Armed::new(settings, true));
    true
}

/// Writes the reports, if that has not been done, and stops recording.
pub(crate) fn finish() {
    let Some(armed) = ARMED.get() else { return };
    let limit = Duration::from_millis(TIME_LIMIT.load(Ordering::Relaxed));
    if !do_once(armed, limit, |Armed { reports, .. }| close(limit, reports)) {
        message::say(format_args!("the reports are still not written after {limit:?}; going on without them"));
    }
}

/// Takes what is to be done, if it still is, and does it; who comes meanwhile waits until it is done. Says whether that was
/// within the time limit.
fn do_once<T>(to_do: &Mutex<Option<T>>, limit: Duration, work: impl FnOnce(T)) -> bool {
    let Some(mut to_do) = to_do.try_lock_for(limit) else { return false };
    if let Some(taken) = to_do.take() {
        work(taken);
    }
    true
}

fn close(limit: Duration, reports: Vec<Report>) {
    #[cfg(feature = "monitor")]
    crate::monitor::stop();
    #[cfg(feature = "resources")]
    crate::resource::teardown();
    state::switch_off();
    let snapshot = snapshot::snapshot();
    if let Some(recording) = state::recording() {
        recording.header().set(header::STATE, header::STATE_CLOSED);
    }
    if let Some(mut snapshot) = snapshot {
        // The threads that are alive still write, so it was read as that of a running process.
        snapshot.process.state = State::Closed;
        write_within(limit, reports, snapshot);
    }
}

fn write_within(limit: Duration, reports: Vec<Report>, snapshot: Snapshot) {
    let (done, finished) = mpsc::channel();
    let writer = thread::Builder::new().name(String::from("perf-report"));
    let work = move || {
        for report in reports {
            write_one(&report, &snapshot);
        }
        let _ = done.send(());
    };
    match writer.spawn(work) {
        Ok(_) => {
            if finished.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                message::say(format_args!("the reports are not written after {limit:?}; going on without them"));
            }
        }
        Err(error) => message::say(format_args!("the reports are not written: no thread for that: {error}")),
    }
}

/// Writes a report; what goes wrong is one line, and the others' turn comes all the same.
fn write_one(report: &Report, snapshot: &Snapshot) {
    match panic::catch_unwind(panic::AssertUnwindSafe(|| report.write(snapshot))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => message::say(format_args!("{error}")),
        Err(_) => message::say(format_args!("{report} panicked and is left out")),
    }
}

/// The exit hook.
pub(crate) extern "C" fn at_exit() {
    // Nothing of ours may unwind into the C library.
    let _ = panic::catch_unwind(|| {
        finish();
        state::switch_off();
        if let Some(recording) = state::recording() {
            snapshot::note_time(recording);
            recording.header().set(header::STATE, header::STATE_CLOSED);
            recording_file::close(recording);
        }
        signals::unwatch();
    });
}

/// In a forked child: the parent reports. Forgotten, not dropped: freeing memory is not for a forked child.
pub(crate) fn forget() {
    ARMED.set(None);
}

#[cfg(all(test, loom))]
mod loom_tests {
    use std::sync::Arc;

    use loom::sync::atomic::{AtomicU64, Ordering};
    use loom::thread;

    use super::*;

    #[test]
    fn two_ends_report_once_and_neither_goes_on_before_that_is_done() {
        loom::model(|| {
            let (to_do, reported) = (Arc::new(Mutex::new(Some(1))), Arc::new(AtomicU64::new(0)));
            let end = || {
                let (to_do, reported) = (Arc::clone(&to_do), Arc::clone(&reported));
                move || {
                    assert!(do_once(&to_do, Duration::MAX, |reports| {
                        // Not added at once: a second one meanwhile would show.
                        reported.store(reported.load(Ordering::Relaxed) + reports, Ordering::Relaxed);
                    }));
                    assert_eq!(reported.load(Ordering::Relaxed), 1);
                }
            };
            let other = thread::spawn(end());
            end()();
            other.join().unwrap();
        });
    }
}
