//! The calling thread's way into the recording: its shard, and the begin and end of a call.
//!
//! [`enter`] and [`exit`] are what a measured call costs. The thread's word ([`thread_word`]) points to its shard, but
//! only while a call may take the fast path there. Otherwise it is null, which sends every call the slow path: before a
//! thread's first call, where the clock is not the processor's counter, and while the recorder itself is at work in the
//! thread. That last keeps allocators and signal handlers, which may call annotated functions from anywhere, out of
//! half-changed figures: their calls count as lost.
//!
//! The function that ends a call is `extern "C"`: it does not unwind, and that way the compiler knows (see [`exit_abi`](super::exit_abi)). A panic
//! in it would abort the program, as one in a destructor that runs while the thread unwinds does.

use std::cell::Cell;
use std::sync::atomic::{Ordering, compiler_fence};
use std::thread::panicking;

use super::in_place;
use crate::platform::{clock, thread_word, threads, time};
use perf_report::recording::layout::frame;

use super::exit_abi::EXIT;
use crate::process::site::{Site, Timing};
use crate::process::state::{self, recording};
use crate::process::{registration, renewal};
use crate::recording::memory::Words;
use crate::recording::{CallBegin, CallOutcome, Recording, Shard, Slot, SlowCall};

thread_local! {
    /// The thread's shard.
    static OWN: Cell<Option<Shard>> = const { Cell::new(None) };
    /// Whether the recorder is on its slow path in the thread.
    static ON_SLOW_PATH: Cell<bool> = const { Cell::new(false) };
    /// The recording that the thread's calls are in, if it is not the process's.
    static ELSEWHERE: Cell<Option<&'static Recording>> = const { Cell::new(None) };
}

/// The thread's shard while calls may take the fast path in it.
#[inline(always)]
pub(super) fn fast_shard() -> Option<Shard> {
    Words::from_pointer(thread_word::get()).map(Shard)
}

#[inline(always)]
pub(super) fn set_fast_shard(shard: Option<Shard>) {
    thread_word::set(Words::to_pointer(shard.map(|Shard(words)| words)));
}

/// A call that is being recorded: where, and the clock at its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActiveCall {
    pub(super) slot: Slot,
    pub(crate) start: u64,
}

/// Begins a call. `None` if it is not recorded.
#[inline(never)]
pub(crate) fn enter(site: &'static Site) -> Option<ActiveCall> {
    // A call that begins while the thread unwinds (in a destructor) is not one that the panic leaves, and its frame says so. Apart from
    // the fast path, as in `exit`.
    if panicking() { enter_slow(site) } else { enter_fast(site) }
}

#[inline(never)]
fn enter_fast(site: &'static Site) -> Option<ActiveCall> {
    let id = site.id();
    if let Some(shard) = fast_shard()
        && let Some(slot) = shard.slot(id)
        && let Some(frame) = shard.begin_call_fast(id, slot)
    {
        // The last thing done here and the first in `exit`, so that a duration holds as little of the measuring as may be.
        let start = clock::counter();
        Shard::set_start(frame, start);
        return Some(ActiveCall { slot, start });
    }
    enter_otherwise(site)
}

/// Where the whole program is timed adaptively, most calls are only counted.
#[inline(never)]
fn enter_otherwise(site: &'static Site) -> Option<ActiveCall> {
    if let Some(shard) = fast_shard()
        && shard.is_adaptive()
        && site.description.kind.may_be_adaptive()
        && let Some(slot) = shard.slot(site.id())
    {
        if shard.begin_counted_of(slot).is_some() {
            return Some(ActiveCall { slot, start: frame::NOT_TIMED });
        }
        return enter_for_others(shard, slot, site);
    }
    enter_slow(site)
}

/// A call that is to be timed. Apart, so that those which are only counted have no registers to save.
#[inline(never)]
fn enter_for_others(shard: Shard, slot: Slot, site: &'static Site) -> Option<ActiveCall> {
    let Some(frame) = in_place::begin_for_others(shard, slot) else { return enter_slow(site) };
    let start = clock::counter();
    Shard::set_start(frame, start);
    Some(ActiveCall { slot, start })
}

