//! Sessions: asking for a recording and its reports in code.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::{io, process};

use perf_report::Snapshot;

use super::settings::Settings;
use super::trace::{self, TraceWindow};
use super::{attendant, environment, lifecycle, shutdown};
use crate::process::file_name::FileName;
use crate::process::report::Report;
use crate::process::stack_sampler::StackRate;
use crate::process::{message, snapshot, stack_sampler, state};

/// Configures a session: its reports, its recording, its monitor.
///
/// [`session`] creates a builder. The environment overrides it, for the whole process: if `PERF_REPORT` is set, one report of the
/// whole process is written at its end instead of the session's reports; `PERF_RECORDING` replaces the recording file;
/// `PERF_ENABLED=0` disables everything.
#[derive(Debug, Default)]
#[must_use = "a session starts with `.start()`"]
pub struct SessionBuilder {
    settings: Settings,
    trace: Option<TraceWindow>,
}

/// Configures a session: a part of the program that is recorded and reported.
///
/// The session begins at [`start`](SessionBuilder::start), which returns a guard; when the guard is dropped, the session ends and
/// its reports are written. A session without a [`report`](SessionBuilder::report) prints the table to standard error.
///
/// ```
/// use perf_runtime::{Report, profile};
///
/// #[profile]
/// fn work() {}
///
/// # let folder = std::env::temp_dir();
/// # let path = folder.join(format!("perf-doc-{}.json", std::process::id()));
/// let session = perf_runtime::session()
///     .report(Report::table())
///     .report(Report::json().file(&path))
///     .start();
/// work();
/// drop(session);
/// # assert!(path.exists());
/// # std::fs::remove_file(path).unwrap();
/// ```
pub fn session() -> SessionBuilder {
    SessionBuilder::default()
}

impl SessionBuilder {
    /// Adds a report, which is written when the session ends.
    pub fn report(mut self, report: Report) -> Self {
        self.settings.reports.push(report);
        self
    }

    /// Keeps the recording in a file instead of memory.
    ///
    /// The command `cargo perf-report` reads the file while the process runs, and after the process was killed. An older recording of
    /// the same name is replaced; a relative path refers to the folder that is current now. If the file can't be created, one line on
    /// standard error says so and the recording stays in memory.
    ///
    /// A process has one recording. It begins with the first session and holds the figures of all sessions, so a later session can't
    /// name another file: a line on standard error says that none is created.
    pub fn recording(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.recording = Some(FileName::given_here(path));
        self
    }

    /// Sets how many bytes the recording may grow to; at least 1 MiB.
    ///
    /// The default is 256 MiB, or a sixteenth of a finite limit on the memory of the process (`RLIMIT_AS`, `RLIMIT_DATA`). Only
    /// the part in use takes memory, or space on the disk. When the recording is full, functions that run for the first time
    /// are counted together, and the report says so.
    pub fn capacity(mut self, bytes: u64) -> Self {
        self.settings.set_capacity(bytes);
        self
    }

    /// Times all functions in one way, whatever their attributes say.
    ///
    /// [`Timing::Exact`](crate::report::Timing::Exact) times each call, [`Timing::Adaptive`](crate::report::Timing::Adaptive) of short functions a sample.
    /// The environment does the same with `PERF_TIMING=adaptive`. Futures are always timed exactly. A process has one recording, which begins
    /// with the first session: a later one can't change its timing.
    pub fn timing(mut self, timing: perf_report::Timing) -> Self {
        self.settings.timing = Some(timing);
        self
    }

    /// Has each thread note which locks it holds, so that deadlocks are named.
    ///
    /// They are named in reports, in `top`, and in the recording of a process that was killed. It costs about 2 ns
    /// per acquisition and release of a lock of the feature `sync`. `PERF_DEADLOCKS` overrides this. A process has one recording, which begins with
    /// the first session, or before it if the environment asks for reports or a recording: then this is told on standard error and has no effect.
    pub fn deadlocks(mut self, noted: bool) -> Self {
        self.settings.deadlocks = noted;
        self
    }

    /// Sets whether the reports are written when a signal ends the process.
    ///
    /// By default they are, for `SIGTERM`, `SIGINT` and `SIGHUP`. A signal that the program handles or ignores itself is always
    /// left alone.
    pub fn signals(mut self, watch: bool) -> Self {
        self.settings.signals = watch;
        self
    }

    /// Samples the stacks of annotated calls so many times a second.
    ///
    /// At most 1,000 times, while the session is open.
    ///
    /// A thread looks at the calls in flight in all threads, which they need not stop for. Times of functions that are timed
    /// adaptively then come from what it sees, and the snapshot has the stacks. 0 samples nothing. `PERF_STACKS` overrides this.
    ///
    /// ```
    /// # use perf_runtime::{Report, profile};
    /// let session = perf_runtime::session().stacks(99).report(Report::custom(|_| String::new())).start();
    /// ```
    pub fn stacks(mut self, per_second: u32) -> Self {
        self.settings.stacks = Some(StackRate::per_second(per_second));
        self
    }

