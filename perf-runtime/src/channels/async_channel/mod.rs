//! Channels of async-channel: `bounded` and `unbounded`.
//!
//! Write `perf_runtime::channels::async_channel` where it says `async_channel`. A sender derefs to the original, and a receiver too, so both
//! have what the originals have. A receiver is a stream, as the original is.

mod futures;

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::async_channel as original;
pub use ::async_channel::{Closed, RecvError, SendError, TryRecvError, TrySendError};
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

pub use self::futures::{Passing, Recv, Send};
use crate::Named;
use crate::call::wait::PolledWait;
use crate::channels::depth::queues;
use crate::channels::end::End;

/// An [`async_channel::Sender`](original::Sender) that reports who waits for room.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// An [`async_channel::WeakSender`](original::WeakSender).
pub struct WeakSender<T> {
    inner: original::WeakSender<T>,
    end: End,
}

pin_project! {
    /// An [`async_channel::Receiver`](original::Receiver) that reports who waits for a message.
    pub struct Receiver<T> {
        // Of the message that the stream waits for. Before the receiver, so that it is dropped first.
        next: Option<PolledWait>,
        #[pin]
        inner: original::Receiver<T>,
        end: End,
    }
}

/// An [`async_channel::WeakReceiver`](original::WeakReceiver).
pub struct WeakReceiver<T> {
    inner: original::WeakReceiver<T>,
    end: End,
}

/// As [`async_channel::bounded`](original::bounded).
///
/// Its rows are those of the place where this stands.
///
/// # Panics
/// If the capacity is 0.
#[track_caller]
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ends("bounded", Location::caller(), original::bounded(capacity))
}

/// As [`async_channel::unbounded`](original::unbounded).
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
    (Sender { inner: sender, end: send }, Receiver::of(receiver, receive))
}

impl<T> Sender<T> {
    /// Sends a message by a future that waits for room.
    pub fn send(&self, message: T) -> Send<'_, T> {
        Passing::new(self.inner.send(message), &self.inner, &self.end)
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    /// If there is none, or the channel is closed.
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.inner.try_send(message)?;
        self.end.passed_through(&self.inner, 1);
        Ok(())
    }

    /// Sends a message, and waits for room in this thread.
    ///
    /// # Errors
    /// If the channel is closed.
    pub fn send_blocking(&self, message: T) -> Result<(), SendError<T>> {
        match self.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(message)) => Err(SendError(message)),
            Err(TrySendError::Full(message)) => self.end.wait_at(&self.inner, || self.inner.send_blocking(message)),
        }
    }

    /// Sends a message whether there is room or not.
    ///
    /// If there is none, it takes the place of the oldest one, which is returned.
    ///
    /// # Errors
    /// If the channel is closed.
    pub fn force_send(&self, message: T) -> Result<Option<T>, SendError<T>> {
        let replaced = self.inner.force_send(message)?;
        self.end.passed_through(&self.inner, 1);
        Ok(replaced)
    }

    /// A sender that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { inner: self.inner.downgrade(), end: self.end.clone() }
    }
}

impl<T> Receiver<T> {
    fn of(inner: original::Receiver<T>, end: End) -> Receiver<T> {
        Receiver { next: None, inner, end }
    }

    /// Receives a message by a future that waits for it.
    pub fn recv(&self) -> Recv<'_, T> {
        Passing::new(self.inner.recv(), &self.inner, &self.end)
    }

    /// Receives a message that is there.
    ///
    /// # Errors
    /// If there is none, or none and the channel is closed.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let message = self.inner.try_recv()?;
        self.end.passed_through(&self.inner, 1);
        Ok(message)
    }

    /// Receives a message, and waits for it in this thread.
    ///
    /// # Errors
    /// If there is none and the channel is closed.
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        match self.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Closed) => Err(RecvError),
            Err(TryRecvError::Empty) => self.end.wait_at(&self.inner, || self.inner.recv_blocking()),
        }
    }

    /// A receiver that does not keep the channel open.
    #[must_use]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver { inner: self.inner.downgrade(), end: self.end.clone() }
    }
}

queues! {
    [T] original::Sender<T>,
    [T] original::Receiver<T>,
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        let mut inner = this.inner;
        let wait = this.next.get_or_insert_with(|| this.end.polled_wait());
        let begins = wait.is_new();
        match wait.poll(|| inner.as_mut().poll_next(context)) {
            Poll::Ready((message, waited)) => {
                *this.next = None;
                // A wait is a call, which stands for the message.
                this.end.passed_through(&*inner, usize::from(message.is_some() && !waited));
                Poll::Ready(message)
            }
            Poll::Pending => {
                this.end.look(&*inner, u64::from(begins));
                Poll::Pending
            }
        }
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.inner.is_terminated()
    }
}

impl<T> WeakSender<T> {
    /// The sender, if the channel is open still.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        Some(Sender { inner: self.inner.upgrade()?, end: self.end.clone() })
    }
}

impl<T> WeakReceiver<T> {
    /// The receiver, if the channel is open still.
    #[must_use]
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        Some(Receiver::of(self.inner.upgrade()?, self.end.clone()))
    }
}

impl<T> Named for (Sender<T>, Receiver<T>) {
    fn named(mut self, name: &'static str) -> Self {
        self.0.end.set_name(name);
        self.1.end.set_name(name);
        self
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver::of(self.inner.clone(), self.end.clone())
    }
}

/// Clones of those that nobody waits by.
macro_rules! clones {
    ($($End:ident)*) => {
        $(
            impl<T> Clone for $End<T> {
                fn clone(&self) -> Self {
                    $End { inner: self.inner.clone(), end: self.end.clone() }
                }
            }
        )*
    };
}

clones!(Sender WeakSender WeakReceiver);

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

            impl<T> fmt::Debug for $End<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.inner.fmt(f)
                }
            }
        )*
    };
}

derefs!(Sender WeakSender Receiver WeakReceiver);
