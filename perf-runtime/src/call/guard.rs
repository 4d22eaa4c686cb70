//! Calls that end with a scope: what an expansion puts on the stack of an annotated function.
//!
//! In a build without optimization the compiler would translate all that is inlined here for each annotated function anew, and get code
//! that is no faster than the call of a function. So nothing is inlined there.

use core::marker::PhantomData;

use super::{adaptive, thread};
use crate::process::site::Site;
use crate::process::state;

/// `#[profile]`, `profile_block!`: a call, which ends with the scope that this lives in.
#[must_use]
#[derive(Debug)]
pub struct Guard {
    /// `None` when the call is not recorded.
    call: Option<thread::ActiveCall>,
    /// A guard belongs to the thread whose frame it pops.
    _not_send: PhantomData<*const ()>,
}

impl Drop for Guard {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if let Some(call) = self.call {
            call.exit();
        }
    }
}

impl Guard {
    #[inline(always)]
    pub(super) fn of_call(site: &'static Site) -> Guard {
        Guard { call: thread::enter(site), _not_send: PhantomData }
    }
}

/// `#[profile]` and `profile_block!`: begins a call.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn enter(site: &'static Site) -> Guard {
    if state::is_off() { Guard { call: None, _not_send: PhantomData } } else { Guard::of_call(site) }
}

/// `#[profile(timing = adaptive)]`: a call like [`Guard`], timed or only counted.
#[must_use]
#[derive(Debug)]
pub struct AdaptiveGuard {
    call: adaptive::AdaptiveCall,
    _not_send: PhantomData<*const ()>,
}

impl Drop for AdaptiveGuard {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        self.call.exit();
    }
}

impl AdaptiveGuard {
    #[inline(always)]
    pub(super) fn of_call(call: adaptive::AdaptiveCall) -> AdaptiveGuard {
        AdaptiveGuard { call, _not_send: PhantomData }
    }
}

/// `#[profile(timing = adaptive)]`: begins a call that may be only counted.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn enter_adaptive(site: &'static Site) -> AdaptiveGuard {
    AdaptiveGuard::of_call(adaptive::enter(site))
}
