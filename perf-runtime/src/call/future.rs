//! Futures are wrapped: each poll is a call in the thread that polls, the whole life of the future is one record.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{in_place, thread};
use crate::platform::clock;
use crate::process::site::Site;
use crate::process::state;

pin_project! {
    /// A future that is timed.
    ///
    /// Its busy time is the time in polls; its total time runs from the first poll to completion.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Profiled<F> {
        #[pin]
        future: F,
        life: Life,
    }

    impl<F> PinnedDrop for Profiled<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().life.end_unfinished();
        }
    }
}

/// Where a future stands. Its site is kept beside the clock's reading, so that a future costs no more than its own words.
#[derive(Debug)]
pub(crate) struct Life {
    site: &'static Site,
    phase: FuturePhase,
}

#[derive(Clone, Copy, Debug)]
enum FuturePhase {
    /// Not polled while recording was on.
    Unpolled,
    /// First polled at this tick.
    Started(u64),
    /// Ready, or panicked, or counted as lost or overflown at its first poll.
    Finished,
}

/// Times a future.
#[inline]
pub fn future<F: Future>(site: &'static Site, future: F) -> Profiled<F> {
    Profiled::new(site, future)
}

impl<F> Profiled<F> {
    #[inline]
    pub(crate) fn new(site: &'static Site, future: F) -> Self {
        Profiled { future, life: Life { site, phase: FuturePhase::Unpolled } }
    }
}

impl<F: Future> Future for Profiled<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if state::is_off() || matches!(this.life.phase, FuturePhase::Finished) {
            return this.future.poll(context);
        }
        let mut poll = OnePoll::begin(this.life);
        let result = this.future.poll(context);
        poll.returned = Some(result.is_ready());
        result
    }
}

impl Life {
    /// Of a future that was not polled yet.
    #[cfg(feature = "waits")]
    pub(crate) const fn new(site: &'static Site) -> Life {
        Life { site, phase: FuturePhase::Unpolled }
    }

    /// Its row.
    #[cfg(feature = "transfers")]
    pub(crate) fn site(&self) -> &'static Site {
        self.site
    }

    /// Polls an operation, which begins anew once it is ready.
    #[cfg(any(feature = "http", feature = "io-futures", feature = "io-tokio"))]
    #[inline]
    pub(crate) fn poll_operation<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        let result = if state::is_off() || matches!(self.phase, FuturePhase::Finished) {
            poll()
        } else {
            let mut one = OnePoll::begin(self);
            let result = poll();
            one.returned = Some(result.is_ready());
            result
        };
        if result.is_ready() {
            self.phase = FuturePhase::Unpolled;
        }
        result
    }

    /// Whether a poll of it is to be recorded, and if so, whether it is the first one.
    #[cfg(feature = "waits")]
    #[inline]
    pub(super) fn is_first_poll(&self) -> Option<bool> {
        match self.phase {
            _ if state::is_off() => None,
            FuturePhase::Unpolled => Some(true),
            FuturePhase::Started(_) => Some(false),
            FuturePhase::Finished => None,
        }
    }

    /// The first poll, which was not recorded, made it ready or not. If not, it begins now.
    #[cfg(feature = "waits")]
    pub(super) fn first_poll_ended(&mut self, ready: bool) {
        self.phase = FuturePhase::Finished;
        if !ready {
            thread::with_slot(self.site, |_, shard, slot| {
                shard.future_started(slot);
                self.phase = FuturePhase::Started(clock::now());
            });
        }
    }

    /// The future is dropped.
    pub(crate) fn end_unfinished(&mut self) {
        if let FuturePhase::Started(first) = self.phase {
            self.phase = FuturePhase::Finished;
            let lifetime = clock::now().saturating_sub(first);
            thread::with_slot(self.site, |recording, shard, slot| {
                shard.future_cancelled(recording, slot, lifetime);
            });
        }
    }
}

/// One poll in progress. It ends when dropped, so a panic ends it too.
pub(super) struct OnePoll<'a> {
    life: &'a mut Life,
    call: Option<thread::ActiveCall>,
    /// Whether the future was ready, once the poll has returned: it does not if it panics.
    pub(super) returned: Option<bool>,
}

impl<'a> OnePoll<'a> {
    #[inline]
    pub(super) fn begin(life: &'a mut Life) -> OnePoll<'a> {
        let call = thread::enter(life.site);
        match (life.phase, call) {
            (FuturePhase::Unpolled, Some(call)) => {
                life.phase = FuturePhase::Started(call.start);
                in_place::count_started(life.site, call);
            }
            (FuturePhase::Unpolled, None) if state::is_on() => life.phase = FuturePhase::Finished,
            _ => {}
        }
        OnePoll { life, call, returned: None }
    }
}

impl Drop for OnePoll<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(call) = self.call else { return };
        let counter = clock::counter();
        match self.life.phase {
            FuturePhase::Started(first) if self.returned != Some(false) => {
                self.life.phase = FuturePhase::Finished;
                in_place::end_ready(call, counter, first, self.returned.is_none());
            }
            _ => in_place::end_pending(call, counter),
        }
    }
}
