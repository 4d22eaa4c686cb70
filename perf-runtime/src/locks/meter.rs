//! The events of a lock that the recorder is told: that it was acquired, that somebody waits for it, and for how long it was held.
//!
//! A lock knows the place of its declaration, from which two rows follow: the lock, whose calls are acquisitions and whose time is the
//! wait for it; and its holds. Both are found at the first acquisition and kept beside the lock, so that any other one that need not wait
//! costs a step of a counter in the thread's own memory. That counter also says which holds are timed: see
//! [`Slot::plan_next_hold`](crate::recording::Slot::plan_next_hold).
//!
//! Of locks that threads hold, the thread notes besides which it holds and which one it waits for, as the address of this: from that
//! readers see deadlocks (`recording/held.rs`). Locks that tasks hold move between threads with them and are not noted.

use core::any::type_name;
use core::fmt;
use core::panic::Location;

use perf_report::recording::layout::locks;

use crate::call::counted;
use crate::call::held;
use crate::call::in_place;
use crate::call::thread;
use crate::call::wait::Wait;
#[cfg(feature = "sync-tokio")]
use crate::call::wait::{self, AsyncWait, PolledWait};
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

/// A hold that may be timed, and noted.
///
/// Two whole words, since a guard goes by way of the stack: a part of one that is written there alone and read as part of it takes 5 ns.
#[must_use]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hold {
    /// The clock at the acquisition; 0 if it is not timed.
    start: u64,
    /// For how many holds it stands, and in the lower half where it is noted; 0 if it is not.
    weight_and_place: u64,
}

impl Hold {
    /// One that is neither timed nor noted.
    pub(super) const NOT_TIMED: Hold = Hold { start: 0, weight_and_place: 0 };

    fn timed(start: u64, weight: u32, place: u64) -> Hold {
        Hold { start, weight_and_place: u64::from(weight) << 32 | place }
    }

    #[inline(always)]
    pub(super) fn is_timed(self) -> bool {
        self.start != 0
    }

    fn weight(self) -> u64 {
        self.weight_and_place >> 32
    }

    #[inline(always)]
    fn place(self) -> u64 {
        self.weight_and_place & u64::from(u32::MAX)
    }
}

/// With whom a thread holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Alone,
    /// Beside other readers.
    Shared,
}

