//! The switch in code.

use super::settings::Settings;
use super::{environment, lifecycle};
use crate::process::state;

/// Starts recording without a session, or goes on after [`disable`]: the figures are for [`snapshot`](crate::snapshot()),
/// and no report is written at the end unless the environment asks for one.
///
/// Does nothing if `PERF_ENABLED=0`.
///
/// ```
/// perf_runtime::enable();
/// assert!(perf_runtime::is_enabled());
/// perf_runtime::disable();
/// assert!(!perf_runtime::is_enabled());
/// ```
pub fn enable() {
    lifecycle::decide();
    lifecycle::switch_on(&environment::over(Settings::default()));
}

/// Stops recording: calls that begin from now on cost a load and a branch and are in no figure. Calls in flight are recorded
/// when they end. What was recorded stays, and so do the reports that were asked for.
pub fn disable() {
    lifecycle::decide();
    state::switch_off();
}

/// Whether calls are recorded.
#[must_use]
pub fn is_enabled() -> bool {
    lifecycle::decide();
    state::is_on()
}
