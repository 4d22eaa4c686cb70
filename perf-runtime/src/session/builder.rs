//! Sessions: asking for a recording and its reports in code.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::{io, process};

use perf_report::Snapshot;

use super::settings::Settings;
use super::{attendant, environment, lifecycle, shutdown};
use crate::process::file_name::FileName;
use crate::process::report::Report;
use crate::process::{message, snapshot, state};

/// Describes a session: which reports, to where, with which recording. Made by [`session`].
///
/// What the environment asks for comes first, and is for the whole process: with `PERF_REPORT` none of the reports named here is
/// written, but one of the whole process at its end; `PERF_RECORDING` takes the place of the recording file, and
/// `PERF_ENABLED=0` switches everything off.
#[derive(Debug, Default)]
#[must_use = "a session starts with `.start()`"]
pub struct SessionBuilder {
    settings: Settings,
}

/// Describes a session that records from [`SessionBuilder::start`] on, and reports when the guard it gave is dropped.
///
/// Without any report named, it prints the table to standard error.
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
    /// Adds a report, written when the session ends.
    pub fn report(mut self, report: Report) -> Self {
        self.settings.reports.push(report);
        self
    }

    /// Keeps the recording in a file instead of memory, so that `perf-report show` can read it while the process runs, and
    /// after it was killed. An older recording of that name is replaced. If the file cannot be made, one line on standard
    /// error says so and the recording is kept in memory.
    ///
    /// A process has one recording, which begins with its first session and holds the figures of all of them: a later session
    /// that names another file says on standard error that there will be none. A relative path is meant in the folder that is
    /// the current one now.
    pub fn recording(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.recording = Some(FileName::given_here(path));
        self
    }

    /// Most bytes that the recording may grow to; unless set 256 MiB, or a sixteenth of what a finite limit on the process's
    /// memory allows (`RLIMIT_AS`, `RLIMIT_DATA`); at least 1 MiB. Only what is used takes memory (or disk). When it is full,
    /// functions that have not run before are counted together, and the report says so.
    pub fn capacity(mut self, bytes: u64) -> Self {
        self.settings.set_capacity(bytes);
        self
    }

    /// Whether `SIGTERM`, `SIGINT` and `SIGHUP` lead to the reports before they end the process, as they do unless set to
    /// `false`. Signals that the program handles or ignores itself are always left to it.
    pub fn signals(mut self, watch: bool) -> Self {
        self.settings.signals = watch;
        self
    }

    /// Monitors the process while the session is open. `PERF_MONITOR` takes the place of the interval, and the alerts of
    /// `PERF_ALERT` come on top.
    #[cfg(feature = "monitor")]
    pub fn monitor(mut self, monitor: crate::monitor::Monitor) -> Self {
        self.settings.monitor = Some(monitor);
        self
    }

    /// Starts recording.
    ///
    /// Within a session that is already open the guard does nothing: the outer session reports.
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
        let is_new = lifecycle::switch_on(&settings);
        if !state::is_on() {
            return Session { owner: None, prints: false, baseline: None };
        }
        if names_recording && !is_new {
            say_where_it_is(&settings);
        }
        attendant::start_for_a_session(&settings);
        let prints = reports.iter().any(Report::is_on_stdout);
        let opened = shutdown::open_session(reports, is_new);
        #[cfg(feature = "monitor")]
        if opened.is_outermost
            && let Some(monitor) = settings.monitor.take()
        {
            crate::monitor::start(monitor);
        }
        #[cfg(feature = "resources")]
        crate::resource::warm_marked();
        Session { owner: opened.is_outermost.then(process::id), prints, baseline: opened.baseline }
    }
}

/// Says that there will be no recording of a name, unless it is the one that there is.
fn say_where_it_is(settings: &Settings) {
    let (Some(name), Some(recording)) = (&settings.recording, state::recording()) else { return };
    let there = recording.file().and_then(|file| file.path());
    if there != Some(&name.path()) {
        let there = there.map_or_else(|| String::from("in memory"), |path| format!("in {}", path.display()));
        message::say(format_args!("no recording is made in {name}: this process has one, {there}"));
    }
}

/// An open session. Dropping it writes the reports, of what happened since it was opened. Recording stops then, unless the
/// environment asks for a recording of the process.
///
/// If the process ends before that (`process::exit`, a signal), the reports are written then.
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
    /// The figures since the session was opened, while it goes on: its report would have them now. Within an outer session, since that
    /// was opened. `None` if nothing is recorded, as with `PERF_ENABLED=0`.
    ///
    /// [`snapshot`](crate::snapshot()) gives all figures of the process.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let snapshot = snapshot::snapshot()?;
        Some(match &self.baseline {
            Some(baseline) => snapshot.since(baseline),
            None => snapshot,
        })
    }

    /// Ends the session, as dropping it does.
    pub fn finish(self) {}
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.owner == Some(process::id()) {
            if self.prints {
                // What the program printed comes first.
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
