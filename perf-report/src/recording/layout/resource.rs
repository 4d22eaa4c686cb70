//! A resource record: the life of one `#[lazy_resource]`.
//!
//! Times are readings of the system's monotonic clock in ns, 0 for never.

use std::fmt;

use serde::Serialize;

/// Absolute offset of the next older record.
pub const NEXT: usize = 0;
/// Site of its initialiser, whose name is the resource's.
pub const SITE: usize = 1;
/// Sum of [`EVICTABLE`] and [`ASYNC`], as they hold.
pub const FLAGS: usize = 2;
/// The [`ResourceState`]: one of the `STATE_` numbers.
pub const STATE: usize = 3;
/// Initialisations that gave a value.
pub const INITIALISATIONS: usize = 4;
/// Attempts that failed, panicked or took too long.
pub const FAILURES: usize = 5;
/// Accesses that waited for an initialisation.
pub const WAITED: usize = 6;
/// When it was first asked for.
pub const FIRST_USE: usize = 7;
/// How long the first initialisation that gave a value took in ns.
pub const FIRST_INIT_NS: usize = 8;
/// How long the last initialisation that gave a value took in ns.
pub const LAST_INIT_NS: usize = 9;
/// Leases given, if it is evictable.
pub const ACCESSES: usize = 10;
/// Leases out.
pub const LEASES: usize = 11;
/// Bytes that its value holds, by the `weight` option.
pub const WEIGHT: usize = 12;
/// When it was last seen to be used.
pub const LAST_USE: usize = 13;
/// Values given up.
pub const EVICTIONS: usize = 14;
/// Bytes that those held.
pub const FREED: usize = 15;
/// How long its teardown took in ns.
pub const TEARDOWN_NS: usize = 16;
/// The [`TeardownOutcome`]: one of the `TEARDOWN_` numbers.
pub const TEARDOWN: usize = 17;
/// Position of its last initialisation in the order of all, from 1.
pub const ORDER: usize = 18;
/// [`HEALTH_UNKNOWN`], [`HEALTHY`] or [`UNHEALTHY`].
pub const HEALTH: usize = 19;
/// Dependencies that had no room in the list.
pub const MORE_DEPENDENCIES: usize = 20;
/// The dependencies: site of a resource, plus [`DECLARED`] and [`LEARNT`].
///
/// 0 where there is none.
pub const DEPENDENCIES: usize = 24;
/// Room for dependencies.
pub const DEPENDENCY_COUNT: usize = 24;
/// Length of a record.
pub const LEN: usize = DEPENDENCIES + DEPENDENCY_COUNT;

/// [`FLAGS`]: its value may be given up and made anew.
pub const EVICTABLE: u64 = 1;
/// [`FLAGS`]: its initialiser is async.
pub const ASYNC: u64 = 2;

/// [`STATE`]: never asked for.
pub const STATE_DECLARED: u64 = 0;
/// [`STATE`]: the initialiser runs.
pub const STATE_INITIALISING: u64 = 1;
/// [`STATE`]: the value is there.
pub const STATE_READY: u64 = 2;
/// [`STATE`]: the last initialisation failed.
pub const STATE_FAILED: u64 = 3;
/// [`STATE`]: the value was given up.
pub const STATE_EVICTED: u64 = 4;
/// [`STATE`]: torn down.
pub const STATE_SHUT_DOWN: u64 = 5;

/// [`TEARDOWN`]: it has not come to that.
pub const TEARDOWN_NOT_YET: u64 = 0;
/// [`TEARDOWN`]: done.
pub const TEARDOWN_DONE: u64 = 1;
/// [`TEARDOWN`]: the hook or the drop panicked.
pub const TEARDOWN_PANICKED: u64 = 2;
/// [`TEARDOWN`]: it took longer than its limit and was left behind.
pub const TEARDOWN_GIVEN_UP: u64 = 3;
/// [`TEARDOWN`]: done, but leases were out, which keep the value.
pub const TEARDOWN_LEASED: u64 = 4;

