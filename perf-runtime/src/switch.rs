//! The switch in code.

use crate::control;
use crate::environment;
use crate::session::Settings;

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
    control::decide();
    control::switch_on(&environment::over(Settings { signals: false, ..Settings::default() }));
}

/// Stops recording: calls that begin from now on cost a load and a branch and are in no figure. Calls in flight are recorded
/// when they end. What was recorded stays, and so do the reports that were asked for.
pub fn disable() {
    control::decide();
    control::switch_off();
}

/// Whether calls are recorded.
#[must_use]
pub fn is_enabled() -> bool {
    control::decide();
    control::is_on()
}
