//! On or off: the switch, and the process's recording.
//!
//! The switch has four positions. It stands at *undecided* until the environment has been asked: before `main` where the
//! platform lets us, else at the first call. *Off* costs an annotated call one load and one branch, of a site that is timed adaptively two. *On* has two: until the first
//! call of all, none of our threads runs beside the program; from then on the switch also says where a thread has its word, and that is
//! all that a call needs to know of the process which is then only counted.
//!
//! Everybody reads this state; only the course of events ([`crate::session`]) changes it. How to ask the environment, and which
//! threads to start, is known up there alone, so it hands down a function ([`Ask`]).
#![allow(unsafe_code, reason = "the switch lies in memory that is wiped in forked children")]

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use crate::platform::thread_word::Offset;
use crate::platform::wiped::WipedInChildren;
use crate::recording::Recording;
use crate::sync::StaticCell;

/// Also what a forked child reads that nobody told of the fork: see [`Own`].
const UNDECIDED: usize = 0;
const OFF: usize = 2;
/// On, and no thread of ours has been started yet. All higher numbers are on, too: those of [`Offset`]s, which are odd.
const ON_ALONE: usize = 4;

/// The state that belongs to this process and to no forked child of it.
///
/// The switch comes first: the load of it at every call is named by a register alone, without a displacement.
#[derive(Debug)]
#[repr(C)]
struct Own {
    switch: AtomicUsize,
    /// The process that the recording is of; 0 while there is none.
    process: AtomicU32,
}

// SAFETY: it is made of atomics, to which zero is a value like any other.
static OWN: WipedInChildren<Own> =
    unsafe { WipedInChildren::new(Own { switch: AtomicUsize::new(UNDECIDED), process: AtomicU32::new(0) }) };

#[inline(always)]
fn own() -> &'static Own {
    OWN.get()
}

/// Whether the system wipes [`OWN`] in forked children.
static IS_WIPED: AtomicBool = AtomicBool::new(false);

/// Whether this process was forked from another one that had this runtime at work.
static IS_CHILD: AtomicBool = AtomicBool::new(false);

/// The process's recording. It stays when the switch goes off, for calls in flight and for the last report.
static RECORDING: StaticCell<Recording> = StaticCell::none();

/// A function for the work before or at the first call: it asks the environment whether to record, moves the switch, and
/// starts threads. The course of events submits it.
pub(crate) struct Ask(pub(crate) fn());

inventory::collect!(Ask);

#[inline(always)]
pub(crate) fn is_off() -> bool {
    own().switch.load(Ordering::Relaxed) == OFF
}

/// Where the switch stands, for a call that may be only counted.
pub(crate) enum Position {
    /// On, and where a thread's word lies.
    On(Offset),
    Off,
    /// There is more to do first.
    Other,
}

#[inline(always)]
pub(crate) fn position() -> Position {
    match own().switch.load(Ordering::Relaxed) {
        // SAFETY: odd numbers are those of offsets.
        number if !number.is_multiple_of(2) => Position::On(unsafe { Offset::of_odd_number(number) }),
        OFF => Position::Off,
        _ => Position::Other,
    }
}

#[inline]
pub(crate) fn is_on() -> bool {
    own().switch.load(Ordering::Acquire) >= ON_ALONE
}

/// Whether the environment has been asked, or the program has said what it wants.
pub(crate) fn is_decided() -> bool {
    own().switch.load(Ordering::Acquire) != UNDECIDED
}

#[inline(always)]
pub(crate) fn recording() -> Option<&'static Recording> {
    RECORDING.get()
}

/// Does the work of the first call, unless it is done. Annotated calls must be kept out meanwhile: they would ask in turn, and
/// wait for themselves.
pub(crate) fn ask() {
    if matches!(own().switch.load(Ordering::Acquire), UNDECIDED | ON_ALONE) {
        for Ask(ask) in inventory::iter::<Ask> {
            ask();
        }
    }
}

/// Starts recording calls. There is a recording. `alone` if threads are to be started at the first call.
pub(crate) fn switch_on(alone: bool) {
    own().switch.store(if alone { ON_ALONE } else { Offset::find().to_odd_number() }, Ordering::Release);
}

/// The threads have been started that were to be.
pub(crate) fn is_no_longer_alone() {
    let on = Offset::find().to_odd_number();
    let _ = own().switch.compare_exchange(ON_ALONE, on, Ordering::AcqRel, Ordering::Relaxed);
}

/// Stops recording new calls.
pub(crate) fn switch_off() {
    own().switch.store(OFF, Ordering::Release);
}

/// Moves the switch to off, unless it is decided.
pub(crate) fn decide_off() {
    let _ = own().switch.compare_exchange(UNDECIDED, OFF, Ordering::AcqRel, Ordering::Relaxed);
}

/// Makes a recording the process's own.
pub(crate) fn set_recording(recording: &'static Recording) {
    // Before the recording is there: whoever finds one and no process is in a child of which nobody knows.
    IS_WIPED.store(OWN.have_it_wiped(), Ordering::Relaxed);
    own().process.store(std::process::id(), Ordering::Release);
    RECORDING.set(Some(recording));
}

/// Whether the recording is that of a process which this one was forked from, without anybody having been told.
pub(crate) fn is_anothers() -> bool {
    let process = || own().process.load(Ordering::Acquire);
    RECORDING.get().is_some()
        && (process() == 0 || !IS_WIPED.load(Ordering::Relaxed) && process() != std::process::id())
}

/// Whether this process was forked from one that had this runtime at work.
pub(crate) fn is_child() -> bool {
    IS_CHILD.load(Ordering::Relaxed)
}

/// In a forked child: the recording is its parent's. The child starts with none; it may ask for one of its own.
pub(crate) fn forget_recording() {
    IS_CHILD.store(true, Ordering::Relaxed);
    if let Some(file) = RECORDING.get().and_then(Recording::file) {
        file.close();
    }
    RECORDING.set(None);
}

/// In a forked child: the next call asks the environment anew.
pub(crate) fn undecide() {
    own().switch.store(UNDECIDED, Ordering::Release);
}