/// [`HEALTH`]: never asked.
pub const HEALTH_UNKNOWN: u64 = 0;
/// [`HEALTH`]: the `health` option said yes.
pub const HEALTHY: u64 = 1;
/// [`HEALTH`]: the `health` option said no.
pub const UNHEALTHY: u64 = 2;

/// [`DEPENDENCIES`]: named by the attribute.
pub const DECLARED: u64 = 1 << 32;
/// [`DEPENDENCIES`]: seen when the initialiser ran.
pub const LEARNT: u64 = 1 << 33;

/// Where a resource stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResourceState {
    /// Never asked for.
    Declared,
    /// Its initialiser is running, and there is no value yet.
    Initialising,
    /// Its value is there.
    Ready,
    /// Its initialiser failed; the next access tries again.
    Failed,
    /// Its value was given up; the next access makes a new one.
    Evicted,
    /// It was torn down.
    ///
    /// A kept value can still be used, and an evicted one is created again on its next use.
    #[serde(rename = "shut down")]
    ShutDown,
}

impl ResourceState {
    const ALL: [(ResourceState, u64, &'static str); 6] = [
        (ResourceState::Declared, STATE_DECLARED, "declared"),
        (ResourceState::Initialising, STATE_INITIALISING, "initialising"),
        (ResourceState::Ready, STATE_READY, "ready"),
        (ResourceState::Failed, STATE_FAILED, "failed"),
        (ResourceState::Evicted, STATE_EVICTED, "evicted"),
        (ResourceState::ShutDown, STATE_SHUT_DOWN, "shut down"),
    ];

    /// Its number in a recording.
    #[must_use]
    pub const fn code(self) -> u64 {
        Self::ALL[self as usize].1
    }

    /// The state that a number stands for.
    #[must_use]
    pub fn from_code(code: u64) -> Option<ResourceState> {
        Self::ALL.iter().find(|state| state.1 == code).map(|state| state.0)
    }

    /// The word that reports use for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].2
    }
}

impl fmt::Display for ResourceState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How a teardown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum TeardownOutcome {
    /// Done.
    Done,
    /// The hook panicked.
    Panicked,
    /// It took longer than its limit and was left behind.
    #[serde(rename = "given up")]
    GivenUp,
    /// Done, but leases were out, which keep the value.
    Leased,
}

impl TeardownOutcome {
    /// Its number in a recording.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            TeardownOutcome::Done => TEARDOWN_DONE,
            TeardownOutcome::Panicked => TEARDOWN_PANICKED,
            TeardownOutcome::GivenUp => TEARDOWN_GIVEN_UP,
            TeardownOutcome::Leased => TEARDOWN_LEASED,
        }
    }

    /// The outcome that a number stands for; there is none for [`TEARDOWN_NOT_YET`].
    #[must_use]
    pub const fn from_code(code: u64) -> Option<TeardownOutcome> {
        match code {
            TEARDOWN_DONE => Some(TeardownOutcome::Done),
            TEARDOWN_PANICKED => Some(TeardownOutcome::Panicked),
            TEARDOWN_GIVEN_UP => Some(TeardownOutcome::GivenUp),
            TEARDOWN_LEASED => Some(TeardownOutcome::Leased),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_for_what_has_it() {
        for (index, (state, code, name)) in ResourceState::ALL.into_iter().enumerate() {
            assert_eq!((state as usize, state.code(), state.name()), (index, code, name));
            assert_eq!(ResourceState::from_code(code), Some(state));
        }
        use TeardownOutcome::{Done, GivenUp, Leased, Panicked};
        for outcome in [Done, Panicked, GivenUp, Leased] {
            assert_eq!(TeardownOutcome::from_code(outcome.code()), Some(outcome));
        }
        assert_eq!((ResourceState::from_code(6), TeardownOutcome::from_code(TEARDOWN_NOT_YET)), (None, None));
    }
}
