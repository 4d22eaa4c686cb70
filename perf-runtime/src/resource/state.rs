//! The states of a resource.

use std::fmt;

use perf_report::recording::layout::resource;

/// Where a resource stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// It was torn down. What is kept can still be used; what was evicted is made anew if it is asked for.
    ShutDown,
}

impl ResourceState {
    pub(crate) fn code(self) -> u64 {
        match self {
            ResourceState::Declared => resource::STATE_DECLARED,
            ResourceState::Initialising => resource::STATE_INITIALISING,
            ResourceState::Ready => resource::STATE_READY,
            ResourceState::Failed => resource::STATE_FAILED,
            ResourceState::Evicted => resource::STATE_EVICTED,
            ResourceState::ShutDown => resource::STATE_SHUT_DOWN,
        }
    }
}

impl fmt::Display for ResourceState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ResourceState::Declared => "declared",
            ResourceState::Initialising => "initialising",
            ResourceState::Ready => "ready",
            ResourceState::Failed => "failed",
            ResourceState::Evicted => "evicted",
            ResourceState::ShutDown => "shut down",
        })
    }
}
