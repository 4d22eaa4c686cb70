//! The end: the last snapshot and the reports, once, whichever way it comes.
//!
//! A session ends when its guard is dropped, and reports what happened while it was open. The process ends by the exit hook
//! (return from `main`, `process::exit`) or by a signal ([`super::attendant`]); then a session that is still open reports, and the
//! environment's reports are written, which are of the whole process.
//!
//! Whoever ends something takes its work out of [`PLANS`] and holds [`ENDING`] until the work is done; others wait meanwhile. All of it
//! has one limit of time ([`deadline`]): the teardown of resources at most half of it, the reports ([`super::writing`]) the rest.

use std::mem;
use std::sync::Arc;
use std::time::Instant;

use perf_report::recording::layout::header;
use perf_report::{Snapshot, State};

use super::attendant;
use super::environment;
use super::settings::Settings;
use super::writing::{self, Afterwards, Task, is_writing, write_within};
use crate::call::calibration;
use crate::platform::signals;
use crate::process::report::Report;
use crate::process::stack_sampler::{self, StackRate};
use crate::process::{deadline, message, recording_file, snapshot, state, trace_window};
use crate::sync::{Mutex, StaticCell};

/// The work of the ends to come. It lies behind a pointer, so that a forked child can leave its parent's behind, locked or not: a
/// child does not report for its parent.
static PLANS: StaticCell<Mutex<Plans>> = StaticCell::none();

/// Held by whoever ends something. Behind a pointer, as above.
static ENDING: StaticCell<Mutex<()>> = StaticCell::none();

#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// The reports that the environment asks for, if it asks for a recording.
    environment: Option<Vec<Report>>,
    session: Option<OpenSession>,
}

#[derive(Debug, Default)]
struct OpenSession {
    reports: Vec<Report>,
    /// The figures when it was opened, unless the recording began with it.
    baseline: Option<Arc<Snapshot>>,
    /// Its trace window.
    window: Option<u64>,
    /// The last resource that was initialised when it was opened.
    #[cfg(feature = "resources")]
    last_order: u64,
}

impl Plans {
    fn is_empty(&self) -> bool {
        self.environment.is_none() && self.session.is_none()
    }
}

/// Ends. That of a session leaves resources alone that others initialised before it, and a signal may not end the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Session,
    Exit,
    Signal,
}

/// Has the environment's reports written at the end of the process.
pub(crate) fn arm(settings: Settings) {
    PLANS.get_or_default().lock().environment = Some(settings.reports);
}

/// The result of opening a session.
pub(crate) struct Opened {
    /// Whether there was none open.
    pub(crate) is_outermost: bool,
    /// The figures when the open one was opened, unless the recording began with it.
    pub(crate) baseline: Option<Arc<Snapshot>>,
}

/// Whether a session is open.
pub(crate) fn is_session_open() -> bool {
    PLANS.get().is_some_and(|plans| plans.lock().session.is_some())
}

/// Opens a session, unless one is open, with the figures that are not its own: those of the `baseline`, or if they were not asked for, since a
/// session was open, those of now.
pub(crate) fn open_session(reports: Vec<Report>, mut baseline: Option<Option<Arc<Snapshot>>>) -> Opened {
    let mut plans = PLANS.get_or_default().lock();
    if plans.session.is_none() && baseline.is_none() {
        // It has ended since. Nobody waits meanwhile.
        drop(plans);
        baseline = Some(snapshot::snapshot().map(Arc::new));
        plans = PLANS.get_or_default().lock();
    }
    let is_outermost = plans.session.is_none();
    let open = plans.session.get_or_insert_with(|| OpenSession {
        reports,
        baseline: baseline.flatten(),
        window: None,
        #[cfg(feature = "resources")]
        last_order: crate::resource::last_order(),
    });
    let baseline = open.baseline.clone();
    // Once more: the end of the session before this one may have stopped recording meanwhile. From here on it does not.
    record_on();
    Opened { is_outermost, baseline }
}

/// Notes the trace window of the open session, which closes it.
pub(crate) fn note_window(window: Option<u64>) {
    if let Some(session) = &mut PLANS.get_or_default().lock().session {
        session.window = window;
    }
}

fn record_on() {
    if let Some(recording) = state::recording() {
        recording.reopen();
        state::switch_on(attendant::is_waiting());
    }
}

