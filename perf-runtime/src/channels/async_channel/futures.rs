//! The futures of a channel of async-channel.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::wait::PolledWait;
use crate::channels::depth::Queue;
use crate::channels::end::End;

pin_project! {
    /// A future of async-channel by which one message passes.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Passing<'a, F, Q> {
        // Before the future, so that it is dropped first.
        wait: PolledWait,
        #[pin]
        inner: F,
        queue: &'a Q,
        end: &'a End,
    }
}

/// As [`async_channel::Send`](::async_channel::Send).
pub type Send<'a, T> = Passing<'a, ::async_channel::Send<'a, T>, ::async_channel::Sender<T>>;

/// As [`async_channel::Recv`](::async_channel::Recv).
pub type Recv<'a, T> = Passing<'a, ::async_channel::Recv<'a, T>, ::async_channel::Receiver<T>>;

impl<'a, F, Q> Passing<'a, F, Q> {
    pub(super) fn new(inner: F, queue: &'a Q, end: &'a End) -> Self {
        Passing { wait: end.polled_wait(), inner, queue, end }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>, Q: Queue> Future for Passing<'_, F, Q> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        let begins = this.wait.is_new();
        match this.wait.poll(|| inner.poll(context)) {
            Poll::Ready((message, waited)) => {
                // A wait is a call, which stands for the message.
                this.end.passed_through(*this.queue, usize::from(message.is_ok() && !waited));
                Poll::Ready(message)
            }
            Poll::Pending => {
                this.end.look(*this.queue, u64::from(begins));
                Poll::Pending
            }
        }
    }
}