impl ActiveCall {
    /// Ends it.
    #[inline(always)]
    pub(crate) fn exit(self) {
        EXIT(self.slot, self.start);
    }
}

/// Ends a call of a site that the timing of the program does not apply to, which therefore stands for no other.
#[cfg(feature = "waits")]
#[inline(never)]
pub(crate) fn exit_exact(call: ActiveCall) {
    if fast_shard().is_some_and(|shard| !shard.is_adaptive()) {
        return call.exit();
    }
    let counter = clock::counter();
    end_call(call, clock::now_or(counter), CallOutcome::Call { unwound: panicking() });
}

/// Ends a call that [`enter`] began. The two words of the call are passed one by one, so that any platform passes them in registers.
///
/// All that it calls is `extern "C"`, except the question whether the thread unwinds. Were it so itself, a landing pad around that
/// question would have it save registers first of all.
#[inline(never)]
pub(super) extern "C-unwind" fn exit(slot: Slot, start: u64) {
    if start == frame::NOT_TIMED {
        return exit_only_counted(slot);
    }
    let end = clock::counter();
    // Apart from the fast path, because the question whether the thread unwinds is a call, if a rare one: a function that
    // makes it has registers to save.
    if panicking() { exit_slow(slot, start, end) } else { exit_fast(slot, start, end) }
}

#[inline(never)]
extern "C" fn exit_only_counted(slot: Slot) {
    let ended = |shard: Shard| shard.innermost_counted(slot).is_some_and(|call| shard.end_counted(call));
    if !fast_shard().is_some_and(ended) {
        exit_only_counted_slow(slot);
    }
}

#[cold]
#[inline(never)]
extern "C" fn exit_only_counted_slow(slot: Slot) {
    on_slow_path(|| {
        let shard = OWN.get()?;
        trace_end_of_counted(shard, shard.innermost_counted(slot).and_then(|call| shard.counted_site(call)));
        shard.end_counted_below(slot);
        Some(())
    });
}

#[inline(never)]
extern "C" fn exit_fast(slot: Slot, start: u64, end: u64) {
    let Some(shard) = fast_shard() else { return exit_slow(slot, start, end) };
    set_fast_shard(None);
    compiler_fence(Ordering::AcqRel);
    let done = shard.end_call_fast(slot, start, end);
    compiler_fence(Ordering::AcqRel);
    set_fast_shard(Some(shard));
    if !done {
        in_place::exit(slot, start, end);
    }
}

/// Begins a call by the slow path: the first of a thread or of a site in it, or one that interrupts the recorder; and every one
/// where the clock is not the counter.
#[cold]
#[inline(never)]
pub(crate) fn enter_slow(site: &'static Site) -> Option<ActiveCall> {
    on_slow_path(|| {
        let Place { recording, shard, slot } = place_of_call(site)?;
        let mut begin = CallBegin { counted: None, unwinding: panicking() };
        if shard.is_adaptive() && site.description.kind.may_be_adaptive() {
            if shard.begin_counted_of(slot).is_some() {
                shard.trace_begin(recording, site.id(), clock::now);
                return Some(ActiveCall { slot, start: frame::NOT_TIMED });
            }
            // Above the frame stack.
            if slot.only_count(shard) {
                return None;
            }
            begin.counted = Some(slot.take_counted(shard));
        }
        let start = shard.begin_call(slot, begin, clock::now);
        shard.trace_begin(recording, site.id(), || start);
        Some(ActiveCall { slot, start })
    })
}

/// The calling thread's shard, whichever path its calls take.
pub(crate) fn own() -> Option<Shard> {
    OWN.get()
}

