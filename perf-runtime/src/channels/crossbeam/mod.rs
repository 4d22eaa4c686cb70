//! Channels of crossbeam: `bounded` and `unbounded`.
//!
//! Write `perf_runtime::channels::crossbeam` where it says `crossbeam_channel`. A sender derefs to the original, and a receiver too, so
//! both have what the originals have, and [`select!`] takes them; messages that pass there are not reported.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::time::{Duration, Instant};

use ::crossbeam_channel as original;
pub use ::crossbeam_channel::{
    ReadyTimeoutError, RecvError, RecvTimeoutError, Select, SelectTimeoutError, SelectedOperation, SendError,
    SendTimeoutError, TryReadyError, TryRecvError, TrySelectError, TrySendError, select, select_biased,
};

use crate::Named;
use crate::channels::depth::queues;
use crate::channels::end::End;
use crate::channels::iterators::iterators;

/// A [`crossbeam_channel::Sender`] that reports who waits for room.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// A [`crossbeam_channel::Receiver`] that reports who waits for a message.
pub struct Receiver<T> {
    inner: original::Receiver<T>,
    end: End,
}

/// As [`crossbeam_channel::bounded`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ends("bounded", Location::caller(), original::bounded(capacity))
}

/// As [`crossbeam_channel::unbounded`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends("unbounded", Location::caller(), original::unbounded())
}

/// As [`crossbeam_channel::after`]. Its row is that of the place where this stands.
#[track_caller]
#[must_use]
pub fn after(duration: Duration) -> Receiver<Instant> {
    receiver("after", Location::caller(), original::after(duration))
}

/// As [`crossbeam_channel::at`]. Its row is that of the place where this stands.
#[track_caller]
#[must_use]
pub fn at(when: Instant) -> Receiver<Instant> {
    receiver("at", Location::caller(), original::at(when))
}

/// As [`crossbeam_channel::never`]. Its row is that of the place where this stands.
#[track_caller]
#[must_use]
pub fn never<T>() -> Receiver<T> {
    receiver("never", Location::caller(), original::never())
}

/// As [`crossbeam_channel::tick`]. Its row is that of the place where this stands.
#[track_caller]
#[must_use]
pub fn tick(period: Duration) -> Receiver<Instant> {
    receiver("tick", Location::caller(), original::tick(period))
}

/// The end of what sends by itself.
fn receiver<T>(
    channel: &'static str,
    declared: &'static Location<'static>,
    inner: original::Receiver<T>,
) -> Receiver<T> {
    let [_, end] = End::pair::<T>(channel, declared);
    Receiver { inner, end }
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
            Err(TryRecvError::Disconnected) => Err(RecvError),
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

derefs!(Sender Receiver);
