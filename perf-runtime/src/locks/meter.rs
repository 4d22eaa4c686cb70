//! The events of a lock that the recorder is told: that it was acquired, that somebody waits for it, and for how long it was held.
//!
//! A lock knows the place of its declaration, from which two rows follow: the lock, whose calls are acquisitions and whose time is the
//! wait for it; and its holds. Both are found at the first acquisition and kept beside the lock, so that any other one that need not wait
//! costs a step of a counter in the thread's own memory. That counter also says which holds are timed: see
//! [`Slot::plan_next_hold`](crate::recording::Slot::plan_next_hold).

use core::any::type_name;
use core::fmt;
use core::panic::Location;

use crate::call::counted::{self, Acquisition};
use crate::call::thread;
#[cfg(feature = "sync-tokio")]
use crate::call::wait::AsyncWait;
use crate::call::wait::Wait;
use crate::platform::clock;
use crate::process::declarations::{self, Declaration};
use crate::process::site::{Kind, Site, Timing};
use crate::process::{state, type_names};
use crate::sync::StaticCell;

/// The rows of a lock, or of a condition variable.
pub(super) struct Meter {
    declared: &'static Location<'static>,
    /// `Mutex`, `RwLock`.
    lock: &'static str,
    /// The name of what it protects.
    content: fn() -> &'static str,
    /// The name that the program gave it.
    name: Option<&'static str>,
    wait: StaticCell<Site>,
    hold: StaticCell<Site>,
}

/// A hold that may be timed.
#[must_use]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hold {
    /// The clock at the acquisition; 0 if it is not timed.
    start: u64,
    /// For how many holds it stands.
    weight: u32,
}

impl Hold {
    /// One that is not timed.
    pub(super) const NOT_TIMED: Hold = Hold { start: 0, weight: 0 };

    #[inline(always)]
    pub(super) fn is_timed(self) -> bool {
        self.start != 0
    }
}

impl Meter {
    /// Of a lock that was declared there and protects a `T`.
    pub(super) const fn new<T>(lock: &'static str, declared: &'static Location<'static>) -> Meter {
        Meter {
            declared,
            lock,
            content: type_name::<T>,
            name: None,
            wait: StaticCell::none(),
            hold: StaticCell::none(),
        }
    }

    pub(super) fn set_name(&mut self, name: &'static str) {
        self.name = Some(name);
        (self.wait, self.hold) = (StaticCell::none(), StaticCell::none());
    }

    /// The lock was acquired without a wait.
    #[inline]
    pub(super) fn acquired(&self) -> Hold {
        if state::is_off() { Hold::NOT_TIMED } else { self.count_acquisition() }
    }

    #[inline]
    fn count_acquisition(&self) -> Hold {
        match self.wait.get() {
            Some(site) if counted::count_acquisition(site) => Hold::NOT_TIMED,
            _ => self.count_acquisition_slow(),
        }
    }

    #[cold]
    #[inline(never)]
    fn count_acquisition_slow(&self) -> Hold {
        match counted::count_acquisition_slow(self.wait_site()) {
            Acquisition::Counted => Hold::NOT_TIMED,
            Acquisition::Sampled { weight } => Hold { start: clock::now(), weight },
        }
    }

    /// Begins a wait for the lock, which somebody else holds.
    ///
    /// Beginning and end are apart so that a guard need not pass through a function that is not inlined: it would go by way of the stack
    /// also where nobody waits, and a flag that is written there as a byte and read as part of a word takes 5 ns.
    #[cold]
    #[inline(never)]
    pub(super) fn begin_wait(&self) -> Wait {
        if state::is_off() { Wait::not_recorded() } else { Wait::begin(self.wait_site()) }
    }

    /// Ends a wait that brought the lock.
    #[cold]
    #[inline(never)]
    pub(super) fn end_wait(&self, waiting: Wait) -> Hold {
        if !waiting.is_recorded() {
            return Hold::NOT_TIMED;
        }
        drop(waiting);
        Hold { start: clock::now(), weight: 1 }
    }

    /// Waits for the lock, which somebody else holds. The hold that follows is timed, if the lock was `acquired`.
    #[cfg(feature = "sync-parking-lot")]
    #[cold]
    #[inline(never)]
    pub(super) fn wait<R>(&self, wait: impl FnOnce() -> R, acquired: impl FnOnce(&R) -> bool) -> (R, Hold) {
        if state::is_off() {
            return (wait(), Hold::NOT_TIMED);
        }
        let waiting = Wait::begin(self.wait_site());
        let result = wait();
        drop(waiting);
        let hold = if acquired(&result) { Hold { start: clock::now(), weight: 1 } } else { Hold::NOT_TIMED };
        (result, hold)
    }

    /// Acquires the lock by a future, which waits if somebody else holds it.
    #[cfg(feature = "sync-tokio")]
    pub(super) async fn acquire<F: Future>(&self, acquire: F) -> (F::Output, Hold) {
        let (output, waited) = AsyncWait::new(self.wait_site(), acquire).await;
        let hold = if waited { Hold { start: clock::now(), weight: 1 } } else { self.acquired() };
        (output, hold)
    }

    /// As [`wait`](Self::wait), for what is not held afterwards: a condition.
    #[inline(never)]
    pub(super) fn wait_for<R>(&self, wait: impl FnOnce() -> R) -> R {
        let _waiting = Wait::begin(self.wait_site());
        wait()
    }

    /// A hold that was timed ends, at `end` by the clock; or one in which the thread panicked, which poisoned the lock.
    #[cold]
    #[inline(never)]
    pub(super) fn released(&self, hold: Hold, end: u64, poisoned: bool) {
        if state::is_off() || !hold.is_timed() && !poisoned {
            return;
        }
        thread::with_slot(self.hold_site(), |recording, shard, slot| {
            if hold.is_timed() {
                shard.record_hold(recording, slot, end.saturating_sub(hold.start), hold.weight.into());
            }
            if poisoned {
                slot.count_unwound();
            }
        });
    }

    /// Its row, whose calls are acquisitions.
    pub(super) fn wait_site(&self) -> &'static Site {
        self.site(&self.wait, Kind::Lock)
    }

    fn hold_site(&self) -> &'static Site {
        self.site(&self.hold, Kind::Hold)
    }

    #[cold]
    fn site(&self, kept: &StaticCell<Site>, kind: Kind) -> &'static Site {
        kept.get().unwrap_or_else(|| {
            let name = self.name.unwrap_or_else(self.content);
            let timing = match kind {
                Kind::Hold => Timing::Adaptive,
                _ => Timing::Waits,
            };
            let declaration = Declaration {
                kind,
                timing,
                name,
                part: self.lock,
                module: "",
                file: self.declared.file(),
                line: self.declared.line(),
                column: self.declared.column(),
            };
            let site = declarations::site(&declaration, || {
                let lock = match self.name {
                    Some(name) => name.to_owned(),
                    None => type_names::of_type(self.lock, name),
                };
                if kind == Kind::Hold { format!("{lock} (held)") } else { lock }
            });
            kept.set(Some(site));
            site
        })
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("declared", &self.declared).field("name", &self.name).finish_non_exhaustive()
    }
}
