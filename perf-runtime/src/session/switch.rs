//! The switch in code: recording without a session.

use super::settings::Settings;
use super::{environment, lifecycle};
use crate::process::state;

/// Starts recording without a session, or resumes it after [`disable`].
///
/// The figures are read by [`snapshot`](crate::snapshot()). No report is written when the process ends, unless the environment
/// asks for one. With `PERF_ENABLED=0` the call has no effect.
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

/// Stops recording: calls that begin later are not counted.
///
/// An annotated call then costs one load and one branch. Calls in flight are recorded when they end. The figures so far are
/// kept, and the reports of open sessions are still written.
pub fn disable() {
    lifecycle::decide();
    state::switch_off();
}

/// Returns whether calls are recorded at the moment.
#[must_use]
pub fn is_enabled() -> bool {
    lifecycle::decide();
    state::is_on()
}