    /// Opens a trace window when the session starts.
    ///
    /// Its calls are written to a file when its time is up or the session ends, whichever comes first. If `PERF_TRACE` is set, the trace
    /// that it asks for is the only one. While another window is open, which an alert or `cargo perf-report trace` may have opened, no
    /// other one opens; one line on standard error says so.
    ///
    /// ```
    /// # use perf_runtime::{Report, TraceWindow};
    /// # let folder = std::env::temp_dir();
    /// # let file = folder.join(format!("perf-doc-{}.speedscope.json", std::process::id()));
    /// # let report = Report::custom(|_| String::new());
    /// let session = perf_runtime::session().trace(TraceWindow::file(&file)).report(report).start();
    /// # drop(session);
    /// # std::fs::remove_file(file).unwrap();
    /// ```
    pub fn trace(mut self, window: TraceWindow) -> Self {
        self.trace = Some(window);
        self
    }

    /// Monitors the process while the session is open.
    ///
    /// `PERF_MONITOR` overrides the interval; the alerts of `PERF_ALERT` are added.
    #[cfg(feature = "monitor")]
    pub fn monitor(mut self, monitor: crate::monitor::Monitor) -> Self {
        self.settings.monitor = Some(monitor);
        self
    }

    /// Starts the session.
    ///
    /// While another session is open, the new one has no effect: the outer session reports.
    pub fn start(self) -> Session {
        lifecycle::decide();
        let names_recording = self.settings.recording.is_some() && !environment::names_recording();
        let mut settings = environment::over(self.settings);
        let mut reports = std::mem::take(&mut settings.reports);
        if environment::names_reports() {
            reports.clear();
        } else if reports.is_empty() {
            reports.push(Report::table());
        }
        // Before it records: what ends from here on is the session's. Not within another one, whose figures it shows.
        let baseline = (!shutdown::is_session_open()).then(|| snapshot::snapshot().map(Arc::new));
        let is_new = lifecycle::switch_on(&settings);
        if !state::is_on() {
            return Session { owner: None, prints: false, baseline: None };
        }
        if names_recording && !is_new {
            say_where_it_is(&settings);
        }
        #[cfg(feature = "sync")]
        if settings.deadlocks && !is_new {
            say_if_deadlocks_are_not_named();
        }
        attendant::start_for_a_session(&settings);
        let prints = reports.iter().any(Report::is_on_stdout);
        let opened = shutdown::open_session(reports, baseline);
        if opened.is_outermost {
            // Also if it wants none: the end of the session before may have left the sampling to this one.
            stack_sampler::start(settings.stacks.unwrap_or(StackRate::OFF));
        }
        #[cfg(feature = "monitor")]
        if opened.is_outermost
            && let Some(monitor) = settings.monitor.take()
        {
            crate::monitor::start(monitor);
        }
        #[cfg(feature = "resources")]
        crate::resource::warm_marked();
        // At last, so that what was done for the session is not in it.
        if opened.is_outermost
            && let Some(window) = self.trace.filter(|_| !environment::names_trace())
        {
            shutdown::note_window(trace::open(window));
        }
        Session { owner: opened.is_outermost.then(process::id), prints, baseline: opened.baseline }
    }
}

/// Says that nobody will see deadlocks, if the recording began before a session asked for them.
#[cfg(feature = "sync")]
fn say_if_deadlocks_are_not_named() {
    if state::recording().is_some_and(|recording| !recording.notes_locks()) {
        message::say(format_args!(
            "no deadlock is named: the recording began before the session asked; set PERF_DEADLOCKS=1"
        ));
    }
}

/// Says that there will be no recording of a name, unless it is the one that there is.
fn say_where_it_is(settings: &Settings) {
    let (Some(name), Some(recording)) = (&settings.recording, state::recording()) else { return };
    let there = recording.file().and_then(|file| file.path());
    if there != Some(&name.path()) {
        let there = there.map_or_else(|| String::from("in memory"), |path| format!("in {}", path.display()));
        message::say(format_args!("no recording is created at {name}: the process already records {there}"));
    }
}

/// An open session: when it is dropped, its reports are written.
///
/// The reports cover the time since the session started. Recording then stops, unless the environment asks for a recording of
/// the whole process. If the process ends first (by `process::exit` or a signal), the reports are written at that moment.
#[must_use = "the session ends when this is dropped"]
pub struct Session {
    /// Process that this session reports in, if it does: not in a child that was forked while it was open.
    owner: Option<u32>,
    /// Whether a report goes to standard output.
    prints: bool,
    /// The figures when it was opened, unless the recording began with it.
    baseline: Option<Arc<Snapshot>>,
}

impl Session {
    /// Returns the figures since the session started, which its report would show now.
    ///
    /// Within an outer session, they are the figures since that one started. The result is `None` if nothing is recorded, for
    /// example with `PERF_ENABLED=0`. [`snapshot`](crate::snapshot()) returns the figures of the whole process.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let snapshot = snapshot::snapshot()?;
        Some(match &self.baseline {
            Some(baseline) => snapshot.since(baseline),
            None => snapshot,
        })
    }

    /// Ends the session and writes its reports, as dropping it does.
    pub fn finish(self) {}
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.owner == Some(process::id()) {
            if self.prints {
                // The program's own output comes first.
                let _ = io::Write::flush(&mut io::stdout());
            }
            shutdown::finish_session();
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("reports", &self.owner.is_some()).finish()
    }
}
