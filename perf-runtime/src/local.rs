//! The calling thread's way into the recording: its shard, and the begin and end of a call.
//!
//! [`enter`] and [`exit`] are what a measured call costs. The thread-local is constant-initialised and has no destructor, so
//! reading it is one load, in destructors of other thread-locals too. Whatever happens only once per thread, or per thread
//! and site, is in the cold functions, which are guarded against themselves: an allocator or signal handler that calls an
//! annotated function from inside them has its call counted as lost.

use std::cell::Cell;
use std::thread::panicking;

use perf_report::recording::layout::frame;

use crate::clock;
use crate::control::{self, recording};
use crate::platform;
use crate::recording::{Ended, Outcome, Recording, Shard, Slot};
use crate::site::{Site, Timing};

thread_local! {
    static SHARD: Cell<Option<Shard>> = const { Cell::new(None) };
    /// Set while the thread is in a cold function.
    static IN_COLD_CODE: Cell<bool> = const { Cell::new(false) };
}

/// A call that is being recorded: the clock at its start.
pub(crate) type Start = u64;

/// Begins a call. `None` if it is not recorded.
#[inline(never)]
pub(crate) fn enter(site: &'static Site) -> Option<Start> {
    if let Some(shard) = SHARD.get()
        && !shard.is_busy()
        && let Some(slot) = shard.slot(site.id())
    {
        return Some(begin(shard, site, Some(slot)));
    }
    enter_first(site)
}

/// Adaptive timing: counts a call without timing it, if that is enough.
#[inline(always)]
pub(crate) fn only_count(site: &'static Site) -> bool {
    if let Some(shard) = SHARD.get()
        && let Some(slot) = shard.slot(site.id())
    {
        return shard.only_count(slot);
    }
    false
}

#[inline(always)]
fn begin(shard: Shard, site: &'static Site, slot: Option<Slot>) -> Start {
    let mut flags = u64::from(panicking());
    if site.description.timing == Timing::Adaptive
        && let Some(slot) = slot
    {
        flags |= shard.take_counted(slot) << 1;
    }
    let frame = shard.begin(site.id(), slot, flags);
    // The last thing done here and the first in `exit`, so that a duration holds as little of the measuring as may be.
    let start = clock::now();
    if let Some(frame) = frame {
        frame.set(frame::START, start);
    }
    start
}

/// Ends a call that [`enter`] began.
#[inline(never)]
pub(crate) fn exit(site: &'static Site, start: Start) {
    let end = clock::now();
    end_at(site, start, end, Outcome::Returned { unwound: panicking() });
}

/// Ends a call or a poll at a moment that has been read from the clock.
#[inline(always)]
pub(crate) fn end_at(site: &'static Site, start: Start, end: u64, outcome: Outcome) {
    if let Some(shard) = SHARD.get()
        && let Some(recording) = recording()
    {
        let adaptive = site.description.timing == Timing::Adaptive;
        if let Ended::WithoutSlot { ticks } = shard.end(recording, site.id(), (start, end), adaptive, outcome) {
            recording.count_overflow(ticks);
        }
        return;
    }
    end_without_shard(start, end);
}

/// The first call of a thread or of a site in it, and calls that interrupt the recorder.
#[cold]
#[inline(never)]
fn enter_first(site: &'static Site) -> Option<Start> {
    cold(|| {
        control::decide();
        if !control::is_on() {
            return None;
        }
        let recording = recording()?;
        let Some(shard) = SHARD.get().or_else(|| adopt(recording)) else {
            // No room for a shard: `exit` counts the call.
            return Some(clock::now());
        };
        let slot = slot_of(recording, shard, site);
        Some(begin(shard, site, slot))
    })
}

/// The calling thread's shard and its slot for a site, made if need be, while the thread may be recorded.
pub(crate) fn with_slot<T>(site: &'static Site, f: impl FnOnce(&'static Recording, Shard, Slot) -> T) -> Option<T> {
    let shard_and_slot = |shard: Shard| shard.slot(site.id()).map(|slot| (shard, slot));
    let found = SHARD.get().filter(|shard| !shard.is_busy()).and_then(shard_and_slot);
    let (shard, slot) = match found {
        Some(found) => found,
        None => cold(|| {
            let recording = recording()?;
            let shard = SHARD.get().or_else(|| adopt(recording))?;
            Some((shard, slot_of(recording, shard, site)?))
        })?,
    };
    Some(f(recording()?, shard, slot))
}

fn slot_of(recording: &'static Recording, shard: Shard, site: &'static Site) -> Option<Slot> {
    control::register(recording, site);
    match site.id() {
        0 => None,
        id if id == Site::BEING_REGISTERED as usize => None,
        id => shard.slot(id).or_else(|| shard.new_slot(recording, id)),
    }
}

/// Gives the thread a shard until it ends.
fn adopt(recording: &'static Recording) -> Option<Shard> {
    let shard = recording.acquire()?;
    SHARD.set(Some(shard));
    platform::at_this_threads_end();
    Some(shard)
}

/// Runs code that must not be entered twice in a thread; calls that try are lost.
fn cold<T>(f: impl FnOnce() -> Option<T>) -> Option<T> {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            IN_COLD_CODE.set(false);
        }
    }

    let interrupted = IN_COLD_CODE.get() || SHARD.get().is_some_and(Shard::is_busy);
    if interrupted {
        if let Some(recording) = recording().filter(|_| control::is_on()) {
            recording.count_lost();
        }
        return None;
    }
    IN_COLD_CODE.set(true);
    let _leave = Leave;
    f()
}

/// The recording has no room for this thread, or it is another process's (after a fork).
#[cold]
#[inline(never)]
fn end_without_shard(start: Start, end: u64) {
    if let Some(recording) = recording() {
        recording.count_overflow(end.saturating_sub(start));
    }
}

/// The thread ends: its shard is for another one. Destructors that run later get a new one, for as long as the system runs
/// destructors in rounds.
pub(crate) extern "C" fn thread_ended(_value: *mut std::ffi::c_void) {
    if let Some(shard) = SHARD.take()
        && let Some(recording) = recording()
    {
        recording.release(shard);
    }
}

/// In a forked child: the shard is the parent's.
pub(crate) fn forget_shard() {
    SHARD.set(None);
    IN_COLD_CODE.set(false);
}
