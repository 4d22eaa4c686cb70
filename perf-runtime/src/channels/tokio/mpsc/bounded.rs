//! Channels with a bound.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::sync::mpsc as original;
use ::tokio::sync::mpsc::error;

use crate::Named;
use crate::channels::depth::{Queue, Reading};
use crate::channels::end::End;

/// As [`tokio::sync::mpsc::channel`].
///
/// Its rows are those of the place where this stands.
///
/// # Panics
/// If there is no room for a single message.
#[track_caller]
#[must_use]
pub fn channel<T>(room: usize) -> (Sender<T>, Receiver<T>) {
    let [send, receive] = End::pair::<T>("channel", Location::caller());
    let (sender, receiver) = original::channel(room);
    (Sender { inner: sender, end: send }, Receiver { inner: receiver, end: receive })
}

/// A [`tokio::sync::mpsc::Sender`] that reports who waits for room.
///
/// It derefs to the original.
pub struct Sender<T> {
    pub(super) inner: original::Sender<T>,
    end: End,
}

impl<T> Sender<T> {
    /// Sends a message, and waits for room.
    ///
    /// # Errors
    /// If there is no receiver any more.
    pub async fn send(&self, message: T) -> Result<(), error::SendError<T>> {
        let waiting = || self.inner.reading();
        let passed = |sent: &Result<_, _>| usize::from(sent.is_ok());
        let (sent, due) = self.end.wait_at_async(waiting, self.inner.send(message), passed).await;
        self.end.look(&self.inner, due);
        sent
    }

    /// Sends a message, and waits for room for some time at most.
    ///
    /// # Errors
    /// If the time passed, or there is no receiver any more.
    ///
    /// # Panics
    /// Outside of a runtime that has time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use perf_runtime::channels::tokio::mpsc::{Sender, error::SendTimeoutError};
    ///
    /// async fn offer(jobs: &Sender<u32>) -> Result<(), SendTimeoutError<u32>> {
    ///     jobs.send_timeout(1, Duration::from_millis(100)).await
    /// }
    /// ```
    pub async fn send_timeout(&self, message: T, limit: Duration) -> Result<(), error::SendTimeoutError<T>> {
        let waiting = || self.inner.reading();
        let passed = |sent: &Result<_, _>| usize::from(sent.is_ok());
        let (sent, due) = self.end.wait_at_async(waiting, self.inner.send_timeout(message, limit), passed).await;
        self.end.look(&self.inner, due);
        sent
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    /// If there is none, or no receiver any more.
    pub fn try_send(&self, message: T) -> Result<(), error::TrySendError<T>> {
        self.inner.try_send(message)?;
        self.end.passed_through(&self.inner, 1);
        Ok(())
    }

    /// Sends a message, and blocks the thread for room. Each call is timed.
    ///
    /// # Errors
    /// If there is no receiver any more.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_send(&self, message: T) -> Result<(), error::SendError<T>> {
        let waits = self.inner.capacity() == 0 && !self.inner.is_closed();
        let waiting = self.end.begin_wait_at(&self.inner, waits);
        let sent = self.inner.blocking_send(message);
        self.end.end_wait_at(waiting, &self.inner, usize::from(sent.is_ok()));
        sent
    }

