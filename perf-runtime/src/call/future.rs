//! Futures are wrapped: each poll is a call in the thread that polls, the whole life of the future is one record.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

#[cfg(feature = "tasks")]
use super::company::Company;
use super::company::Place;
#[cfg(feature = "tasks")]
use super::polls;
use super::{in_place, thread};
use crate::platform::clock;
#[cfg(feature = "tasks")]
use crate::process::site::Kind;
use crate::process::site::Site;
use crate::process::state;
use crate::recording::SlowCall;

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
        place: Place,
    }

    impl<F> PinnedDrop for Profiled<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.life.end(this.place);
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
    /// Made while recording was on, and not polled yet.
    Made,
    /// Not polled while recording was on; maybe while it was off.
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
        Profiled::in_place(site, future, Place::new())
    }

    /// As [`new`](Self::new), of a future that whoever comes first may poll. It is in nobody's company.
    #[cfg(any(feature = "resources", feature = "tasks"))]
    #[inline]
    pub(crate) fn apart(site: &'static Site, future: F) -> Self {
        Profiled::in_place(site, future, Place::apart())
    }

    #[inline(always)]
    fn in_place(site: &'static Site, future: F, place: Place) -> Self {
        // Nothing but the switch is looked at: the clock and the slot are for those that are polled.
        let phase = if state::is_off() { FuturePhase::Unpolled } else { FuturePhase::Made };
        Profiled { future, life: Life { site, phase }, place }
    }

    /// Gives it the row that it was made without, because nothing was recorded. No poll of it was recorded yet.
    #[cfg(feature = "tasks")]
    pub(crate) fn set_site(self: Pin<&mut Self>, site: &'static Site) {
        self.project().life.site = site;
    }
}

impl<F: Future> Profiled<F> {
    /// Polls. If that makes it ready, and its life is one of the longest, that comes along.
    pub(super) fn poll_noting(self: Pin<&mut Self>, context: &mut Context<'_>) -> (Poll<F::Output>, Option<SlowCall>) {
        let this = self.project();
        if state::is_off() || matches!(this.life.phase, FuturePhase::Finished) {
            this.life.is_polled_unrecorded();
            return (this.future.poll(context), None);
        }
        let mut poll = OnePoll::begin(this.life, size_of::<F>());
        #[cfg(feature = "tasks")]
        poll.enter_company(this.place);
        let result = this.future.poll(context);
        poll.returned = Some(result.is_ready());
        let slow = if result.is_ready() { poll.end_noted() } else { None };
        (result, slow)
    }
}

impl<F: Future> Future for Profiled<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if state::is_off() || matches!(this.life.phase, FuturePhase::Finished) {
            this.life.is_polled_unrecorded();
            return this.future.poll(context);
        }
        let mut poll = OnePoll::begin(this.life, size_of::<F>());
        #[cfg(feature = "tasks")]
        poll.enter_company(this.place);
        let result = this.future.poll(context);
        poll.returned = Some(result.is_ready());
        result
    }
}

impl Life {
    /// Of a wait or an operation that was not polled yet. Whether it ever is does not matter.
    #[cfg(any(feature = "transfers", feature = "waits"))]
    pub(crate) const fn new(site: &'static Site) -> Life {
        Life { site, phase: FuturePhase::Unpolled }
    }

    /// Whether a poll of it is to be recorded, and if so, whether it is the first one.
    #[cfg(feature = "waits")]
    #[inline]
    pub(super) fn is_first_poll(&self) -> Option<bool> {
        match self.phase {
            _ if state::is_off() => None,
            FuturePhase::Made | FuturePhase::Unpolled => Some(true),
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
                shard.future_started(slot, 0);
                self.phase = FuturePhase::Started(clock::now());
            });
        }
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
            let mut one = OnePoll::begin(self, 0);
            let result = poll();
            one.returned = Some(result.is_ready());
            result
        };
        if result.is_ready() {
            self.phase = FuturePhase::Unpolled;
        }
        result
    }

    /// A poll is not recorded, but it is one.
    #[inline]
    fn is_polled_unrecorded(&mut self) {
        if matches!(self.phase, FuturePhase::Made) {
            self.phase = FuturePhase::Unpolled;
        }
    }

    /// An annotated future is dropped.
    #[inline]
    fn end(&mut self, place: &Place) {
        match self.phase {
            FuturePhase::Unpolled | FuturePhase::Finished => {}
            FuturePhase::Started(first) => self.end_started(first, place),
            FuturePhase::Made => self.end_never_polled(),
        }
    }

    #[cold]
    #[inline(never)]
    fn end_never_polled(&mut self) {
        self.phase = FuturePhase::Finished;
        if state::is_on() {
            thread::with_slot(self.site, |_, _, slot| slot.count_never_polled());
        }
    }

    #[cold]
    #[inline(never)]
    fn end_started(&mut self, first: u64, place: &Place) {
        let now = clock::now();
        place.leave_unfinished(now);
        place.record(self.site, first, now);
        self.end_unfinished_at(first, now);
    }

    /// The wait or operation is dropped.
    #[cfg(feature = "waits")]
    pub(crate) fn end_unfinished(&mut self) {
        if let FuturePhase::Started(first) = self.phase {
            self.end_unfinished_at(first, clock::now());
        }
    }

    fn end_unfinished_at(&mut self, first: u64, now: u64) {
        self.phase = FuturePhase::Finished;
        thread::with_slot(self.site, |recording, shard, slot| {
            shard.future_cancelled(recording, slot, now.saturating_sub(first));
        });
    }
}

