//! The time limit of an end: of the teardown, the last snapshot and the reports together.
//!
//! Nobody waits for a process that ends: the stop of a container kills it after some seconds. So all of its work shares
//! [`limit`]: the teardown of resources takes at most half of the time, and the reports come in the other half.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::platform::time::monotonic_ns;

/// The default limit, in ns.
const USUAL_NS: u64 = 10_000_000_000;

/// Longer than anybody waits, and short enough to be added to any time.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

static LIMIT_NS: AtomicU64 = AtomicU64::new(USUAL_NS);

/// When the end of the process must be over, by the system's monotonic clock in ns; 0 while it goes on.
static PROCESS_NS: AtomicU64 = AtomicU64::new(0);

/// How long an end may take.
pub(crate) fn limit() -> Duration {
    Duration::from_nanos(LIMIT_NS.load(Ordering::Relaxed)).min(LONGEST)
}

pub(crate) fn set_limit(limit: Duration) {
    LIMIT_NS.store(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// When an end that begins now must be over.
pub(crate) fn of_an_end() -> Instant {
    Instant::now() + limit()
}

/// When the end of the process must be over. It begins when this is first asked for: the hooks that the system calls at an exit
/// come one after the other, and share the time.
pub(crate) fn of_the_process() -> Instant {
    let now = monotonic_ns();
    let end = now.saturating_add(u64::try_from(limit().as_nanos()).unwrap_or(u64::MAX));
    let end = match PROCESS_NS.compare_exchange(0, end, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => end,
        Err(earlier) => earlier,
    };
    Instant::now() + Duration::from_nanos(end.saturating_sub(now)).min(LONGEST)
}

/// The process does not end after all, or is a forked child, which has its own end.
pub(crate) fn process_goes_on() {
    PROCESS_NS.store(0, Ordering::Relaxed);
}

/// When all teardowns of an end must be over that has this deadline: the reports have the other half of the time.
#[cfg(feature = "resources")]
pub(crate) fn of_teardowns(deadline: Instant) -> Instant {
    deadline.checked_sub(limit() / 2).unwrap_or(deadline)
}

/// No deadline.
#[cfg(feature = "resources")]
pub(crate) fn never() -> Instant {
    Instant::now() + LONGEST
}

/// How much time is left.
pub(crate) fn left_until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn limits_shorter_than_a_millisecond_are_kept() {
        assert_eq!(limit(), Duration::from_secs(10));
        for kept in [Duration::from_micros(500), Duration::from_nanos(1), Duration::from_secs(3600)] {
            set_limit(kept);
            assert_eq!(limit(), kept);
        }
        set_limit(Duration::MAX);
        assert_eq!(limit(), LONGEST);
        set_limit(Duration::from_nanos(USUAL_NS));
    }
}