/// Ends the session: its reports are written. Unless the environment asks for more, recording stops.
pub(crate) fn finish_session() {
    finish_by(deadline::of_an_end(), |plans| {
        let session = plans.session.take()?;
        Some((Plans { environment: None, session: Some(session) }, plans.environment.is_none(), End::Session))
    });
}

/// Ends everything: writes all reports that are left. Returns them, if they may be needed again.
pub(crate) fn finish(end: End) -> Plans {
    finish_by(deadline::of_the_process(), |plans| {
        let all = mem::take(plans);
        (!all.is_empty()).then_some((all, true, end))
    })
}

/// Does what `take` takes out of the plans, and says whether recording stops with it.
fn finish_by(deadline: Instant, take: impl FnOnce(&mut Plans) -> Option<(Plans, bool, End)>) -> Plans {
    let mut written = Plans::default();
    let Some(plans) = PLANS.get() else { return written };
    let ending = (!is_part_of_an_end()).then(|| ENDING.get_or_default());
    let in_time = do_once(plans, ending, deadline, take, |(plans, stops, end)| {
        written = close(deadline, plans, stops, end);
    });
    if !in_time {
        let limit = deadline::limit();
        message::say(format_args!(
            "the reports are still not written after {limit:?}; the process goes on without them"
        ));
    }
    written
}

/// Whether the calling thread does a part of an end that somebody waits for, and must not itself wait until that has ended: a view or a hook
/// of the program's may end a session of its own.
fn is_part_of_an_end() -> bool {
    #[cfg(feature = "resources")]
    if crate::resource::is_step() {
        return true;
    }
    is_writing()
}

/// Takes the work that is left, and does it; others wait until it is done (unless `ending` is already held for the caller).
/// Returns whether that took less than the time limit.
fn do_once<P, T>(
    plans: &Mutex<P>,
    ending: Option<&Mutex<()>>,
    deadline: Instant,
    take: impl FnOnce(&mut P) -> Option<T>,
    work: impl FnOnce(T),
) -> bool {
    let held = ending.map(|ending| ending.try_lock_for(deadline::left_until(deadline)));
    if let Some(None) = held {
        return false;
    }
    // Not held while it is done: a view of the program's may open a session of its own.
    let taken = take(&mut plans.lock());
    if let Some(taken) = taken {
        work(taken);
    }
    true
}

/// Tears down, takes the last snapshot, and writes the reports of plans. Returns them, if they may be needed again.
fn close(deadline: Instant, plans: Plans, stops: bool, end: End) -> Plans {
    let window = plans.session.as_ref().and_then(|session| session.window);
    if stops || window.is_some() {
        // Before the monitor, one of whose alerts may wait for it.
        trace_window::finish(window.filter(|_| !stops), deadline);
    }
    #[cfg(feature = "monitor")]
    {
        attendant::start_monitor();
        let unseen = crate::monitor::stop();
        let goes_on = if stops { None } else { environment::own_monitor() };
        crate::monitor::say_unseen(&unseen, goes_on.as_ref().map_or(&[], |monitor| &monitor.alerts));
    }
    // The figures so far are reported even if a hook hangs.
    #[cfg(feature = "resources")]
    {
        let last_order = plans.session.as_ref().map_or(0, |session| session.last_order);
        let teardown_by = deadline::of_teardowns(deadline);
        match end {
            // For what is left, the end of the process comes.
            End::Session => drop(crate::resource::teardown_after(last_order, teardown_by)),
            End::Exit | End::Signal => crate::resource::teardown(teardown_by),
        }
    }
    if stops {
        unless_reopened(|| {
            stack_sampler::stop();
            state::switch_off();
        });
    }
    if let Some(recording) = state::recording() {
        calibration::note_again(recording);
    }
    let snapshot = snapshot::snapshot();
    if stops && let Some(recording) = state::recording() {
        unless_reopened(|| recording.header().set(header::STATE, header::STATE_CLOSED));
    }
    let written = match snapshot {
        Some(mut snapshot) => {
            // The threads that are alive still write, so it was read as that of a running process.
            snapshot.process.state = State::Closed;
            let afterwards = if end == End::Signal { Afterwards::Keep } else { Afterwards::Drop };
            write_plans(deadline, plans, snapshot, afterwards)
        }
        None => plans,
    };
    if !stops {
        unless_reopened(|| stack_sampler::start(environment::stacks().unwrap_or(StackRate::OFF)));
    }
    #[cfg(feature = "monitor")]
    if !stops && let Some(monitor) = environment::own_monitor() {
        crate::monitor::start(monitor);
    }
    written
}

