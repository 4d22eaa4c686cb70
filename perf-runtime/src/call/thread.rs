//! The calling thread's way into the recording: its shard, and the begin and end of a call.
//!
//! [`enter`] and [`exit`] are what a measured call costs. The thread's word ([`thread_word`]) points to its shard, but
//! only while the usual may be done there. Otherwise it is null, which sends every call to the cold functions: before a
//! thread's first call, where the clock is not the processor's counter, and while the recorder itself is at work in the
//! thread. That last keeps allocators and signal handlers, which may call annotated functions from anywhere, out of
//! half-changed figures: their calls count as lost.

use std::cell::Cell;
use std::sync::atomic::{Ordering, compiler_fence};
use std::thread::panicking;

use crate::platform::{clock, thread_word, threads, time};
use crate::process::registration;
use crate::process::site::{Site, Timing};
use crate::process::state::{self, recording};
use crate::recording::memory::Words;
use crate::recording::{Outcome, Recording, Shard, Slot};

thread_local! {
    /// The thread's shard.
    static OWN: Cell<Option<Shard>> = const { Cell::new(None) };
    /// Whether the recorder is at work in the thread, off its usual path.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// The thread's shard while the usual may be done in it.
#[inline(always)]
fn usable() -> Option<Shard> {
    Words::from_pointer(thread_word::get()).map(Shard)
}

#[inline(always)]
fn set_usable(shard: Option<Shard>) {
    thread_word::set(Words::to_pointer(shard.map(|Shard(words)| words)));
}

/// A call that is being recorded: where, and the clock at its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    slot: Slot,
    pub(crate) start: u64,
}

/// Begins a call. `None` if it is not recorded.
#[inline(never)]
pub(crate) fn enter(site: &'static Site) -> Option<Call> {
    let id = site.id();
    if let Some(shard) = usable()
        && let Some(slot) = shard.slot(id)
        && let Some(frame) = shard.begin_usual(id, slot)
    {
        // The last thing done here and the first in `exit`, so that a duration holds as little of the measuring as may be.
        let start = clock::counter();
        Shard::started(frame, start);
        return Some(Call { slot, start });
    }
    enter_unusual(site)
}

/// Ends a call that [`enter`] began.
#[inline(never)]
pub(crate) fn exit(call: Call) {
    let end = clock::counter();
    // Apart from the usual path, because the question whether the thread unwinds is a call, if a rare one: a function that
    // makes it has registers to save.
    if panicking() { exit_unusual(call, end) } else { exit_usual(call, end) }
}

#[inline(never)]
fn exit_usual(call: Call, end: u64) {
    let Some(shard) = usable() else { return exit_unusual(call, end) };
    set_usable(None);
    compiler_fence(Ordering::AcqRel);
    let done = shard.end_usual(call.slot, call.start, end);
    compiler_fence(Ordering::AcqRel);
    set_usable(Some(shard));
    if !done {
        exit_unusual(call, end);
    }
}

/// Adaptive timing: counts a call without timing it, if that is enough.
#[inline(always)]
pub(crate) fn only_count(site: &'static Site) -> bool {
    usable().is_some_and(|shard| shard.only_count(site.near()))
}

/// Begins a call of a site that is timed adaptively.
#[inline(never)]
pub(crate) fn enter_adaptive(site: &'static Site) -> Option<Call> {
    // Of the sites whose slots are not near.
    let counted = usable().and_then(|shard| shard.slot(site.id())).is_some_and(Slot::only_count);
    if counted { None } else { enter_unusual(site) }
}

/// Begins a call that is not the usual one: the first of a thread or of a site in it, or one that interrupts the recorder,
/// or that is timed adaptively.
#[cold]
#[inline(never)]
pub(crate) fn enter_unusual(site: &'static Site) -> Option<Call> {
    at_work(|| {
        state::ask();
        if !state::is_on() {
            return None;
        }
        let recording = recording()?;
        let found = own_shard(recording).and_then(|shard| Some((shard, slot_of(recording, shard, site)?)));
        let Some((shard, slot)) = found else {
            recording.count_overflow();
            return None;
        };
        let counted = match site.description.timing {
            Timing::Exact => 0,
            // Where the clock is not the counter, this is the only way.
            Timing::Adaptive if slot.only_count() => return None,
            Timing::Adaptive => slot.take_counted(),
        };
        Some(Call { slot, start: shard.begin(slot, counted, clock::now) })
    })
}

