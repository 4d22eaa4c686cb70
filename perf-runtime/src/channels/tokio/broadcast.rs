//! As [`tokio::sync::broadcast`].
//!
//! A message that is sent is one call of the end that sends, and a call of the other end for each receiver that takes it.

use std::panic::Location;

use ::tokio::sync::broadcast as original;

pub use ::tokio::sync::broadcast::error;

use super::ends::{clones, derefs, names};
use crate::channels::depth::{Queue, Reading};
use crate::channels::end::End;

/// A [`tokio::sync::broadcast::Sender`] that counts what it sends. It never waits.
///
/// It derefs to the original.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// A [`tokio::sync::broadcast::WeakSender`].
pub struct WeakSender<T> {
    inner: original::WeakSender<T>,
    end: End,
}

/// A [`tokio::sync::broadcast::Receiver`] that reports who waits for a message.
///
/// It derefs to the original.
pub struct Receiver<T> {
    inner: original::Receiver<T>,
    end: End,
}

/// As [`tokio::sync::broadcast::channel`].
///
/// Its rows are those of the place where this stands.
///
/// # Panics
/// If there is no room for a single message, or for more than tokio allows.
#[track_caller]
#[must_use]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = original::channel(capacity);
    let [send, receive] = End::pair::<T>("channel", Location::caller());
    (Sender { inner: sender, end: send }, Receiver { inner: receiver, end: receive })
}

impl<T> Sender<T> {
    /// As [`tokio::sync::broadcast::Sender::new`].
    ///
    /// # Panics
    /// If there is no room for a single message, or for more than tokio allows.
    #[track_caller]
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let inner = original::Sender::new(capacity);
        let [end, _] = End::pair::<T>("channel", Location::caller());
        Sender { inner, end }
    }

    /// Sends a message to all receivers, and says to how many.
    ///
    /// # Errors
    /// If there is no receiver.
    pub fn send(&self, message: T) -> Result<usize, error::SendError<T>> {
        let receivers = self.inner.send(message)?;
        self.end.passed_through(&self.inner, 1);
        Ok(receivers)
    }

    /// Another receiver, of messages that are sent from now on.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { inner: self.inner.subscribe(), end: self.end.receiving() }
    }

    /// A sender that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade(), end: self.end.clone() }
    }
}

impl<T> WeakSender<T> {
    /// The sender, if there is one still.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        Some(Sender { inner: self.inner.upgrade()?, end: self.end.clone() })
    }
}

impl<T: Clone> Receiver<T> {
    /// Receives a message, and waits for it.
    ///
    /// # Errors
    /// If there is no sender any more, or messages were overwritten before they were received.
    pub async fn recv(&mut self) -> Result<T, error::RecvError> {
        let waiting = Reading { messages: 0, room: None };
        let passed = |message: &Result<_, _>| usize::from(message.is_ok());
        let (message, due) = self.end.wait_at_async(|| waiting, self.inner.recv(), passed).await;
        self.end.look(&self.inner, due);
        message
    }

    /// Receives a message that is there.
    ///
    /// # Errors
    /// If there is none, or no sender any more, or messages were overwritten before they were received.
    pub fn try_recv(&mut self) -> Result<T, error::TryRecvError> {
        let message = self.inner.try_recv()?;
        self.end.passed_through(&self.inner, 1);
        Ok(message)
    }

    /// Receives a message, and blocks the thread for it. Each call is timed.
    ///
    /// # Errors
    /// If there is no sender any more, or messages were overwritten before they were received.
    ///
    /// # Panics
    /// In an async context.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, error::RecvError> {
        let waits = self.inner.is_empty() && !self.inner.is_closed();
        let waiting = self.end.begin_wait_at(&self.inner, waits);
        let message = self.inner.blocking_recv();
        self.end.end_wait_at(waiting, &self.inner, usize::from(message.is_ok()));
        message
    }

    /// Another receiver, of messages that are sent from now on.
    #[must_use]
    pub fn resubscribe(&self) -> Self {
        Receiver { inner: self.inner.resubscribe(), end: self.end.clone() }
    }
}

/// Messages that a receiver has not had, whichever is the furthest behind.
impl<T> Queue for original::Sender<T> {
    fn reading(&self) -> Reading {
        Reading { messages: self.len(), room: None }
    }
}

/// Messages that this receiver has not had.
impl<T> Queue for original::Receiver<T> {
    fn reading(&self) -> Reading {
        Reading { messages: self.len(), room: None }
    }
}

derefs!(original: Sender WeakSender Receiver);
clones!(Sender WeakSender);
names!();
