//! The parts of every guard that borrows its lock: that of tokio's inside, and the hold.

use core::fmt;
use core::ops::{Deref, DerefMut};

use crate::locks::meter::{Hold, Meter};
use crate::platform::clock;

/// A guard of tokio's, whose hold is reported.
#[must_use = "if unused the lock will immediately unlock"]
pub struct Guard<'a, G> {
    /// `None` only while it is dropped.
    inner: Option<G>,
    meter: &'a Meter,
    hold: Hold,
}

impl<'a, G> Guard<'a, G> {
    #[inline]
    pub(super) fn new(inner: G, meter: &'a Meter, hold: Hold) -> Self {
        Guard { inner: Some(inner), meter, hold }
    }

    /// Another guard for the same hold.
    pub(super) fn with<H>(self, change: impl FnOnce(G) -> H) -> Guard<'a, H> {
        let (inner, meter, hold) = self.into_parts();
        Guard::new(change(inner), meter, hold)
    }

    /// Another guard for the same hold, or this one.
    pub(super) fn try_with<H>(self, change: impl FnOnce(G) -> Result<H, G>) -> Result<Guard<'a, H>, Self> {
        let (inner, meter, hold) = self.into_parts();
        match change(inner) {
            Ok(inner) => Ok(Guard::new(inner, meter, hold)),
            Err(inner) => Err(Guard::new(inner, meter, hold)),
        }
    }

    pub(super) fn inner(&self) -> &G {
        self.inner.as_ref().expect("it is there until the guard is dropped")
    }

    pub(super) fn inner_mut(&mut self) -> &mut G {
        self.inner.as_mut().expect("it is there until the guard is dropped")
    }

    pub(super) fn into_parts(mut self) -> (G, &'a Meter, Hold) {
        let hold = core::mem::replace(&mut self.hold, Hold::NOT_TIMED);
        let inner = self.inner.take().expect("it is there until the guard is dropped");
        (inner, self.meter, hold)
    }

    #[cold]
    #[inline(never)]
    fn release_slowly(&mut self) {
        let end = clock::now();
        // Unlocked first: nobody waits for what is recorded of it.
        drop(self.inner.take());
        self.meter.released(self.hold, end, false);
    }
}

impl<G> Drop for Guard<'_, G> {
    #[inline]
    fn drop(&mut self) {
        if self.hold.is_timed() {
            self.release_slowly();
        }
    }
}

impl<G: Deref> Deref for Guard<'_, G> {
    type Target = G::Target;

    #[inline]
    fn deref(&self) -> &G::Target {
        self.inner.as_ref().expect("it is there until the guard is dropped")
    }
}

impl<G: DerefMut> DerefMut for Guard<'_, G> {
    #[inline]
    fn deref_mut(&mut self) -> &mut G::Target {
        self.inner.as_mut().expect("it is there until the guard is dropped")
    }
}

impl<G: fmt::Debug> fmt::Debug for Guard<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.as_ref().expect("it is there until the guard is dropped").fmt(f)
    }
}

impl<G: fmt::Display> fmt::Display for Guard<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.as_ref().expect("it is there until the guard is dropped").fmt(f)
    }
}
