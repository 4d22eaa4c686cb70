//! The queries of the crate `diesel`.

use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use super::{rows, running};
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
        running::begin(self.connection, rows::of_statement(statement));
    }

    fn end(&self) {
        running::end(|| self.connection);
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
