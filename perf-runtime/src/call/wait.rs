//! Calls of what a program waits for: what the wrappers of locks, channels and the like tell the recorder.
//!
//! A wait is a call of a site of its own kind, so it has a caller, percentiles and a place in the stack like any other. Its site is made
//! at run time, by [`declarations`](crate::process::declarations). Where most calls do not wait, those are only counted
//! ([`Timing::Waits`](perf_report::Timing::Waits)): a wrapper first tries, then waits. An async
//! [wait](AsyncWait) is a future whose first poll is that attempt.
#![allow(dead_code, reason = "each wrapper is a feature of its own, and uses a part of this")]

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::future::{Life, OnePoll};
use super::{counted, thread};
use crate::process::site::Site;
use crate::process::state;

/// A wait that is under way in this thread. It ends when dropped, so a panic ends it too.
#[must_use]
#[derive(Debug)]
pub(crate) struct Wait {
    /// `None` when it is not recorded.
    call: Option<thread::ActiveCall>,
    /// It belongs to the thread whose frame it pops.
    _not_send: PhantomData<*const ()>,
}

impl Wait {
    /// Begins a wait.
    #[inline]
    pub(crate) fn begin(site: &'static Site) -> Wait {
        let call = if state::is_off() { None } else { thread::enter(site) };
        Wait { call, _not_send: PhantomData }
    }
}

#[cfg(feature = "sync")]
impl Wait {
    /// One that nobody records.
    pub(crate) fn not_recorded() -> Wait {
        Wait { call: None, _not_send: PhantomData }
    }

    pub(crate) fn is_recorded(&self) -> bool {
        self.call.is_some()
    }
}

impl Drop for Wait {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call {
            thread::exit_exact(call);
        }
    }
}

/// Counts calls that did not wait.
#[inline]
pub(crate) fn count(site: &'static Site, calls: u64) {
    if !state::is_off() {
        counted::count(site, calls);
    }
}

/// Records a wait that has just ended in this thread. It takes no time that was recorded already.
#[cfg(feature = "sql")]
pub(crate) fn ended(site: &'static Site, took: std::time::Duration) {
    counted::record_ended(site, took);
}

/// A wait by polls.
///
/// If the first poll makes it ready, nobody waited and nothing is recorded. Else it is recorded as a profiled future, from then on; dropped
/// before it is ready, as one that was cancelled.
#[must_use]
#[derive(Debug)]
pub(crate) struct PolledWait {
    life: Life,
}

impl PolledWait {
    pub(crate) const fn new(site: &'static Site) -> Self {
        PolledWait { life: Life::new(site) }
    }

    /// Whether it has not been polled yet, and is recorded when it is.
    pub(crate) fn is_new(&self) -> bool {
        self.life.is_first_poll() == Some(true)
    }

    /// Polls. A result that is ready comes with whether it was waited for.
    #[inline]
    pub(crate) fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<(T, bool)> {
        match self.life.is_first_poll() {
            None => poll().map(|output| (output, false)),
            Some(true) => {
                let result = poll();
                self.life.first_poll_ended(result.is_ready());
                result.map(|output| (output, false))
            }
            Some(false) => {
                let mut one = OnePoll::begin(&mut self.life, 0);
                let result = poll();
                one.returned = Some(result.is_ready());
                result.map(|output| (output, true))
            }
        }
    }
}

impl Drop for PolledWait {
    fn drop(&mut self) {
        self.life.end_unfinished();
    }
}

pin_project! {
    /// A future for which a program waits. Its output comes with whether it was waited for.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub(crate) struct AsyncWait<F> {
        // Before the future, so that it is dropped first.
        wait: PolledWait,
        #[pin]
        future: F,
    }
}

impl<F> AsyncWait<F> {
    pub(crate) fn new(site: &'static Site, future: F) -> Self {
        AsyncWait { wait: PolledWait::new(site), future }
    }
}

impl<F: Future> Future for AsyncWait<F> {
    type Output = (F::Output, bool);

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let future = this.future;
        this.wait.poll(|| future.poll(context))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use perf_report::Timing;

    use super::*;
    use crate::process::declarations::{self, Declaration};
    use crate::process::site::Kind;

    fn declared(name: &'static str, kind: Kind, timing: Timing) -> &'static Site {
        let declaration =
            Declaration { kind, timing, name, part: "", module: "", file: file!(), line: line!(), column: 1 };
        let site = declarations::site(&declaration, || name.to_owned());
        assert!(std::ptr::eq(site, declarations::site(&declaration, || unreachable!("it has been made"))));
        let other = Declaration { line: 1, ..declaration };
        assert!(!std::ptr::eq(site, declarations::site(&other, || "elsewhere".to_owned())));
        site
    }

    #[test]
    fn waits_are_calls_and_what_did_not_wait_is_counted() {
        let lock = declared("a lock", Kind::Lock, Timing::Waits);
        let caller = declared("a span", Kind::Span, Timing::Exact);
        let session = crate::session().start();
        let Some(before) = session.snapshot() else { return };
        assert!(before.functions.iter().all(|function| function.name != "a lock"), "it has not been used");
        for round in 0..5 {
            let span = Wait::begin(caller);
            count(lock, 10 + round);
            drop(Wait::begin(lock));
            drop(span);
        }
        let snapshot = session.snapshot().unwrap();
        let index = snapshot.functions.iter().position(|function| function.name == "a lock").unwrap();
        let row = &snapshot.functions[index];
        assert_eq!((row.kind, row.timing, row.line > 0), (Kind::Lock, Timing::Waits, true));
        assert_eq!((row.calls, row.timed_calls, row.latency.count(), row.is_sampled()), (65, 5, 5, false));
        let [called] = &row.callers[..] else { panic!("callers {:?}", row.callers) };
        let span = &snapshot.functions[called.caller.unwrap()];
        assert_eq!((&*span.name, span.kind, span.calls, called.calls), ("a span", Kind::Span, 5, 5));
    }
}
