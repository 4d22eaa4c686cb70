//! Queries of which a library tells in several calls: that one began, each of its rows if it tells them, and that it ended.

use std::cell::RefCell;

use crate::call::counted;
use crate::call::thread::{ActiveCall, enter};
use crate::process::site::Site;

/// Queries that a thread remembers as running. The place of one whose end nobody tells here, as its connection went to another thread, stays
/// taken until it is the oldest of so many.
const MOST: usize = 64;

struct Running {
    /// By which its end will be told.
    key: u64,
    row: &'static Site,
    call: ActiveCall,
    /// The rows of its result that were told.
    rows: u64,
}

thread_local! {
    /// The queries that run in this thread.
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

/// Begins a query in the row of its statement.
pub(super) fn begin(key: u64, row: &'static Site) {
    let Some(call) = enter(row) else { return };
    // A query that is begun while the thread ends is given up with it.
    let _ = RUNNING.try_with(|running| {
        let mut running = running.borrow_mut();
        if running.len() == MOST {
            running.remove(0);
        }
        running.push(Running { key, row, call, rows: 0 });
    });
}

/// The latest query that has the key has one more row.
pub(super) fn has_row(key: impl FnOnce() -> u64) {
    let _ = RUNNING.try_with(|running| {
        let mut running = running.borrow_mut();
        if running.is_empty() {
            return;
        }
        let key = key();
        if let Some(query) = running.iter_mut().rfind(|query| query.key == key) {
            query.rows += 1;
        }
    });
}

/// Ends the latest query that has the key. Does nothing if there is none, as it began in another thread or while nothing was recorded.
pub(super) fn end(key: impl FnOnce() -> u64) {
    let ended = RUNNING.try_with(|running| {
        let mut running = running.borrow_mut();
        if running.is_empty() {
            return None;
        }
        let key = key();
        let place = running.iter().rposition(|query| query.key == key)?;
        Some(running.remove(place))
    });
    if let Ok(Some(Running { row, call, rows, .. })) = ended {
        counted::end_in_any_order(row, call);
        if rows > 0 {
            counted::add_rows(row, rows);
        }
    }
}
