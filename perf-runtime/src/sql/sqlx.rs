//! The queries of the crate `sqlx`, from the events that it tells `tracing` of.
//!
//! When a query has ended, sqlx emits an event of the target `sqlx::query` with the statement, the time since it was sent, and the number of
//! rows. So one layer sees all queries, those of the macros and of libraries too, and none of them is written differently.

use std::time::Duration;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
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
/// It asks for the events of sqlx's queries alone. They are of the level `DEBUG`, so no filter of the whole subscriber must take them away: a
/// filter that is another layer's own does not.
#[must_use]
pub fn layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    // Sqlx first asks whether anybody wants the event, which is no event itself.
    Queries.with_filter(filter_fn(|metadata| !metadata.is_span() && metadata.target() == TARGET))
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
        if let Query { statement: Some(site), took: Some(took), rows } = query {
            counted::record_ended_future(site, took);
            if let Some(rows) = rows {
                counted::add_rows(site, rows);
            }
        }
    }
}

/// What an event tells of a query.
#[derive(Default)]
struct Query {
    statement: Option<&'static Site>,
    took: Option<Duration>,
    rows: Option<u64>,
}

impl Visit for Query {
    fn record_str(&mut self, field: &Field, text: &str) {
        match field.name() {
            // Statements of few words stand here, and nowhere else.
            "summary" if !text.ends_with(CUT) => self.statement = Some(rows::of_statement(text)),
            "db.statement" if !text.is_empty() => self.statement = Some(rows::of_statement(text.trim())),
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).ok();
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        // Some databases count the rows that a query returns among those that it affects.
        if matches!(field.name(), "rows_returned" | "rows_affected") {
            self.rows = self.rows.max(Some(value));
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}
