//! The trace window of a session, and the thread that closes it when its time is up.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::platform::threads::{self, Job};
use crate::process::file_name::FileName;
use crate::process::message;
use crate::process::trace_window::{self, WindowPlan};

/// A trace window of a session.
///
/// It holds begin and end of each call of some time, in every thread.
/// [`SessionBuilder::trace`](crate::SessionBuilder::trace) takes it. [`guide::trace`](crate::guide::trace) tells about traces.
///
/// ```
/// use std::time::Duration;
/// use perf_runtime::{Report, TraceWindow, profile};
///
/// #[profile]
/// fn work() {}
///
/// # let folder = std::env::temp_dir();
/// # let file = folder.join(format!("perf-doc-trace-{}.json", std::process::id()));
/// # let report = Report::custom(|_| String::new());
/// let window = TraceWindow::file(&file).length(Duration::from_millis(500)).events(100_000);
/// let session = perf_runtime::session().trace(window).report(report).start();
/// work();
/// drop(session);
/// # assert!(std::fs::read_to_string(&file).unwrap().contains("work"));
/// # std::fs::remove_file(file).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a window opens when a session with it starts"]
pub struct TraceWindow(WindowPlan);

impl TraceWindow {
    /// Describes a window whose calls are written to a file.
    ///
    /// It is 2 s long and has room for 1,048,576 events, unless somebody says otherwise.
    /// The file is Chrome's JSON, or speedscope's if its name ends in `.speedscope.json`. A relative path refers to the folder that is
    /// current now; `%p` stands for the process id.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        TraceWindow(WindowPlan::to_file(FileName::given_here(path)))
    }

    /// Sets how long the window is: from 1 ms to 10 min.
    pub fn length(self, length: Duration) -> Self {
        TraceWindow(self.0.lasting(length))
    }

    /// Sets how many events the window has room for: from 1 to 4,194,304.
    ///
    /// A call has two.
    pub fn events(self, events: u64) -> Self {
        TraceWindow(self.0.with_room_for(events))
    }
}

/// The window of a session whose thread has not taken it over yet; 0 for none.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// Opens the window of a session that begins. Returns its number, or says on standard error why there is none.
pub(super) fn open(window: TraceWindow) -> Option<u64> {
    static CLOSES: Job = Job { name: c"perf-trace", work };
    let id = trace_window::open(window.0).map_err(|error| message::say(format_args!("{error}"))).ok()?;
    OPENED.store(id, Ordering::Release);
    if let Err(error) = threads::start(&CLOSES) {
        message::say(format_args!("the trace ends with the session and not before: can't start a thread: {error}"));
    }
    Some(id)
}

/// The thread. If the window was closed before its time, and the thread of a later one has come first, there is nothing left to do.
fn work() {
    let id = OPENED.swap(0, Ordering::Acquire);
    if id != 0
        && let Err(error) = trace_window::close_in_time(id)
    {
        message::say(format_args!("{error}"));
    }
}