    /// Waits for room, for one message.
    ///
    /// # Errors
    /// If there is no receiver any more.
    pub async fn reserve(&self) -> Result<original::Permit<'_, T>, error::SendError<()>> {
        let waiting = || self.inner.reading();
        let passed = |permit: &Result<_, _>| usize::from(permit.is_ok());
        let (permit, due) = self.end.wait_at_async(waiting, self.inner.reserve(), passed).await;
        self.end.look(&self.inner, due);
        permit
    }

    /// Waits for room, for so many messages.
    ///
    /// # Errors
    /// If there is no receiver any more, or never so much room.
    pub async fn reserve_many(&self, messages: usize) -> Result<original::PermitIterator<'_, T>, error::SendError<()>> {
        let count = |permits: &Result<_, _>| if permits.is_ok() { messages } else { 0 };
        let waiting = || self.inner.reading();
        let (permits, due) = self.end.wait_at_async(waiting, self.inner.reserve_many(messages), count).await;
        self.end.look(&self.inner, due);
        permits
    }

    /// Waits for room, for one message that this sender will send.
    ///
    /// # Errors
    /// If there is no receiver any more.
    pub async fn reserve_owned(self) -> Result<OwnedPermit<T>, error::SendError<()>> {
        let Sender { inner, end } = self;
        // The permit does not tell how many wait.
        let before = inner.reading();
        let passed = |permit: &Result<_, _>| usize::from(permit.is_ok());
        let (permit, due) = end.wait_at_async(|| before.when_full(), inner.reserve_owned(), passed).await;
        end.look(&before.and_one_more(), due);
        Ok(OwnedPermit { inner: permit?, end })
    }

    /// Takes room for one message, if there is any.
    ///
    /// # Errors
    /// If there is none, or no receiver any more.
    pub fn try_reserve(&self) -> Result<original::Permit<'_, T>, error::TrySendError<()>> {
        let permit = self.inner.try_reserve()?;
        self.end.passed_through(&self.inner, 1);
        Ok(permit)
    }

    /// Takes room for so many messages, if there is any.
    ///
    /// # Errors
    /// If there is none, or no receiver any more.
    pub fn try_reserve_many(
        &self,
        messages: usize,
    ) -> Result<original::PermitIterator<'_, T>, error::TrySendError<()>> {
        let permits = self.inner.try_reserve_many(messages)?;
        self.end.passed_through(&self.inner, messages);
        Ok(permits)
    }

    /// Takes room for one message that this sender will send, if there is any.
    ///
    /// # Errors
    /// If there is none, or no receiver any more: then it returns the sender.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, error::TrySendError<Sender<T>>> {
        let Sender { inner, end } = self;
        // The permit does not tell how many wait.
        let before = inner.reading();
        match inner.try_reserve_owned() {
            Ok(inner) => {
                end.passed_through(&before.and_one_more(), 1);
                Ok(OwnedPermit { inner, end })
            }
            Err(error::TrySendError::Full(inner)) => Err(error::TrySendError::Full(Sender { inner, end })),
            Err(error::TrySendError::Closed(inner)) => Err(error::TrySendError::Closed(Sender { inner, end })),
        }
    }
}

/// A [`tokio::sync::mpsc::OwnedPermit`].
pub struct OwnedPermit<T> {
    pub(super) inner: original::OwnedPermit<T>,
    end: End,
}

impl<T> OwnedPermit<T> {
    /// Sends a message into the room that was taken.
    pub fn send(self, message: T) -> Sender<T> {
        Sender { inner: self.inner.send(message), end: self.end }
    }

    /// Gives the room back.
    #[must_use]
    pub fn release(self) -> Sender<T> {
        Sender { inner: self.inner.release(), end: self.end }
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A [`tokio::sync::mpsc::Receiver`] that reports who waits for a message.
///
/// It derefs to the original.
pub struct Receiver<T> {
    pub(super) inner: original::Receiver<T>,
    end: End,
}

impl<T> Receiver<T> {
    /// Receives a message, and waits for it. `None` if there is no sender any more.
    pub async fn recv(&mut self) -> Option<T> {
        let waiting = Reading { messages: 0, room: Some(self.inner.max_capacity()) };
        let passed = |message: &Option<_>| usize::from(message.is_some());
        let (message, due) = self.end.wait_at_async(|| waiting, self.inner.recv(), passed).await;
        self.end.look(&self.inner, due);
        message
    }

    /// Receives messages, at most so many, and waits for the first.
    pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let waiting = Reading { messages: 0, room: Some(self.inner.max_capacity()) };
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

/// Room that was taken for a message counts as one that waits.
impl<T> Queue for original::Sender<T> {
    fn reading(&self) -> Reading {
        let room = self.max_capacity();
        Reading { messages: room.saturating_sub(self.capacity()), room: Some(room) }
    }
}

impl<T> Queue for original::Receiver<T> {
    fn reading(&self) -> Reading {
        Reading { messages: self.len(), room: Some(self.max_capacity()) }
    }
}

impl<T> Deref for Receiver<T> {
    type Target = original::Receiver<T>;

    fn deref(&self) -> &original::Receiver<T> {
        &self.inner
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Sender<T> {
    /// A sender that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade(), end: self.end.clone() }
    }
}

/// A [`tokio::sync::mpsc::WeakSender`].
pub struct WeakSender<T> {
    inner: original::WeakSender<T>,
    end: End,
}

impl<T> WeakSender<T> {
    /// The sender, if there is one still.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        Some(Sender { inner: self.inner.upgrade()?, end: self.end.clone() })
    }
}

impl<T> Deref for Sender<T> {
    type Target = original::Sender<T>;

    fn deref(&self) -> &original::Sender<T> {
        &self.inner
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender { inner: self.inner.clone(), end: self.end.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Deref for WeakSender<T> {
    type Target = original::WeakSender<T>;

    fn deref(&self) -> &original::WeakSender<T> {
        &self.inner
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        WeakSender { inner: self.inner.clone(), end: self.end.clone() }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Named for (Sender<T>, Receiver<T>) {
    fn named(mut self, name: &'static str) -> Self {
        self.0.end.set_name(name);
        self.1.end.set_name(name);
        self
    }
}
