//! Which lock a guard is of.
//!
//! A guard of the standard library may be shared between threads if what it gives access to may. A guard with a reference to its lock may be so
//! only if the lock may, whose value could then be sent to another thread. So guards have an [`Owner`].
#![allow(unsafe_code, reason = "this file's subject is who may get at the memory behind a reference")]

use super::{Mutex, RwLock};
use crate::locks::meter::Meter;

/// The lock of a guard. Who shares it learns of the lock's rows, and gets at nothing that the lock protects.
pub(super) struct Owner<'a, L: ?Sized>(&'a L);

impl<'a, L: ?Sized + Metered> Owner<'a, L> {
    #[inline]
    pub(super) fn new(lock: &'a L) -> Owner<'a, L> {
        Owner(lock)
    }

    #[inline]
    pub(super) fn meter(&self) -> &'a Meter {
        self.0.meter()
    }

    /// The lock itself, for whoever has the guard alone.
    #[inline]
    pub(super) fn lock(&mut self) -> &'a L {
        self.0
    }
}

// SAFETY: all that can be done with a shared reference to it is to ask for the meter, which is `Sync`. The lock comes from an exclusive reference
// alone, and another thread never has that: guards are not `Send`.
unsafe impl<L: ?Sized> Sync for Owner<'_, L> {}

/// What is known of a lock, whatever it protects.
pub(super) trait Metered {
    fn meter(&self) -> &Meter;
}

impl<T: ?Sized> Metered for Mutex<T> {
    #[inline]
    fn meter(&self) -> &Meter {
        &self.meter
    }
}

impl<T: ?Sized> Metered for RwLock<T> {
    #[inline]
    fn meter(&self) -> &Meter {
        &self.meter
    }
}
