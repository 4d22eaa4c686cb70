//! On or off: the switch, and the process's recording.
//!
//! The switch has three positions. It stands at *undecided* until the environment has been asked: before `main` where the
//! platform lets us, else at the first call. *Off* costs an annotated call one load and one branch.
//!
//! Everybody reads this state; only the course of events ([`crate::session`]) changes it. How to ask the environment is known
//! up there alone, so it hands down a function ([`Ask`]).

use std::sync::atomic::{AtomicU8, Ordering};

use crate::platform::files;
use crate::recording::Recording;
use crate::sync::StaticCell;

const UNDECIDED: u8 = 0;
const OFF: u8 = 1;
const ON: u8 = 2;

static SWITCH: AtomicU8 = AtomicU8::new(UNDECIDED);

/// The process's recording. It stays when the switch goes off, for calls in flight and for the last report.
static RECORDING: StaticCell<Recording> = StaticCell::none();

/// A function that asks the environment whether to record, and moves the switch. Submitted by the course of events.
pub(crate) struct Ask(pub(crate) fn());

inventory::collect!(Ask);

#[inline(always)]
pub(crate) fn is_off() -> bool {
    SWITCH.load(Ordering::Relaxed) == OFF
}

#[inline]
pub(crate) fn is_on() -> bool {
    SWITCH.load(Ordering::Acquire) == ON
}

/// Whether the environment has been asked, or the program has said what it wants.
pub(crate) fn is_decided() -> bool {
    SWITCH.load(Ordering::Acquire) != UNDECIDED
}

#[inline(always)]
pub(crate) fn recording() -> Option<&'static Recording> {
    RECORDING.get()
}

/// Asks the environment whether to record, unless that is decided. Annotated calls must be kept out meanwhile: they would
/// ask in turn, and wait for themselves.
pub(crate) fn ask() {
    if !is_decided() {
        for Ask(ask) in inventory::iter::<Ask> {
            ask();
        }
    }
}

/// Starts recording calls. There is a recording.
pub(crate) fn switch_on() {
    SWITCH.store(ON, Ordering::Release);
}

/// Stops recording new calls.
pub(crate) fn switch_off() {
    SWITCH.store(OFF, Ordering::Release);
}

/// Moves the switch to off, unless it is decided.
pub(crate) fn decide_off() {
    let _ = SWITCH.compare_exchange(UNDECIDED, OFF, Ordering::AcqRel, Ordering::Relaxed);
}

/// Makes a recording the process's own.
pub(crate) fn set_recording(recording: &'static Recording) {
    RECORDING.set(Some(recording));
}

/// In a forked child: the recording is its parent's. The child starts with none; it may ask for one of its own.
pub(crate) fn forget_recording() {
    if let Some(file) = RECORDING.get().and_then(Recording::file) {
        files::close_after_fork(file);
    }
    RECORDING.set(None);
}
