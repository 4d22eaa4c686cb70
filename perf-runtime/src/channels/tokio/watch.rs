//! As [`tokio::sync::watch`].
//!
//! A value that is set is a message sent; a change that a receiver was told of by `changed` or `wait_for` is a message received.

use std::panic::Location;

use ::tokio::sync::watch as original;

pub use ::tokio::sync::watch::{Ref, error};

use super::ends::{clones, derefs, names};
use crate::channels::end::End;

/// A [`tokio::sync::watch::Sender`] that counts what it sends. It never waits.
///
/// It derefs to the original.
pub struct Sender<T> {
    inner: original::Sender<T>,
    end: End,
}

/// A [`tokio::sync::watch::Receiver`] that reports who waits for a change.
///
/// It derefs to the original.
pub struct Receiver<T> {
    inner: original::Receiver<T>,
    end: End,
}

/// As [`tokio::sync::watch::channel`].
///
/// Its rows are those of the place where this stands.
#[track_caller]
#[must_use]
pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let [send, receive] = End::pair::<T>("watch", Location::caller());
    let (sender, receiver) = original::channel(value);
    (Sender { inner: sender, end: send }, Receiver { inner: receiver, end: receive })
}

impl<T> Sender<T> {
    /// As [`tokio::sync::watch::Sender::new`].
    #[track_caller]
    #[must_use]
    pub fn new(value: T) -> Self {
        let [end, _] = End::pair::<T>("watch", Location::caller());
        Sender { inner: original::Sender::new(value), end }
    }

    /// Sets the value.
    ///
    /// # Errors
    /// If there is no receiver.
    pub fn send(&self, value: T) -> Result<(), error::SendError<T>> {
        self.inner.send(value)?;
        self.end.passed(1);
        Ok(())
    }

    /// Changes the value, whether or not there is a receiver.
    pub fn send_modify<F: FnOnce(&mut T)>(&self, modify: F) {
        self.inner.send_modify(modify);
        self.end.passed(1);
    }

    /// Changes the value, and tells receivers if `modify` says so.
    pub fn send_if_modified<F: FnOnce(&mut T) -> bool>(&self, modify: F) -> bool {
        let modified = self.inner.send_if_modified(modify);
        self.end.passed(usize::from(modified));
        modified
    }

    /// Sets the value, whether or not there is a receiver, and returns the one before.
    pub fn send_replace(&self, value: T) -> T {
        let before = self.inner.send_replace(value);
        self.end.passed(1);
        before
    }

    /// Another receiver, which has seen the value.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { inner: self.inner.subscribe(), end: self.end.receiving() }
    }
}

impl<T: Default> Default for Sender<T> {
    #[track_caller]
    fn default() -> Self {
        Sender::new(T::default())
    }
}

impl<T> Receiver<T> {
    /// Waits for a value that this receiver has not seen.
    ///
    /// # Errors
    /// If there is none, and no sender any more.
    pub async fn changed(&mut self) -> Result<(), error::RecvError> {
        self.end.wait_async(self.inner.changed(), |changed| usize::from(changed.is_ok())).await
    }

    /// Waits for a value that is as `condition` says.
    ///
    /// # Errors
    /// If there is none, and no sender any more.
    pub async fn wait_for(&mut self, condition: impl FnMut(&T) -> bool) -> Result<Ref<'_, T>, error::RecvError> {
        self.end.wait_async(self.inner.wait_for(condition), |value| usize::from(value.is_ok())).await
    }

    /// The value, which counts as seen.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        self.inner.borrow_and_update()
    }

    /// As that of the original.
    pub fn mark_changed(&mut self) {
        self.inner.mark_changed();
    }

    /// As that of the original.
    pub fn mark_unchanged(&mut self) {
        self.inner.mark_unchanged();
    }
}

derefs!(original: Sender Receiver);
clones!(Sender Receiver);
names!();
