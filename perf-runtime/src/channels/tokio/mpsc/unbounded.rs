//! Channels without a bound.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::task::{Context, Poll};

use ::tokio::sync::mpsc as original;
use ::tokio::sync::mpsc::error;

use crate::Named;
use crate::channels::depth::{Queue, Reading};
use crate::channels::end::End;

/// As [`tokio::sync::mpsc::unbounded_channel`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let [send, receive] = End::pair::<T>("unbounded_channel", Location::caller());
    let (sender, receiver) = original::unbounded_channel();
    (UnboundedSender { inner: sender, end: send }, UnboundedReceiver { inner: receiver, end: receive })
}

/// A [`tokio::sync::mpsc::UnboundedSender`] that counts what it sends. It never waits.
///
/// It derefs to the original.
pub struct UnboundedSender<T> {
    pub(super) inner: original::UnboundedSender<T>,
    end: End,
}

impl<T> UnboundedSender<T> {
    /// Sends a message.
    ///
    /// # Errors
    /// If there is no receiver any more.
    pub fn send(&self, message: T) -> Result<(), error::SendError<T>> {
        self.inner.send(message)?;
        self.end.passed(1);
        Ok(())
    }
}

/// A [`tokio::sync::mpsc::UnboundedReceiver`] that reports who waits for a message.
///
/// It derefs to the original.
pub struct UnboundedReceiver<T> {
    pub(super) inner: original::UnboundedReceiver<T>,
    end: End,
}

impl<T> UnboundedReceiver<T> {
    /// Receives a message, and waits for it. `None` if there is no sender any more.
    pub async fn recv(&mut self) -> Option<T> {
        let waiting = Reading { messages: 0, room: None };
        let passed = |message: &Option<_>| usize::from(message.is_some());
        let (message, due) = self.end.wait_at_async(|| waiting, self.inner.recv(), passed).await;
        self.end.look(&self.inner, due);
        message
    }

    /// Receives messages, at most so many, and waits for the first.
    pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let waiting = Reading { messages: 0, room: None };
        let received = self.inner.recv_many(buffer, limit);
        let (messages, due) = self.end.wait_at_async(|| waiting, received, |messages| *messages).await;
        self.end.look(&self.inner, due);
        messages
    }

    /// Receives a message that is there.
    ///
    /// # Errors
    /// If there is none, or no sender any more.
    pub fn try_recv(&mut self) -> Result<T, error::TryRecvError> {
        let message = self.inner.try_recv()?;
        self.end.passed_through(&self.inner, 1);
        Ok(message)
    }

    /// Receives a message, and blocks the thread for it. Each call is timed.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        let waits = self.inner.is_empty() && !self.inner.is_closed();
        let waiting = self.end.begin_wait_at(&self.inner, waits);
        let message = self.inner.blocking_recv();
        self.end.end_wait_at(waiting, &self.inner, usize::from(message.is_some()));
        message
    }

    /// Receives messages, at most so many, and blocks the thread for the first.
    ///
    /// Each call is timed, whatever it receives.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let waits = limit > 0 && self.inner.is_empty() && !self.inner.is_closed();
        let waiting = self.end.begin_wait_at(&self.inner, waits);
        let messages = self.inner.blocking_recv_many(buffer, limit);
        self.end.end_wait_at(waiting, &self.inner, messages);
        messages
    }

    /// Polls for a message. Messages are counted, waits are not seen.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let result = self.inner.poll_recv(context);
        self.end.passed_through(&self.inner, usize::from(matches!(result, Poll::Ready(Some(_)))));
        result
    }

    /// Polls for messages, at most so many. Messages are counted, waits are not seen.
    pub fn poll_recv_many(&mut self, context: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let result = self.inner.poll_recv_many(context, buffer, limit);
        if let Poll::Ready(messages) = result {
            self.end.passed_through(&self.inner, messages);
        }
        result
    }

    /// As that of the original.
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> Queue for original::UnboundedReceiver<T> {
    fn reading(&self) -> Reading {
        Reading { messages: self.len(), room: None }
    }
}

impl<T> Deref for UnboundedReceiver<T> {
    type Target = original::UnboundedReceiver<T>;

    fn deref(&self) -> &original::UnboundedReceiver<T> {
        &self.inner
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> UnboundedSender<T> {
    /// A sender that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender { inner: self.inner.downgrade(), end: self.end.clone() }
    }
}

/// A [`tokio::sync::mpsc::WeakUnboundedSender`].
pub struct WeakUnboundedSender<T> {
    inner: original::WeakUnboundedSender<T>,
    end: End,
}

impl<T> WeakUnboundedSender<T> {
    /// The sender, if there is one still.
    #[must_use]
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        Some(UnboundedSender { inner: self.inner.upgrade()?, end: self.end.clone() })
    }
}

impl<T> Deref for UnboundedSender<T> {
    type Target = original::UnboundedSender<T>;

    fn deref(&self) -> &original::UnboundedSender<T> {
        &self.inner
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        UnboundedSender { inner: self.inner.clone(), end: self.end.clone() }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Deref for WeakUnboundedSender<T> {
    type Target = original::WeakUnboundedSender<T>;

    fn deref(&self) -> &original::WeakUnboundedSender<T> {
        &self.inner
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        WeakUnboundedSender { inner: self.inner.clone(), end: self.end.clone() }
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Named for (UnboundedSender<T>, UnboundedReceiver<T>) {
    fn named(mut self, name: &'static str) -> Self {
        self.0.end.set_name(name);
        self.1.end.set_name(name);
        self
    }
}
