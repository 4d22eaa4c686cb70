//! The waits for connections of a pool of the crate `r2d2`.

use r2d2::HandleEvent;
use r2d2::event::{CheckoutEvent, TimeoutEvent};

use std::time::Duration;

use super::rows;
use crate::call::wait;
use crate::process::site::Site;
use crate::process::state;

/// Has a pool record its waits, in a row of this name.
///
/// ```no_run
/// # fn build<M: r2d2::ManageConnection>(manager: M) -> Result<r2d2::Pool<M>, r2d2::Error> {
/// r2d2::Pool::builder().event_handler(perf_runtime::sql::r2d2::events("orders")).build(manager)
/// # }
/// ```
#[must_use]
pub fn events(pool: &str) -> Box<dyn HandleEvent> {
    Box::new(Waits { all: rows::of_pool(pool), failed: rows::of_failed(pool) })
}

#[derive(Debug)]
struct Waits {
    all: &'static Site,
    failed: &'static Site,
}

/// Each is told of in the thread that waited, when it has.
impl HandleEvent for Waits {
    fn handle_checkout(&self, event: CheckoutEvent) {
        if !state::is_off() {
            wait::ended(self.all, event.duration());
        }
    }

    fn handle_timeout(&self, event: TimeoutEvent) {
        if !state::is_off() {
            wait::ended(self.all, event.timeout());
            wait::ended(self.failed, Duration::ZERO);
        }
    }
}
