//! The futures of a channel of async-channel.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::wait::PolledWait;
use crate::channels::end::End;

pin_project! {
    /// A future of async-channel by which one message passes.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Passing<'a, F> {
        // Before the future, so that it is dropped first.
        wait: PolledWait,
        #[pin]
        inner: F,
        end: &'a End,
    }
}

/// As [`async_channel::Send`](::async_channel::Send).
pub type Send<'a, T> = Passing<'a, ::async_channel::Send<'a, T>>;

/// As [`async_channel::Recv`](::async_channel::Recv).
pub type Recv<'a, T> = Passing<'a, ::async_channel::Recv<'a, T>>;

impl<'a, F> Passing<'a, F> {
    pub(super) fn new(inner: F, end: &'a End) -> Self {
        Passing { wait: end.polled_wait(), inner, end }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> Future for Passing<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let inner = this.inner;
        this.wait.poll(|| inner.poll(context)).map(|(message, waited)| {
            // A wait is a call, which stands for the message.
            this.end.passed(usize::from(message.is_ok() && !waited));
            message
        })
    }
}