/// Ends a call of a site that is timed adaptively.
#[inline(never)]
pub(crate) fn exit_adaptive(call: Call) {
    end(call, clock::now(), Outcome::AdaptiveCall { unwound: panicking() });
}

#[cold]
#[inline(never)]
fn exit_unusual(call: Call, counter: u64) {
    end(call, clock::now_or(counter), Outcome::Call { unwound: panicking() });
}

/// Ends a call or a poll.
pub(crate) fn end(call: Call, end: u64, outcome: Outcome) {
    at_work(|| {
        let recording = recording()?;
        // A call that was in flight when the process forked is the parent's.
        let site = recording.site_of(call.slot)?;
        if recording.time_is_due(end) {
            recording.note_time(clock::now(), time::monotonic_ns());
        }
        // The shard's slot for the site is the call's, unless the stack it runs on was moved here from another thread.
        let place = own_shard(recording)
            .and_then(|shard| Some((shard, shard.slot(site).or_else(|| shard.new_slot(recording, site))?)));
        match place {
            Some((shard, slot)) => shard.end(recording, slot, call.start, end, outcome),
            None => recording.count_overflow(),
        }
        Some(())
    });
}

/// Runs `f`, which records a call that ended, with the slot of its site in the calling thread. If that cannot be had, the
/// call is counted all the same.
pub(crate) fn with_slot(site: &'static Site, f: impl FnOnce(&Recording, Shard, Slot)) {
    at_work(|| {
        let recording = recording()?;
        match own_shard(recording).and_then(|shard| Some((shard, slot_of(recording, shard, site)?))) {
            Some((shard, slot)) => f(recording, shard, slot),
            None => recording.count_overflow(),
        }
        Some(())
    });
}

/// Runs `work` of the runtime's own; annotated functions that it calls on its way (an allocator) are not recorded.
pub(crate) fn undisturbed(work: impl FnOnce()) {
    at_work(|| {
        work();
        Some(())
    });
}

fn slot_of(recording: &Recording, shard: Shard, site: &'static Site) -> Option<Slot> {
    registration::register(recording, site);
    let id = site.registered_id()?;
    shard.slot(id).or_else(|| shard.new_slot(recording, id))
}

/// The thread's shard; it is given one that it keeps until it ends.
fn own_shard(recording: &Recording) -> Option<Shard> {
    OWN.get().or_else(|| {
        let shard = recording.acquire()?;
        OWN.set(Some(shard));
        threads::at_this_threads_end();
        Some(shard)
    })
}

/// Whether any call may go the usual way: the clock is the counter, and nothing but time is measured.
fn has_usual_path() -> bool {
    #[cfg(feature = "monitor")]
    if crate::allocations::is_installed() {
        return false;
    }
    clock::counter_is_trusted()
}

/// Lets the recorder work in this thread off its usual path, unless it is at work already: then the call that asks is lost.
fn at_work<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            if has_usual_path() {
                set_usable(OWN.get());
            }
            AT_WORK.set(false);
        }
    }

    let usual_interrupted = OWN.get().is_some() && usable().is_none() && has_usual_path();
    if AT_WORK.get() || usual_interrupted {
        if state::is_on()
            && let Some(recording) = recording()
        {
            recording.count_lost();
        }
        return None;
    }
    AT_WORK.set(true);
    set_usable(None);
    let _done = Done;
    work()
}

/// The thread ends: its shard is for another one. Destructors that run later get a new one, for as long as the system runs
/// destructors in rounds.
pub(crate) extern "C" fn thread_ended(_value: *mut std::ffi::c_void) {
    set_usable(None);
    if let Some(shard) = OWN.take()
        && let Some(recording) = recording()
    {
        recording.release(shard);
    }
}

/// In a forked child: the shard is the parent's.
pub(crate) fn forget_shard() {
    set_usable(None);
    OWN.set(None);
    AT_WORK.set(false);
}