/// The place for a call that begins, if it is to be recorded.
pub(super) fn place_of_call(site: &'static Site) -> Option<Place> {
    if let Some(recording) = ELSEWHERE.get() {
        return known_place(recording, site.registered_id()?);
    }
    state::ask();
    if state::is_on() { place_of(site) } else { None }
}

#[cold]
#[inline(never)]
pub(super) extern "C" fn exit_slow(slot: Slot, start: u64, counter: u64) {
    end_call(ActiveCall { slot, start }, clock::now_or(counter), outcome(Timing::Exact));
}

/// How a call ended of a site with a timing of its own, which the program's may replace.
pub(super) fn outcome(own: Timing) -> CallOutcome {
    let unwound = panicking();
    let all = ELSEWHERE.get().or_else(recording).and_then(Recording::timing);
    match all.unwrap_or(own) {
        Timing::Exact | Timing::Waits => CallOutcome::Call { unwound },
        Timing::Adaptive => CallOutcome::AdaptiveCall { unwound },
    }
}

/// Ends a call or a poll.
pub(crate) fn end_call(call: ActiveCall, end: u64, outcome: CallOutcome) {
    end_noting(call, end, outcome, false);
}

/// Ends a call of a function with a label. Returns its place if it is among the slowest.
pub(crate) fn exit_slowest(call: ActiveCall) -> Option<SlowCall> {
    if call.start == frame::NOT_TIMED {
        exit_only_counted(call.slot);
        return None;
    }
    let counter = clock::counter();
    end_noting(call, clock::now_or(counter), outcome(Timing::Exact), true)
}

/// Ends a call or a poll. If it is noted, or its thread is traced, it is kept if it is among the slowest.
pub(super) fn end_noting(call: ActiveCall, end: u64, outcome: CallOutcome, is_noted: bool) -> Option<SlowCall> {
    on_slow_path(|| {
        let recording = ELSEWHERE.get().or_else(recording)?;
        // A call that was in flight when the process forked is the parent's, and one when the recording was lost is lost with it.
        let site = recording.site_of(call.slot)?;
        if recording.time_is_due(end) {
            recording.note_time(clock::now(), time::monotonic_ns());
        }
        // The shard's slot for the site is the call's, unless the stack it runs on was moved here from another thread.
        let Place { shard, slot, .. } = known_place(recording, site).or_else(|| make_place(recording, site))?;
        let is_traced = shard.trace_end(recording, site, outcome, || end);
        let slow = (is_noted || is_traced).then(|| shard.note_slow(recording, slot, [call.start, end], outcome));
        shard.end_call(recording, slot, call.start, end, outcome);
        slow.flatten()
    })
}

/// A call that is only counted ends by the slow path.
pub(super) fn trace_end_of_counted(shard: Shard, site: Option<usize>) {
    if let (Some(recording), Some(site)) = (ELSEWHERE.get().or_else(recording), site) {
        shard.trace_end(recording, site, CallOutcome::AdaptiveCall { unwound: panicking() }, clock::now);
    }
}

/// Runs `f`, which records a call that ended, with the slot of its site in the calling thread. If that cannot be had, the
/// call is counted all the same.
pub(crate) fn with_slot(site: &'static Site, f: impl FnOnce(&Recording, Shard, Slot)) {
    on_slow_path(|| {
        let Place { recording, shard, slot } = place_of(site)?;
        f(recording, shard, slot);
        Some(())
    });
}

/// Runs `work` of the runtime's own; annotated functions that it calls on its way (an allocator) are not recorded.
pub(crate) fn undisturbed(work: impl FnOnce()) {
    on_slow_path(|| {
        work();
        Some(())
    });
}

/// Runs `work`, with the thread's calls recorded in a shard that is not its own, where their sites have slots already.
pub(crate) fn recorded_elsewhere<T>(recording: &'static Recording, shard: Shard, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Shard>, bool, Option<Shard>);
    impl Drop for Restore {
        fn drop(&mut self) {
            set_fast_shard(None);
            ELSEWHERE.set(None);
            OWN.set(self.0);
            ON_SLOW_PATH.set(self.1);
            set_fast_shard(self.2);
        }
    }
    let _restore = Restore(OWN.get(), ON_SLOW_PATH.get(), fast_shard());
    set_fast_shard(None);
    ELSEWHERE.set(Some(recording));
    OWN.set(Some(shard));
    ON_SLOW_PATH.set(false);
    if has_fast_path() {
        set_fast_shard(Some(shard));
    }
    work()
}

