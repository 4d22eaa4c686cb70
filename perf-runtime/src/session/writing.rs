//! Writing reports: each on its own, none for longer than the end of a session or process may take.
//!
//! A separate thread writes, if one can be started, so that a view or a stream that hangs delays the process for a limited time only.
//! The program's own views come last: they may panic where that ends the process, or never return.

use std::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use perf_report::Snapshot;

use crate::platform::threads;
use crate::process::report::Report;
use crate::process::{deadline, message};
use crate::sync::Mutex;

thread_local! {
    /// Whether the thread writes reports.
    static IS_WRITING: Cell<bool> = const { Cell::new(false) };
}

/// A report, and the figures that it shows.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) report: Report,
    pub(crate) snapshot: Arc<Snapshot>,
    /// Whether it is a session's, and not the environment's.
    pub(crate) is_sessions: bool,
}

/// Whether reports are needed again after they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Afterwards {
    Keep,
    Drop,
}

/// Whether the calling thread writes reports. A view of the program's that ends a session, or the process, must not wait until
/// the view has ended.
pub(crate) fn is_writing() -> bool {
    IS_WRITING.get()
}

/// Writes reports. Returns those to keep, unless one of them hangs.
pub(crate) fn write_within(deadline: Instant, mut tasks: Vec<Task>, afterwards: Afterwards) -> Vec<Task> {
    if tasks.is_empty() {
        return tasks;
    }
    tasks.sort_by_key(|task| task.report.is_custom());
    let tasks = Arc::new(Mutex::new(tasks));
    let (done, finished) = mpsc::channel();
    let theirs = Arc::clone(&tasks);
    let thread = threads::spawn(c"perf-report", move || {
        write_all(&mut theirs.lock(), afterwards);
        let _ = done.send(());
    });
    if thread.is_err() {
        write_all(&mut tasks.lock(), afterwards);
    } else if finished.recv_timeout(deadline::left_until(deadline)) == Err(RecvTimeoutError::Timeout) {
        let limit = deadline::limit();
        message::say(format_args!("the reports are not written after {limit:?}; the process goes on without them"));
        return Vec::new();
    }
    mem::take(&mut *tasks.lock())
}

fn write_all(tasks: &mut Vec<Task>, afterwards: Afterwards) {
    let outer = IS_WRITING.replace(true);
    tasks.iter().for_each(write_one);
    if afterwards == Afterwards::Drop {
        // Here, because a view may own something whose drop panics, or hangs.
        tasks.drain(..).for_each(drop_one);
    }
    IS_WRITING.set(outer);
}

/// Writes a report. An error or a panic is one line, and does not stop the others.
fn write_one(Task { report, snapshot, .. }: &Task) {
    match catch_unwind(AssertUnwindSafe(|| report.write(snapshot))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => message::say(format_args!("{error}")),
        Err(_) => message::say(format_args!("{report} panicked and is left out")),
    }
}

fn drop_one(task: Task) {
    let name = task.report.to_string();
    if catch_unwind(AssertUnwindSafe(|| drop(task))).is_err() {
        message::say(format_args!("{name} panicked when it was dropped"));
    }
}

/// In a forked child, also one that a view has forked.
pub(crate) fn after_fork() {
    IS_WRITING.set(false);
}
