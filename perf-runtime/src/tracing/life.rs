//! Where a span stands: from its first enter to its close it is one call, and each time that it is entered is a poll of it.
//!
//! So a span is recorded as an annotated future is. Its end differs: a future is ready in a poll, and a span is closed after it was
//! left, maybe by another thread. So the caller is kept that entered it first.

use std::ptr;
use std::sync::OnceLock;
use std::thread::panicking;

use crate::call::in_place;
use crate::call::thread::{self, ActiveCall};
use crate::platform::clock;
use crate::process::site::Site;
use crate::process::state;
use crate::recording::Recording;

#[derive(Debug)]
pub(super) struct Life {
    /// The layer that records it. Of several in one subscriber, it is the first.
    layer: u64,
    site: &'static Site,
    /// Its first enter. Not there before, and for ever if it could not be recorded.
    first: OnceLock<Option<First>>,
}

#[derive(Debug)]
struct First {
    start: u64,
    /// The recording that it is in.
    recording: &'static Recording,
    /// Site of the call in which it was entered.
    caller: u64,
    /// Whether the thread unwound already, so that no panic leaves the span if it is closed then.
    unwinding: bool,
}

impl Life {
    pub(super) fn new(layer: u64, site: &'static Site) -> Life {
        Life { layer, site, first: OnceLock::new() }
    }

    /// The calling thread enters the span.
    pub(super) fn enter(&self, layer: u64) -> Option<ActiveCall> {
        if layer != self.layer || matches!(self.first.get(), Some(None)) {
            return None;
        }
        let call = thread::enter(self.site);
        match call {
            Some(call) if self.first.get().is_none() => {
                let caller = thread::own().map_or(0, |shard| shard.caller_of_innermost());
                let first = |recording| First { start: call.start, recording, caller, unwinding: panicking() };
                // Of two threads that enter it at once, one was first.
                if self.first.set(state::recording().map(first)).is_ok() {
                    in_place::count_started(self.site, call, 0);
                }
            }
            None if state::is_on() => drop(self.first.set(None)),
            _ => {}
        }
        call
    }

    /// The span is closed.
    pub(super) fn close(&self, layer: u64) {
        let Some(Some(first)) = self.first.get() else { return };
        if layer != self.layer {
            return;
        }
        let lifetime = clock::now().saturating_sub(first.start);
        thread::with_slot(self.site, |recording, shard, slot| {
            // One that was entered before the process forked is the parent's.
            if ptr::eq(recording, first.recording) {
                let unwound = panicking() && !first.unwinding;
                shard.span_closed(recording, slot, lifetime, first.caller, unwound);
            }
        });
    }
}
