//! Waiting for a condition.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on however slow and busy a machine: what has not come by then does not come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(2);

/// Waits until a condition holds.
///
/// # Panics
/// If it does not within [`PATIENCE`], with its description.
#[track_caller]
pub fn until(condition: &str, holds: impl FnMut() -> bool) {
    assert!(holds_in_time(holds), "not within {PATIENCE:?}: {condition}");
}

/// Waits until a condition holds, and says whether it does.
pub fn holds_in_time(mut holds: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if begun.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(INTERVAL);
    }
}

/// The system's id of the calling thread.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "a system call")]
#[must_use]
pub fn thread_id() -> i32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::gettid() }
}

/// Waits until all these threads of this process sleep at once: each waits for something that somebody else has to do.
///
/// Looks twice. A thread that waits for a lock which another of them holds is seen with one that runs.
///
/// # Panics
/// If they do not within [`PATIENCE`].
#[cfg(target_os = "linux")]
#[track_caller]
pub fn until_asleep(threads: &[i32]) {
    let asleep = || {
        threads.iter().all(|thread| {
            let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
            // The state follows the name, which is in parentheses and may hold any.
            stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('S'))
        })
    };
    until("the threads wait", || asleep() && asleep());
}
