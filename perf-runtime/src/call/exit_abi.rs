//! The end of a call as annotated functions call it: as a function that does not unwind.
//!
//! The end of a call runs in the landing pad of the annotated function too. If it could unwind, the compiler would give each
//! annotated function a second landing pad, which aborts, and would have to translate it.
#![allow(unsafe_code, reason = "the compiler is told what it can't see")]

use super::thread;
use crate::recording::Slot;

/// [`thread::exit`].
pub(super) const EXIT: extern "C" fn(Slot, u64) = {
    // SAFETY: the two types differ in whether the function may unwind, and it does not: all functions that it calls are `extern "C"`,
    // which abort instead, except `std::thread::panicking`, which has nothing to panic about.
    unsafe { core::mem::transmute::<extern "C-unwind" fn(Slot, u64), extern "C" fn(Slot, u64)>(thread::exit) }
};