/// How a thread waits for a lock, as far as it may be part of a deadlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// For as long as it takes.
    ForEver(Access),
    /// So too, as a reader that becomes a writer.
    #[cfg_attr(not(feature = "sync-parking-lot"), allow(dead_code, reason = "the others' readers cannot"))]
    ToUpgrade,
    /// For some time only; or for a lock that tasks hold.
    #[cfg_attr(
        not(any(feature = "sync-parking-lot", feature = "sync-tokio")),
        allow(dead_code, reason = "the others wait for as long as it takes")
    )]
    Otherwise,
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

    /// A thread acquired the lock without a wait.
    #[inline]
    pub(super) fn acquired(&self, access: Access) -> Hold {
        if state::is_off() { Hold::NOT_TIMED } else { self.count_hold(self.address_for(access)) }
    }

    #[inline]
    fn count_hold(&self, lock: u64) -> Hold {
        match self.wait.get().map_or(0, |site| counted::count_hold(site, lock)) {
            0 => self.count_acquisition_slow(Some(lock)),
            counted => Hold { start: 0, weight_and_place: counted - 1 },
        }
    }

    /// A task acquired the lock without a wait.
    #[cfg(feature = "sync-tokio")]
    #[inline]
    pub(super) fn acquired_by_task(&self) -> Hold {
        match self.wait.get() {
            _ if state::is_off() => Hold::NOT_TIMED,
            Some(site) if counted::count_acquisition(site) => Hold::NOT_TIMED,
            _ => self.count_acquisition_slow(None),
        }
    }

    #[cold]
    #[inline(never)]
    fn count_acquisition_slow(&self, lock: Option<u64>) -> Hold {
        let acquisition = counted::count_acquisition_slow(self.wait_site(), lock);
        let start = if acquisition.weight == 0 { 0 } else { clock::now() };
        Hold::timed(start, acquisition.weight, acquisition.place)
    }

    /// By which it is known among the locks that a thread holds. It does not move while it is held.
    #[inline(always)]
    fn address(&self) -> u64 {
        core::ptr::from_ref(self).addr() as u64
    }

    /// The address, and how it is held.
    #[inline(always)]
    fn address_for(&self, access: Access) -> u64 {
        match access {
            Access::Alone => self.address(),
            Access::Shared => self.address() | locks::SHARES,
        }
    }

    /// A thread holds the lock as it did, but no longer alone: who waits for whom is not known any more.
    #[inline]
    pub(super) fn is_shared_now(&self, hold: Hold) -> Hold {
        self.releases(hold);
        Hold { weight_and_place: hold.weight_and_place & !u64::from(u32::MAX), ..hold }
    }

    /// The lock is about to be released.
    #[inline]
    pub(super) fn releases(&self, hold: Hold) {
        if hold.place() != 0 {
            held::end_hold(self.address(), hold.place());
        }
    }

    /// Begins a wait for the lock, which somebody else holds.
    ///
    /// Beginning and end are apart so that a guard need not pass through a function that is not inlined: it would go by way of the stack
    /// also where nobody waits, and a flag that is written there as a byte and read as part of a word takes 5 ns.
    #[cold]
    #[inline(never)]
    pub(super) fn begin_wait(&self, waits: Waits) -> Wait {
        if state::is_off() {
            return Wait::not_recorded();
        }
        let waiting = Wait::begin(self.wait_site());
        let lock = match waits {
            Waits::ForEver(access) => self.address_for(access),
            Waits::ToUpgrade => self.address() | locks::UPGRADES,
            Waits::Otherwise => return waiting,
        };
        if waiting.is_recorded() {
            held::begin_to_wait(self.wait_site(), lock);
        }
        waiting
    }

    /// Ends a wait that brought a thread the lock.
    #[cold]
    #[inline(never)]
    pub(super) fn end_wait(&self, waiting: Wait, access: Access) -> Hold {
        match Meter::waited(waiting) {
            Some(start) => self.hold_from(start, held::begin_hold(self.wait_site(), self.address_for(access))),
            None => Hold::NOT_TIMED,
        }
    }

    /// As [`end_wait`](Self::end_wait), for a lock that tasks hold.
    #[cfg(feature = "sync-tokio")]
    #[cold]
    #[inline(never)]
    pub(super) fn end_wait_of_task(&self, waiting: Wait) -> Hold {
        Meter::waited(waiting).map_or(Hold::NOT_TIMED, |start| self.hold_from(start, 0))
    }

    /// A hold that begins where a wait ended, timed or not.
    fn hold_from(&self, start: u64, place: u64) -> Hold {
        match counted::plan_hold_after_wait(self.wait_site(), start) {
            0 => Hold { start: 0, weight_and_place: place },
            weight => Hold::timed(start, weight, place),
        }
    }

    /// Ends a wait, and says when that was if it is recorded.
    ///
    /// The clock was read for its end, and not once more for the hold that begins with it, as others wait for the lock meanwhile.
    fn waited(waiting: Wait) -> Option<u64> {
        let is_recorded = waiting.is_recorded();
        if is_recorded {
            held::has_waited();
        }
        drop(waiting);
        is_recorded.then(|| counted::last_end().unwrap_or_else(clock::now))
    }

    /// Waits for the lock, which somebody else holds. The hold that follows may be timed, if the lock was `acquired`.
    #[cfg(feature = "sync-parking-lot")]
    #[cold]
    #[inline(never)]
    pub(super) fn wait<R>(
        &self,
        waits: Waits,
        wait: impl FnOnce() -> R,
        acquired: impl FnOnce(&R) -> Option<Access>,
    ) -> (R, Hold) {
        let waiting = self.begin_wait(waits);
        let result = wait();
        let hold = match acquired(&result) {
            Some(access) => self.end_wait(waiting, access),
            None => {
                Meter::waited(waiting);
                Hold::NOT_TIMED
            }
        };
        (result, hold)
    }

    /// Acquires the lock by a future, which waits if somebody else holds it.
    #[cfg(feature = "sync-tokio")]
    pub(super) async fn acquire<F: Future>(&self, acquire: F) -> (F::Output, Hold) {
        self.acquire_if(acquire, |_| true).await
    }

    /// As [`acquire`](Self::acquire), by a future that may end without.
    #[cfg(feature = "sync-tokio")]
    pub(super) async fn acquire_if<F: Future>(
        &self,
        acquire: F,
        acquired: impl FnOnce(&F::Output) -> bool,
    ) -> (F::Output, Hold) {
        let (output, waited) = AsyncWait::new(self.wait_site(), acquire).await;
        let hold = match (acquired(&output), waited) {
            (false, _) => Hold::NOT_TIMED,
            (true, true) => self.hold_from(clock::now(), 0),
            (true, false) => self.acquired_by_task(),
        };
        (output, hold)
    }

    /// A wait by polls, for something that is not held.
    #[cfg(feature = "sync-tokio")]
    pub(super) fn polled_wait(&self) -> PolledWait {
        PolledWait::new(self.wait_site())
    }

    /// That came. A wait is a call already.
    #[cfg(feature = "sync-tokio")]
    pub(super) fn notified(&self, waited: bool) {
        if !waited {
            wait::count(self.wait_site(), 1);
        }
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
        let (row, ticks) = (self.hold_site(), end.saturating_sub(hold.start));
        if !poisoned && in_place::record_hold(row, ticks, hold.weight()) {
            return;
        }
        thread::with_slot(row, |recording, shard, slot| {
            if hold.is_timed() {
                shard.record_hold(recording, slot, ticks, hold.weight());
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
                match kind.part() {
                    Some(part) => format!("{lock} ({part})"),
                    None => lock,
                }
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
