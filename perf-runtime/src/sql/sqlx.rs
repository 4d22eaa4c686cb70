//! The queries of the crate `sqlx`, from the events that it tells `tracing` of.
//!
//! When a query has ended, sqlx emits an event of the target `sqlx::query` with the statement, the time since it was sent, and the number of
//! rows. So one layer sees all queries, those of the macros and of libraries too, and none of them is written differently.

use std::time::Duration;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Level, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::rows;
use crate::call::counted;
use crate::process::site::Site;
use crate::process::state;

/// Where sqlx says that a query has ended.
const TARGET: &str = "sqlx::query";

/// Behind the first words of a statement, where the whole of it is in a field of its own.
const CUT: &str = " …";

/// A layer that records the queries of sqlx.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(perf_runtime::sql::sqlx::layer());
/// # drop(subscriber);
/// ```
///
/// It asks for the events of sqlx's queries alone, up to the level `DEBUG`, which they have. A filter of the whole subscriber that takes these away
/// leaves nothing to be recorded; a filter that is another layer's own does not matter.
///
/// # Panics
/// Where a subscriber that it is added to takes no layers with filters, as `tracing_subscriber::fmt().finish()`: `tracing_subscriber` panics then. Give
/// it `registry().with(fmt::layer())`.
#[must_use]
pub fn layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    // Sqlx first asks whether anybody wants the event, which is no event itself.
    let is_query = |metadata: &Metadata<'_>| {
        !metadata.is_span() && metadata.target() == TARGET && *metadata.level() <= Level::DEBUG
    };
    // Without the hint, events of all levels would be asked for in the whole program.
    Queries.with_filter(FilterFn::new(is_query).with_max_level_hint(LevelFilter::DEBUG))
}

#[derive(Debug)]
struct Queries;

impl<S: Subscriber> Layer<S> for Queries {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if state::is_off() {
            return;
        }
        let mut query = Query::default();
        event.record(&mut query);
        if let (Some(site), Some(took)) = (query.statement, query.took) {
            counted::record_ended_future(site, took);
            if let Some(rows) = query.rows() {
                counted::add_rows(site, rows);
            }
        }
    }
}

/// What an event tells of a query.
#[derive(Default)]
struct Query {
    statement: Option<&'static Site>,
    /// Whether the statement is one that changes rows.
    changes: bool,
    took: Option<Duration>,
    returned: Option<u64>,
    affected: Option<u64>,
}

impl Query {
    fn is_of(&mut self, statement: &str) {
        const CHANGES: [&str; 6] = ["DELETE", "INSERT", "MERGE", "REPLACE", "UPDATE", "WITH"];
        let verb = statement.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
        self.changes = CHANGES.iter().any(|change| change.eq_ignore_ascii_case(verb));
        self.statement = Some(rows::of_statement(statement));
    }

    /// How many rows it returned or changed. SQLite tells with any statement how many the latest changed that changed some.
    fn rows(&self) -> Option<u64> {
        let returned = self.returned?;
        if returned == 0 && self.changes { self.affected } else { Some(returned) }
    }
}

impl Visit for Query {
    fn record_str(&mut self, field: &Field, text: &str) {
        match field.name() {
            // Statements of few words stand here, and nowhere else.
            "summary" if !text.ends_with(CUT) => self.is_of(text),
            "db.statement" if !text.is_empty() => self.is_of(text.trim()),
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).ok();
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "rows_returned" => self.returned = Some(value),
            "rows_affected" => self.affected = Some(value),
            _ => {}
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}
