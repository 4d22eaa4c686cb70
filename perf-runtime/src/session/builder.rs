//! Sessions: asking for a recording and its reports in code.

use std::fmt;
use std::path::PathBuf;
use std::{io, process};

use perf_report::Snapshot;

use super::settings::Settings;
use super::{environment, lifecycle, shutdown};
use crate::process::report::Report;
use crate::process::{snapshot, state};

/// Describes a session: which reports, to where, with which recording. Made by [`session`].
///
/// What the environment asks for comes first: `PERF_REPORT` takes the place of all reports named here, `PERF_RECORDING` of
/// the recording file, and `PERF_ENABLED=0` switches everything off.
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
    pub fn recording(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.recording = Some(path.into());
        self
    }

    /// Most bytes that the recording may grow to; 256 MiB unless set, at least 1 MiB. Only what is used takes memory (or
    /// disk). When it is full, functions that have not run before are counted together, and the report says so.
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
        let mut settings = environment::over(self.settings);
        if settings.reports.is_empty() {
            settings.reports.push(Report::table());
        }
        lifecycle::switch_on(&settings);
        let prints = settings.reports.iter().any(Report::is_on_stdout);
        #[cfg(feature = "monitor")]
        let monitor = settings.monitor.take();
        let owner = state::is_on() && shutdown::open_session(settings);
        #[cfg(feature = "monitor")]
        if owner && let Some(monitor) = monitor {
            crate::monitor::start(monitor);
        }
        #[cfg(feature = "resources")]
        crate::resource::warm_marked();
        Session { owner: owner.then(process::id), prints }
    }
}

/// An open session. Dropping it ends the recording and writes the reports.
///
/// If the process ends before that (`process::exit`, a signal), the reports are written then.
#[must_use = "the session ends when this is dropped"]
pub struct Session {
    /// Process that this session reports in, if it does: not in a child that was forked while it was open.
    owner: Option<u32>,
    /// Whether a report goes to standard output.
    prints: bool,
}

impl Session {
    /// The figures up to now, while the session goes on. `None` if nothing is recorded, as with `PERF_ENABLED=0`.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        snapshot::snapshot()
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
            shutdown::finish();
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("reports", &self.owner.is_some()).finish()
    }
}
