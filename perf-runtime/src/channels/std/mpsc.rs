//! As [`std::sync::mpsc`].

use std::fmt;
use std::panic::Location;
use std::sync::mpsc as original;
use std::time::Duration;

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

use crate::Named;
use crate::channels::end::End;
use crate::channels::iterators::iterators;

/// A [`std::sync::mpsc::Sender`] that counts what it sends. It never waits.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// A [`std::sync::mpsc::SyncSender`] that reports who waits for room.
pub struct SyncSender<T> {
    inner: original::SyncSender<T>,
    end: End,
}

/// A [`std::sync::mpsc::Receiver`] that reports who waits for a message.
pub struct Receiver<T> {
    inner: original::Receiver<T>,
    end: End,
}

/// As [`std::sync::mpsc::channel`].
///
/// Its rows are those of the place where this stands.
///
/// ```
/// use perf_runtime::channels::std::mpsc::channel;
///
/// let (sender, receiver) = channel();
/// sender.send(1).unwrap();
/// assert_eq!(receiver.recv(), Ok(1));
/// ```
#[track_caller]
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let [send, receive] = End::pair::<T>("channel", Location::caller());
    let (sender, receiver) = original::channel();
    (Sender { inner: sender, end: send }, Receiver { inner: receiver, end: receive })
}

/// As [`std::sync::mpsc::sync_channel`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let [send, receive] = End::pair::<T>("sync_channel", Location::caller());
    let (sender, receiver) = original::sync_channel(bound);
    (SyncSender { inner: sender, end: send }, Receiver { inner: receiver, end: receive })
}

impl<T> Sender<T> {
    /// As [`std::sync::mpsc::Sender::send`].
    ///
    /// # Errors
    /// If there is no receiver any more.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        self.inner.send(message)?;
        self.end.passed(1);
        Ok(())
    }
}

impl<T> SyncSender<T> {
    /// As [`std::sync::mpsc::SyncSender::send`].
    ///
    /// # Errors
    /// If there is no receiver any more.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        match self.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(message)) => Err(SendError(message)),
            Err(TrySendError::Full(message)) => self.end.wait(|| self.inner.send(message)),
        }
    }

    /// As [`std::sync::mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    /// If there is no room, or no receiver any more.
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.inner.try_send(message)?;
        self.end.passed(1);
        Ok(())
    }
}

impl<T> Receiver<T> {
    /// As [`std::sync::mpsc::Receiver::recv`].
    ///
    /// # Errors
    /// If there is no message and no sender any more.
    #[inline]
    pub fn recv(&self) -> Result<T, RecvError> {
        match self.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Disconnected) => Err(RecvError),
            Err(TryRecvError::Empty) => self.end.wait(|| self.inner.recv()),
        }
    }

    /// As [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    /// If there is no message, or no sender any more.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let message = self.inner.try_recv()?;
        self.end.passed(1);
        Ok(message)
    }

    /// As [`std::sync::mpsc::Receiver::recv_timeout`].
    ///
    /// # Errors
    /// If there was no message in time, or there is no sender any more.
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        match self.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
            Err(TryRecvError::Empty) => self.end.wait(|| self.inner.recv_timeout(limit)),
        }
    }

    /// As [`std::sync::mpsc::Receiver::iter`].
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// As [`std::sync::mpsc::Receiver::try_iter`].
    #[must_use]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }
}

iterators!();

impl<T> Named for (Sender<T>, Receiver<T>) {
    fn named(mut self, name: &'static str) -> Self {
        self.0.end.set_name(name);
        self.1.end.set_name(name);
        self
    }
}

impl<T> Named for (SyncSender<T>, Receiver<T>) {
    fn named(mut self, name: &'static str) -> Self {
        self.0.end.set_name(name);
        self.1.end.set_name(name);
        self
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender { inner: self.inner.clone(), end: self.end.clone() }
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        SyncSender { inner: self.inner.clone(), end: self.end.clone() }
    }
}