/// Where the calling thread records the calls of a site.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) recording: &'static Recording,
    pub(super) shard: Shard,
    pub(super) slot: Slot,
}

/// The place for a site. If there is none, a call is counted that there was no room for.
fn place_of(site: &'static Site) -> Option<Place> {
    let recording = recording()?;
    registration::register(recording, site);
    site.registered_id().and_then(|id| known_place(recording, id)).or_else(|| {
        // Its id is another one, if the recording is.
        let recording = renewal::recording()?;
        registration::register(recording, site);
        match site.registered_id() {
            Some(id) => make_place(recording, id),
            None => recording.count_overflow(),
        }
    })
}

/// The place for a site, if there is one already. Of a recording that was lost there is none.
fn known_place(recording: &'static Recording, site: usize) -> Option<Place> {
    let shard = OWN.get()?;
    Some(Place { recording, shard, slot: shard.slot(site)? })
}

/// Makes a place for a site. If there is no room for one, a call is counted that there was no room for.
#[cold]
fn make_place(recording: &'static Recording, site: usize) -> Option<Place> {
    let Some(shard) = own_shard(recording) else { return recording.count_overflow() };
    match shard.slot(site).or_else(|| shard.new_slot(recording, site)) {
        Some(slot) => Some(Place { recording, shard, slot }),
        None => recording.count_overflow(),
    }
}

/// The thread's shard in a recording; it is given one that it keeps until it ends.
fn own_shard(recording: &Recording) -> Option<Shard> {
    OWN.get().filter(|shard| recording.contains(shard.0)).or_else(|| {
        let shard = recording.acquire_shard()?;
        OWN.set(Some(shard));
        threads::at_this_threads_end();
        Some(shard)
    })
}

/// Whether calls of the thread may take the fast path: the clock is the counter, and the thread is not traced.
fn has_fast_path() -> bool {
    clock::counter_is_trusted() && !OWN.get().is_some_and(Shard::is_traced)
}

/// The thread's shard, if the recorder is not at work in it.
#[cfg(feature = "allocations")]
pub(super) fn idle_shard() -> Option<Shard> {
    if has_fast_path() {
        fast_shard()
    } else if ON_SLOW_PATH.get() {
        None
    } else {
        OWN.get()
    }
}

/// Lets the recorder take its slow path in this thread, unless it is at work already: then the call that asks is lost.
pub(super) fn on_slow_path<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            if has_fast_path() {
                set_fast_shard(OWN.get());
            }
            ON_SLOW_PATH.set(false);
        }
    }

    let fast_path_interrupted = OWN.get().is_some() && fast_shard().is_none() && has_fast_path();
    if ON_SLOW_PATH.get() || fast_path_interrupted {
        if state::is_on()
            && let Some(recording) = recording()
        {
            recording.count_lost();
        }
        return None;
    }
    ON_SLOW_PATH.set(true);
    set_fast_shard(None);
    let _done = Done;
    work()
}

/// The thread ends: its shard is for another one. Destructors that run later get a new one, for as long as the system runs
/// destructors in rounds.
pub(crate) extern "C" fn thread_ended(_value: *mut std::ffi::c_void) {
    set_fast_shard(None);
    if let Some(shard) = OWN.take()
        && let Some(recording) = recording()
        && recording.contains(shard.0)
    {
        recording.release_shard(shard);
    }
}

/// In a forked child: the shard is the parent's.
pub(crate) fn forget_shard() {
    set_fast_shard(None);
    OWN.set(None);
    ON_SLOW_PATH.set(false);
}
