//! How a resource is managed, by its attribute: what of it does not depend on the type of the value.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::process::site::Site;

/// The rules.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) site: &'static Site,
    /// Further attempts within an access.
    pub(crate) retries: u32,
    /// Pause before the first of them; zero without `retry`.
    pub(crate) backoff: Duration,
    /// Longest pause.
    pub(crate) longest: Duration,
    pub(crate) timeout: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) warm: bool,
}

impl Rules {
    /// The pause after failure number `failure` (from 0): doubled each time, up to the longest, less up to half of it by
    /// chance, so that many processes that failed together do not try again together.
    pub(crate) fn pause(&self, failure: u32) -> Duration {
        let factor = 1_u32.checked_shl(failure).unwrap_or(u32::MAX);
        let whole = self.backoff.saturating_mul(factor).min(self.longest);
        whole - whole.mul_f64(0.5 * random())
    }
}

/// From 0 to 1, different each time and in each process. The standard library seeds its hashing from the system, once per
/// thread; a shard has random numbers too, but only where something is recorded.
fn random() -> f64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let hash = RandomState::new().hash_one(CALLS.fetch_add(1, Ordering::Relaxed));
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}
