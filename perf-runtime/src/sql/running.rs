//! Queries of which a library tells in two calls: that one began, and that it ended.

use std::cell::RefCell;

use crate::call::thread::{ActiveCall, enter, exit_exact};
use crate::process::site::Site;

/// Queries that a thread remembers as running. Of one whose end nobody tells, as its connection went to another thread, the call ends with
/// the call around it; only its place here stays taken.
const MOST: usize = 64;

thread_local! {
    /// The queries that run in this thread, each with a key by which its end will be told.
    static RUNNING: RefCell<Vec<(u64, ActiveCall)>> = const { RefCell::new(Vec::new()) };
}

/// Begins a query in the row of its statement.
pub(super) fn begin(key: u64, row: &'static Site) {
    let Some(call) = enter(row) else { return };
    // A query that is begun while the thread ends is ended with the call around it.
    let _ = RUNNING.try_with(|running| {
        let mut running = running.borrow_mut();
        if running.len() == MOST {
            running.remove(0);
        }
        running.push((key, call));
    });
}

/// Ends the latest query that has the key. Does nothing if there is none, as it began in another thread.
pub(super) fn end(key: u64) {
    let ended = RUNNING.try_with(|running| {
        let mut running = running.borrow_mut();
        let place = running.iter().rposition(|query| query.0 == key)?;
        Some(running.remove(place).1)
    });
    if let Ok(Some(call)) = ended {
        exit_exact(call);
    }
}