/// One poll in progress. It ends when dropped, so a panic ends it too.
pub(super) struct OnePoll<'a> {
    life: &'a mut Life,
    call: Option<thread::ActiveCall>,
    /// Whether the future was ready, once the poll has returned: it does not if it panics.
    pub(super) returned: Option<bool>,
    /// The future's place, and the company of the host around it.
    #[cfg(feature = "tasks")]
    company: Option<(&'a mut Place, Company)>,
}

impl<'a> OnePoll<'a> {
    #[inline]
    pub(super) fn begin(life: &'a mut Life, bytes: usize) -> OnePoll<'a> {
        let call = thread::enter(life.site);
        match (life.phase, call) {
            (FuturePhase::Made | FuturePhase::Unpolled, Some(call)) => {
                life.phase = FuturePhase::Started(call.start);
                in_place::count_started(life.site, call, bytes);
            }
            (FuturePhase::Made | FuturePhase::Unpolled, None) if state::is_on() => life.phase = FuturePhase::Finished,
            _ => life.is_polled_unrecorded(),
        }
        OnePoll {
            life,
            call,
            returned: None,
            #[cfg(feature = "tasks")]
            company: None,
        }
    }

    /// The annotated futures that are polled in this poll are in its company. A query has none, and is none: it is a wait.
    #[cfg(feature = "tasks")]
    #[inline]
    fn enter_company(&mut self, place: &'a mut Place) {
        if self.life.site.description.kind != Kind::Future {
            return;
        }
        let start = match (self.call, self.life.phase) {
            (Some(call), _) => call.start,
            // This poll could not be recorded: those that it polls are its company all the same.
            (None, FuturePhase::Started(_)) => clock::now(),
            (None, _) => return,
        };
        let host = place.poll_begins(start);
        self.company = Some((place, host));
    }
}

impl OnePoll<'_> {
    /// Ends the poll that made a future ready whose longest lives are noted. Apart from the drop, which every other poll ends by.
    #[inline(never)]
    fn end_noted(self) -> Option<SlowCall> {
        let counter = clock::counter();
        let (Some(call), FuturePhase::Started(first)) = (self.call, self.life.phase) else { return None };
        let mut poll = ManuallyDrop::new(self);
        #[cfg(feature = "tasks")]
        if let Some((place, host)) = poll.company.take() {
            let end = clock::now_or(counter);
            place.poll_ends(host, Some(end));
            if call.start != first {
                place.record(poll.life.site, first, end);
            }
        }
        poll.life.phase = FuturePhase::Finished;
        #[cfg(feature = "tasks")]
        return polls::end_noted(poll.life.site, call, counter, first, false);
        #[cfg(not(feature = "tasks"))]
        in_place::end_noted(call, counter, first, false)
    }
}

impl Drop for OnePoll<'_> {
    #[inline]
    fn drop(&mut self) {
        let counter = clock::counter();
        let Some(call) = self.call else {
            #[cfg(feature = "tasks")]
            if let Some((place, host)) = self.company.take() {
                place.poll_ends(host, None);
            }
            return;
        };
        #[cfg(feature = "tasks")]
        if let Some((place, host)) = self.company.take() {
            let has_ended = self.returned != Some(false);
            place.poll_ends(host, has_ended.then(|| clock::now_or(counter)));
            // Of one that is ready at once, its self time says it.
            if let FuturePhase::Started(first) = self.life.phase
                && has_ended
                && call.start != first
            {
                place.record(self.life.site, first, clock::now_or(counter));
            }
        }
        match self.life.phase {
            FuturePhase::Started(first) if self.returned != Some(false) => {
                self.life.phase = FuturePhase::Finished;
                let unwound = self.returned.is_none();
                // The first poll of a future that is ready at once is its latency.
                #[cfg(feature = "tasks")]
                if call.start != first {
                    return polls::end_ready(self.life.site, call, counter, first, unwound);
                }
                in_place::end_ready(call, counter, first, unwound);
            }
            #[cfg(feature = "tasks")]
            _ => polls::end_pending(self.life.site, call, counter),
            #[cfg(not(feature = "tasks"))]
            _ => in_place::end_pending(call, counter),
        }
    }
}
