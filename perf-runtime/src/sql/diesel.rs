//! The queries of the crate `diesel`.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use super::rows;
use crate::call::thread::{ActiveCall, enter, exit_exact};
use crate::process::state;

/// Diesel writes this between a statement and its values.
const BEFORE_VALUES: &str = " -- binds: ";

/// Records the queries of a connection.
///
/// ```no_run
/// # fn with(connection: &mut impl diesel::Connection) {
/// connection.set_instrumentation(perf_runtime::sql::diesel::Queries::default());
/// # }
/// ```
///
/// For all connections of the program, `diesel::connection::set_default_instrumentation` takes it.
#[derive(Debug)]
pub struct Queries {
    connection: u64,
}

thread_local! {
    /// The queries that run in this thread, and their connections.
    static RUNNING: RefCell<Vec<(u64, ActiveCall)>> = const { RefCell::new(Vec::new()) };
}

impl Default for Queries {
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Queries { connection: LAST.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Queries {
    fn begin(&self, statement: &str) {
        self.end();
        // The values are a comment behind the statement, and may have lines of their own.
        let statement = statement.split(BEFORE_VALUES).next().unwrap_or_default();
        if let Some(call) = enter(rows::of_statement(statement)) {
            // A query that is begun while the thread ends is ended with the call around it.
            let _ = RUNNING.try_with(|running| running.borrow_mut().push((self.connection, call)));
        }
    }

    /// A call ends in the thread in which it began. One whose end nobody told there ends with the call around it.
    fn end(&self) {
        let ended = RUNNING.try_with(|running| {
            let mut running = running.borrow_mut();
            let place = running.iter().position(|query| query.0 == self.connection)?;
            Some(running.remove(place).1)
        });
        if let Ok(Some(call)) = ended {
            exit_exact(call);
        }
    }
}

impl Instrumentation for Queries {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } if !state::is_off() => self.begin(&query.to_string()),
            InstrumentationEvent::FinishQuery { .. } => self.end(),
            _ => {}
        }
    }
}
