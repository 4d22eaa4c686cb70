//! The path of a call: from the guard in an annotated function to the numbers in its thread's shard, and back.
//!
//! An expansion's [`guard`] asks the switch ([`crate::process::state`]) and then the calling [`thread`], which finds its shard and
//! records; calls of sites that are timed adaptively are [`adaptive`]'s. A [`label`] names the slowest calls. A [`future`] is a call per
//! poll and one record for its life; [`by_type`] gives a generic function a row per type; [`shapes`] serve functions that return
//! futures. Single polls and wakes of futures have rows of their own ([`polls`]), and so has the time that a future is alone ([`company`]). A [`wait`] is a call of what a program waits for; what wrappers count is [`counted`]. [`calibration`] measures, once, how much
//! all this costs.
//!
//! A call takes one of three paths. The fast path begins and ends the common call in a few dozen instructions. Recursive calls, calls by
//! other callers, polls, and calls that allocated memory end [`in_place`], and those that adaptive timing times begin there too, as long as no
//! memory has to be made for them. Everything else
//! goes the slow path, which would do all calls, to the same effect. Calls that adaptive timing only counts take none of them: they begin and end
//! in the annotated function itself.
//!
//! The following must never happen: a lock, a system call, or memory from the heap on either path; the recorder entered while it is at
//! work in the same thread.

mod adaptive;
pub(crate) mod by_type;
#[cfg(not(all(test, loom)))]
pub(crate) mod calibration;
#[cfg(feature = "tasks")]
mod company;
/// Without the feature, nothing is known of company.
#[cfg(not(feature = "tasks"))]
mod company {
    use crate::process::site::Site;

    #[derive(Debug)]
    pub(super) struct Place;

    impl Place {
        pub(super) const fn new() -> Place {
            Place
        }

        #[cfg(feature = "resources")]
        pub(super) const fn apart() -> Place {
            Place
        }

        pub(super) fn leave_unfinished(&self, _now: u64) {}

        pub(super) fn record(&self, _site: &'static Site, _first: u64, _end: u64) {}
    }
}
/// In a model time has no meaning, and measuring costs nothing.
#[cfg(all(test, loom))]
pub(crate) mod calibration {
    use crate::recording::{Costs, Origin, Recording};

    pub(crate) fn costs(_origin: &Origin) -> Costs {
        Costs::default()
    }

    pub(crate) fn note_again(_recording: &Recording) {}
}
#[cfg(feature = "waits")]
pub(crate) mod counted;
mod exit_abi;
pub(crate) mod future;
pub(crate) mod guard;
#[cfg(feature = "sync")]
pub(crate) mod held;
pub(crate) mod in_place;
pub(crate) mod label;
#[cfg(feature = "names")]
mod name_sketch;
#[cfg(feature = "names")]
pub(crate) mod named;
#[cfg(feature = "tasks")]
pub(crate) mod polls;
pub(crate) mod shapes;
pub(crate) mod thread;
#[cfg(feature = "waits")]
pub(crate) mod wait;
