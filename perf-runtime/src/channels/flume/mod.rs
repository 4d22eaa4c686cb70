//! Channels of flume: `bounded` and `unbounded`.
//!
//! Write `perf_runtime::channels::flume` where it says `flume`. A sender derefs to the original, and a receiver too, so both have what the
//! originals have, and [`Selector`] takes them; messages that pass there, a stream or a sink are not reported.

pub mod r#async;

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::time::{Duration, Instant};

use ::flume as original;
pub use ::flume::{
    Drain, RecvError, RecvTimeoutError, Selector, SendError, SendTimeoutError, TryRecvError, TrySendError, select,
};

use self::r#async::{Passing, RecvFut, SendFut};
use crate::Named;
use crate::channels::depth::queues;
use crate::channels::end::End;
use crate::channels::iterators::iterators;

/// A [`flume::Sender`] that reports who waits for room.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// A [`flume::WeakSender`].
pub struct WeakSender<T> {
    inner: original::WeakSender<T>,
    end: End,
}

/// A [`flume::Receiver`] that reports who waits for a message.
pub struct Receiver<T> {
    inner: original::Receiver<T>,
    end: End,
}

/// As [`flume::bounded`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ends("bounded", Location::caller(), original::bounded(capacity))
}

/// As [`flume::unbounded`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends("unbounded", Location::caller(), original::unbounded())
}

fn ends<T>(
    channel: &'static str,
    declared: &'static Location<'static>,
    (sender, receiver): (original::Sender<T>, original::Receiver<T>),
) -> (Sender<T>, Receiver<T>) {
    let [send, receive] = End::pair::<T>(channel, declared);
    (Sender { inner: sender, end: send }, Receiver { inner: receiver, end: receive })
}

impl<T> Sender<T> {
    /// Sends a message, and waits for room.
    ///
    /// # Errors
    /// If there is no receiver any more.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        match self.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(message)) => Err(SendError(message)),
            Err(TrySendError::Full(message)) => self.end.wait_at(&self.inner, || self.inner.send(message)),
        }
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    /// If there is none, or no receiver any more.
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.inner.try_send(message)?;
        self.end.passed_through(&self.inner, 1);
        Ok(())
    }

    /// Sends a message, and waits for room for some time.
    ///
    /// # Errors
    /// If there was no room in time, or there is no receiver any more.
    pub fn send_timeout(&self, message: T, limit: Duration) -> Result<(), SendTimeoutError<T>> {
        self.send_in_time(message, |message| self.inner.send_timeout(message, limit))
    }

    /// Sends a message, and waits for room until some moment.
    ///
    /// # Errors
    /// If there was no room in time, or there is no receiver any more.
    pub fn send_deadline(&self, message: T, limit: Instant) -> Result<(), SendTimeoutError<T>> {
        self.send_in_time(message, |message| self.inner.send_deadline(message, limit))
    }

    fn send_in_time(
        &self,
        message: T,
        wait: impl FnOnce(T) -> Result<(), SendTimeoutError<T>>,
    ) -> Result<(), SendTimeoutError<T>> {
        match self.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(message)) => Err(SendTimeoutError::Disconnected(message)),
            Err(TrySendError::Full(message)) => self.end.wait_at(&self.inner, || wait(message)),
        }
    }

    /// Sends a message by a future that waits for room.
    pub fn send_async(&self, message: T) -> SendFut<'_, T> {
        Passing::new(self.inner.send_async(message), &self.end)
    }

    /// As [`send_async`](Self::send_async), by a future that has the sender.
    pub fn into_send_async<'a>(self, message: T) -> SendFut<'a, T> {
        Passing::new(self.inner.into_send_async(message), &self.end)
    }

    /// As [`flume::Sender::into_sink`]. Messages that pass a sink are not seen.
    #[must_use]
    pub fn into_sink<'a>(self) -> original::r#async::SendSink<'a, T> {
        self.inner.into_sink()
    }

    /// A sender that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade(), end: self.end.clone() }
    }
}

impl<T> Receiver<T> {
    /// Receives a message, and waits for it.
    ///
    /// # Errors
    /// If there is none and no sender any more.
    #[inline]
    pub fn recv(&self) -> Result<T, RecvError> {
        match self.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Disconnected) => Err(RecvError::Disconnected),
            Err(TryRecvError::Empty) => self.end.wait_at(&self.inner, || self.inner.recv()),
        }
    }

    /// Receives a message that is there.
    ///
    /// # Errors
    /// If there is none, or no sender any more.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let message = self.inner.try_recv()?;
        self.end.passed_through(&self.inner, 1);
        Ok(message)
    }

    /// Receives a message, and waits for it for some time.
    ///
    /// # Errors
    /// If there was none in time, or there is no sender any more.
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        self.receive_in_time(|| self.inner.recv_timeout(limit))
    }

    /// Receives a message, and waits for it until some moment.
    ///
    /// # Errors
    /// If there was none in time, or there is no sender any more.
    pub fn recv_deadline(&self, limit: Instant) -> Result<T, RecvTimeoutError> {
        self.receive_in_time(|| self.inner.recv_deadline(limit))
    }

    fn receive_in_time(&self, wait: impl FnOnce() -> Result<T, RecvTimeoutError>) -> Result<T, RecvTimeoutError> {
        match self.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
            Err(TryRecvError::Empty) => self.end.wait_at(&self.inner, wait),
        }
    }

    /// The messages, each waited for.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    /// The messages that are there.
    #[must_use]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }

    /// Takes the messages that are there now.
    pub fn drain(&self) -> Drain<'_, T> {
        let messages = self.inner.drain();
        self.end.passed_through(&self.inner, messages.len());
        messages
    }

    /// Receives a message by a future that waits for it.
    pub fn recv_async(&self) -> RecvFut<'_, T> {
        Passing::new(self.inner.recv_async(), &self.end)
    }

    /// As [`recv_async`](Self::recv_async), by a future that has the receiver.
    pub fn into_recv_async<'a>(self) -> RecvFut<'a, T> {
        Passing::new(self.inner.into_recv_async(), &self.end)
    }

    /// As [`flume::Receiver::into_stream`]. Messages that pass a stream are not seen.
    #[must_use]
    pub fn into_stream<'a>(self) -> original::r#async::RecvStream<'a, T> {
        self.inner.into_stream()
    }
}

impl<T> WeakSender<T> {
    /// The sender, if there is one still.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        Some(Sender { inner: self.inner.upgrade()?, end: self.end.clone() })
    }
}

iterators!();

queues! {
    [T] original::Sender<T>,
    [T] original::Receiver<T>,
}

impl<T> Named for (Sender<T>, Receiver<T>) {
    fn named(mut self, name: &'static str) -> Self {
        self.0.end.set_name(name);
        self.1.end.set_name(name);
        self
    }
}

/// The original behind either end.
macro_rules! derefs {
    ($($End:ident)*) => {
        $(
            impl<T> Deref for $End<T> {
                type Target = original::$End<T>;

                fn deref(&self) -> &original::$End<T> {
                    &self.inner
                }
            }

            impl<T> Clone for $End<T> {
                fn clone(&self) -> Self {
                    $End { inner: self.inner.clone(), end: self.end.clone() }
                }
            }

            impl<T> fmt::Debug for $End<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.inner.fmt(f)
                }
            }
        )*
    };
}

derefs!(Sender WeakSender Receiver);
