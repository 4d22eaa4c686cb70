//! The futures of a channel of flume.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

pub use ::flume::r#async::{RecvStream, SendSink};

use crate::call::wait::PolledWait;
use crate::channels::depth::{Queue, queues};
use crate::channels::end::End;

/// A future of flume by which one message passes. It derefs to the original.
#[must_use = "futures do nothing unless polled"]
pub struct Passing<F> {
    /// Before the future, so that it is dropped first.
    wait: PolledWait,
    inner: F,
    end: End,
}

/// As [`flume::async::SendFut`].
pub type SendFut<'a, T> = Passing<::flume::r#async::SendFut<'a, T>>;

/// As [`flume::async::RecvFut`].
pub type RecvFut<'a, T> = Passing<::flume::r#async::RecvFut<'a, T>>;

impl<F> Passing<F> {
    pub(super) fn new(inner: F, end: &End) -> Self {
        Passing { wait: end.polled_wait(), inner, end: end.clone() }
    }
}

queues! {
    [T] ::flume::r#async::SendFut<'_, T>,
    [T] ::flume::r#async::RecvFut<'_, T>,
}

impl<T, E, F: Future<Output = Result<T, E>> + Queue + Unpin> Future for Passing<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Passing { wait, inner, end } = self.get_mut();
        let begins = wait.is_new();
        match wait.poll(|| Pin::new(&mut *inner).poll(context)) {
            Poll::Ready((message, waited)) => {
                // A wait is a call, which stands for the message.
                end.passed_through(inner, usize::from(message.is_ok() && !waited));
                Poll::Ready(message)
            }
            Poll::Pending => {
                end.look(inner, u64::from(begins));
                Poll::Pending
            }
        }
    }
}

impl<F> Deref for Passing<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.inner
    }
}

impl<F: fmt::Debug> fmt::Debug for Passing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
