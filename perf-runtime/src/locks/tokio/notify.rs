//! `Notify` and the future of a notification.

use core::fmt;
use core::future::Future;
use core::panic::Location;
use core::pin::Pin;
use core::task::{Context, Poll};

use ::tokio::sync;
use pin_project_lite::pin_project;

use crate::Named;
use crate::call::wait::PolledWait;
use crate::locks::meter::Meter;

/// A [`tokio::sync::Notify`](::tokio::sync::Notify) that reports who waits for notifications.
///
/// Each notification that was received is one call of its row, whether it was waited for or not.
pub struct Notify {
    pub(super) meter: Meter,
    pub(super) inner: sync::Notify,
}

pin_project! {
    /// A [`tokio::sync::futures::Notified`](::tokio::sync::futures::Notified).
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Notified<'a> {
        // Before the future, so that it is dropped first.
        wait: PolledWait,
        #[pin]
        inner: sync::futures::Notified<'a>,
        meter: &'a Meter,
    }
}

impl Notify {
    /// As [`tokio::sync::Notify::new`](::tokio::sync::Notify::new). The row is that of the place where this stands.
    #[track_caller]
    #[must_use]
    pub fn new() -> Notify {
        Notify { meter: Meter::new::<()>("Notify", Location::caller()), inner: sync::Notify::new() }
    }

    /// As [`tokio::sync::Notify::const_new`](::tokio::sync::Notify::const_new).
    #[track_caller]
    #[must_use]
    pub const fn const_new() -> Notify {
        Notify { meter: Meter::new::<()>("Notify", Location::caller()), inner: sync::Notify::const_new() }
    }

    /// Waits for a notification.
    pub fn notified(&self) -> Notified<'_> {
        Notified { wait: self.meter.polled_wait(), inner: self.inner.notified(), meter: &self.meter }
    }

    /// Notifies one that waits, or else the next one.
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// As [`notify_one`](Self::notify_one), but of those that wait the one that came last.
    pub fn notify_last(&self) {
        self.inner.notify_last();
    }

    /// Notifies all that wait.
    pub fn notify_waiters(&self) {
        self.inner.notify_waiters();
    }
}

impl Notified<'_> {
    /// As [`tokio::sync::futures::Notified::enable`](::tokio::sync::futures::Notified::enable).
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().inner.enable()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let inner = this.inner;
        this.wait.poll(|| inner.poll(context)).map(|((), waited)| this.meter.notified(waited))
    }
}

impl Named for Notify {
    fn named(mut self, name: &'static str) -> Self {
        self.meter.set_name(name);
        self
    }
}

impl Default for Notify {
    #[track_caller]
    fn default() -> Self {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