/// Does something that stops recording, unless another session has been opened meanwhile.
fn unless_reopened(stop: impl FnOnce()) {
    let plans = PLANS.get_or_default().lock();
    if plans.session.is_none() {
        stop();
    }
}

/// Writes all reports that are to be written at the end, while everything goes on.
pub(crate) fn report_and_go_on() {
    let (Some(plans), deadline) = (PLANS.get(), deadline::of_an_end()) else { return };
    let take = |plans: &mut Plans| {
        let session = plans.session.as_mut().map(|session| OpenSession {
            reports: mem::take(&mut session.reports),
            baseline: session.baseline.clone(),
            window: None,
            #[cfg(feature = "resources")]
            last_order: session.last_order,
        });
        Some(Plans { environment: plans.environment.as_mut().map(mem::take), session })
    };
    do_once(plans, Some(ENDING.get_or_default()), deadline, take, |taken| {
        if let Some(snapshot) = snapshot::snapshot() {
            let written = write_plans(deadline, taken, snapshot, Afterwards::Keep);
            let mut plans = plans.lock();
            if let (Some(reports), Some(written)) = (&mut plans.environment, written.environment) {
                *reports = written;
            }
            if let (Some(session), Some(written)) = (&mut plans.session, written.session) {
                session.reports = written.reports;
            }
        }
    });
}

/// The process lives on, though it was to end: what was written is to be written again at its end.
pub(crate) fn go_on(written: Plans) {
    if !written.is_empty() {
        *PLANS.get_or_default().lock() = written;
        record_on();
        stack_sampler::start_prepared();
    }
}

/// Writes the reports of plans. Returns those to keep that were written in time.
fn write_plans(deadline: Instant, plans: Plans, snapshot: Snapshot, afterwards: Afterwards) -> Plans {
    let Plans { environment, session } = plans;
    let baseline = session.as_ref().and_then(|session| session.baseline.clone());
    #[cfg(feature = "resources")]
    let last_order = session.as_ref().map_or(0, |session| session.last_order);
    let snapshot = Arc::new(snapshot);
    let mut tasks = Vec::new();
    let (has_environment, has_session) = (environment.is_some(), session.is_some());
    if let Some(session) = session
        && !session.reports.is_empty()
    {
        let since = baseline.as_ref().map_or_else(|| Arc::clone(&snapshot), |then| Arc::new(snapshot.since(then)));
        let task = |report| Task { report, snapshot: Arc::clone(&since), is_sessions: true };
        tasks.extend(session.reports.into_iter().map(task));
    }
    let task = |report| Task { report, snapshot: Arc::clone(&snapshot), is_sessions: false };
    tasks.extend(environment.into_iter().flatten().map(task));
    let (of_session, of_environment): (Vec<_>, Vec<_>) =
        write_within(deadline, tasks, afterwards).into_iter().partition(|task| task.is_sessions);
    let reports = |tasks: Vec<Task>| tasks.into_iter().map(|task| task.report).collect();
    Plans {
        environment: has_environment.then(|| reports(of_environment)),
        session: has_session.then(|| OpenSession {
            reports: reports(of_session),
            baseline,
            window: None,
            #[cfg(feature = "resources")]
            last_order,
        }),
    }
}

/// The process exits: writes the reports that are left, and closes the recording.
pub(crate) fn at_exit() {
    drop(finish(End::Exit));
    state::switch_off();
    if let Some(recording) = state::recording() {
        snapshot::note_time(recording);
        recording.header().set(header::STATE, header::STATE_CLOSED);
        recording_file::close(recording);
    }
    signals::stand_back();
}

/// In a forked child: the parent reports. Forgotten, not dropped: freeing memory is not for a forked child.
pub(crate) fn forget() {
    PLANS.set(None);
    ENDING.set(None);
    writing::after_fork();
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
            let (to_do, ending) = (Arc::new(Mutex::new(Some(1))), Arc::new(Mutex::new(())));
            let reported = Arc::new(AtomicU64::new(0));
            let end = || {
                let (to_do, ending, reported) = (Arc::clone(&to_do), Arc::clone(&ending), Arc::clone(&reported));
                move || {
                    assert!(do_once(&to_do, Some(&ending), Instant::now(), Option::take, |reports| {
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
