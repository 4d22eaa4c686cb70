//! As [`tokio::sync::oneshot`].

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::tokio::sync::oneshot as original;

pub use ::tokio::sync::oneshot::error;

use super::ends::{derefs, names};
use crate::call::wait::PolledWait;
use crate::channels::end::End;

/// A [`tokio::sync::oneshot::Sender`] that counts what it sends. It never waits.
///
/// It derefs to the original.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// A [`tokio::sync::oneshot::Receiver`] that reports who waits for the message.
///
/// It derefs to the original.
pub struct Receiver<T> {
    /// Before the channel, so that it is dropped first. There is none until the receiver is polled.
    wait: Option<PolledWait>,
    inner: original::Receiver<T>,
    end: End,
}

/// As [`tokio::sync::oneshot::channel`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = original::channel();
    let [send, receive] = End::pair::<T>("oneshot", Location::caller());
    (Sender { inner: sender, end: send }, Receiver { wait: None, inner: receiver, end: receive })
}

impl<T> Sender<T> {
    /// Sends the message.
    ///
    /// # Errors
    /// If there is no receiver any more: then it returns the message.
    pub fn send(self, message: T) -> Result<(), T> {
        self.inner.send(message)?;
        self.end.passed(1);
        Ok(())
    }

    /// As that of the original.
    pub async fn closed(&mut self) {
        self.inner.closed().await;
    }

    /// As that of the original.
    pub fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.inner.poll_closed(context)
    }
}

impl<T> Receiver<T> {
    /// As that of the original.
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// Receives the message if it is there.
    ///
    /// # Errors
    /// If it is not, or the sender has gone.
    pub fn try_recv(&mut self) -> Result<T, error::TryRecvError> {
        let received = self.inner.try_recv();
        let is_decided = !matches!(received, Err(error::TryRecvError::Empty));
        // A wait that a poll began stands for the message, and ends with it.
        let wait = self.wait.as_mut().filter(|_| is_decided);
        let waited = wait.is_some_and(|wait| wait.poll(|| Poll::Ready(())) == Poll::Ready(((), true)));
        self.end.passed(usize::from(received.is_ok() && !waited));
        received
    }

    /// Receives the message, and blocks the thread for it. Each call is timed.
    ///
    /// # Errors
    /// If the sender has gone.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, error::RecvError> {
        let _waiting = self.end.begin_wait();
        self.inner.blocking_recv()
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, error::RecvError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Receiver { wait, inner, end } = self.get_mut();
        let wait = wait.get_or_insert_with(|| end.polled_wait());
        wait.poll(|| Pin::new(inner).poll(context)).map(|(message, waited)| {
            // A wait is a call, which stands for the message.
            end.passed(usize::from(message.is_ok() && !waited));
            message
        })
    }
}

derefs!(original: Sender Receiver);
names!();
