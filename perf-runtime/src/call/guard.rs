//! Calls that end with a scope: what an expansion puts on the stack of an annotated function.

use core::marker::PhantomData;

use super::thread::{self, AdaptiveCall};
use crate::process::site::Site;
use crate::process::state;
use crate::recording::CountedCall;

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
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(call) = self.call {
            thread::exit(call);
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
#[inline(always)]
pub fn enter(site: &'static Site) -> Guard {
    if state::is_off() { Guard { call: None, _not_send: PhantomData } } else { Guard::of_call(site) }
}

/// `#[profile(timing = adaptive)]`: a call like [`Guard`], timed or only counted.
#[must_use]
#[derive(Debug)]
pub struct AdaptiveGuard {
    /// `None` when the call is not recorded, or timed.
    counted: Option<CountedCall>,
    /// `None` when the call is not timed.
    timed: Option<thread::ActiveCall>,
    _not_send: PhantomData<*const ()>,
}

impl Drop for AdaptiveGuard {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(call) = self.counted {
            thread::exit_counted(call);
        } else if let Some(call) = self.timed {
            thread::exit_adaptive(call);
        }
    }
}

impl AdaptiveGuard {
    #[inline(always)]
    pub(super) fn of_call(site: &'static Site) -> AdaptiveGuard {
        let (counted, timed) = match thread::enter_counted(site) {
            None => match thread::enter_adaptive(site) {
                Some(AdaptiveCall::Counted(call)) => (Some(call), None),
                Some(AdaptiveCall::Timed(call)) => (None, Some(call)),
                None => (None, None),
            },
            counted => (counted, None),
        };
        AdaptiveGuard { counted, timed, _not_send: PhantomData }
    }
}

/// `#[profile(timing = adaptive)]`: begins a call that may be only counted.
#[inline(always)]
pub fn enter_adaptive(site: &'static Site) -> AdaptiveGuard {
    if state::is_off() {
        AdaptiveGuard { counted: None, timed: None, _not_send: PhantomData }
    } else {
        AdaptiveGuard::of_call(site)
    }
}
