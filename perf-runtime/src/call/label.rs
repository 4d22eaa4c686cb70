//! `#[profile(label = order.id)]`: the slowest calls of a function say which they were.
//!
//! Each call of such a function ends by the slow path, which knows whether it is among the slowest so far. Only then is the label asked for (but
//! of an `async fn` at each call, as its arguments may be gone at the end):
//! when the recorder is done, since it is code of the program's, which may call annotated functions, and may panic.

use core::fmt::{self, Display, Write};
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::panicking;

use perf_report::recording::layout::WORD_BYTES;
use perf_report::recording::layout::slowest::call::LABEL_LEN;

use pin_project_lite::pin_project;

use super::future::Profiled;
use super::thread;
use crate::process::site::Site;
use crate::process::state;

/// Most bytes of a label.
const MOST: usize = LABEL_LEN * WORD_BYTES;

/// The text of a label, as much of it as there is room for.
#[derive(Debug)]
pub struct Label {
    bytes: [u8; MOST],
    len: usize,
    is_full: bool,
}

impl Label {
    fn new() -> Label {
        Label { bytes: [0; MOST], len: 0, is_full: false }
    }

    /// The label that `write` writes.
    ///
    /// None where nothing is recorded, if it panics, or while the thread unwinds.
    pub fn of(write: impl FnOnce(&mut Label)) -> Label {
        let mut label = Label::new();
        if !state::is_off() && !panicking() && catch_unwind(AssertUnwindSafe(|| write(&mut label))).is_err() {
            label = Label::new();
        }
        label
    }

    /// Writes a value, in the place of the one before.
    pub fn set<T: Display + ?Sized>(&mut self, value: &T) {
        *self = Label::new();
        // It is full, or the value's own error, which leaves what it has written.
        let _ = write!(self, "{value}");
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Label {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_full {
            return Err(fmt::Error);
        }
        let end = text.floor_char_boundary(MOST - self.len);
        self.bytes[self.len..self.len + end].copy_from_slice(&text.as_bytes()[..end]);
        self.len += end;
        self.is_full = end < text.len();
        if self.is_full { Err(fmt::Error) } else { Ok(()) }
    }
}

/// A call that ends with a scope, and is named if it is slow.
#[must_use]
pub struct LabelledGuard<L: Fn(&mut Label)> {
    /// `None` when the call is not recorded.
    call: Option<thread::ActiveCall>,
    label: L,
    /// As of a [`Guard`](super::guard::Guard).
    _not_send: PhantomData<*const ()>,
}

impl<L: Fn(&mut Label)> fmt::Debug for LabelledGuard<L> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LabelledGuard").field("call", &self.call).finish_non_exhaustive()
    }
}

impl<L: Fn(&mut Label)> Drop for LabelledGuard<L> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call {
            exit(call, &self.label);
        }
    }
}

/// Not inlined into the crate of the function: a thread's word is known in the runtime's own program or library alone.
#[inline(never)]
fn exit(call: thread::ActiveCall, label: &dyn Fn(&mut Label)) {
    let Some(place) = thread::exit_slowest(call) else { return };
    if panicking() {
        // A second panic might end the process.
        return;
    }
    let mut text = Label::new();
    if catch_unwind(AssertUnwindSafe(|| label(&mut text))).is_ok() {
        thread::undisturbed(|| place.set_label(text.text()));
    }
}

/// `#[profile(label = ...)]`: begins a call.
#[inline]
pub fn enter_labelled<L: Fn(&mut Label)>(site: &'static Site, label: L) -> LabelledGuard<L> {
    let call = if state::is_off() { None } else { thread::enter(site) };
    LabelledGuard { call, label, _not_send: PhantomData }
}

pin_project! {
    /// A future that is timed, and named if it is slow.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct LabelledFuture<F> {
        #[pin]
        future: Profiled<F>,
        label: Label,
    }
}

/// `#[profile(label = ...)]` on an `async fn`: times a future.
///
/// Its arguments may be gone when it ends, so its label is there already.
#[inline]
pub fn labelled_future<F: Future>(site: &'static Site, label: Label, future: F) -> LabelledFuture<F> {
    LabelledFuture { future: Profiled::new(site, future), label }
}

impl<F: Future> Future for LabelledFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (result, slow) = this.future.poll_noting(context);
        if let Some(place) = slow {
            thread::undisturbed(|| place.set_label(this.label.text()));
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_holds_what_there_is_room_for() {
        let mut label = Label::new();
        label.set(&7);
        assert_eq!(label.text(), "7");
        label.set(&"ä".repeat(40));
        assert_eq!(label.text(), "ä".repeat(MOST / 2));
        label.set(&format_args!("{}{}", "x".repeat(MOST - 1), "ä!"));
        assert_eq!(label.text(), "x".repeat(MOST - 1), "nothing follows what did not fit");
        label.set("");
        assert_eq!(label.text(), "");
    }
}
