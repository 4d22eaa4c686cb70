//! A cell for references that live for ever, replaced atomically.
#![allow(unsafe_code, reason = "this file's subject is a pointer that is shared without a lock")]

use std::marker::PhantomData;
use std::ptr;

use super::{Ordering, Pointer};

/// An `Option<&'static T>` that can be read and replaced from any thread without a lock.
#[derive(Debug)]
pub(crate) struct StaticCell<T: 'static> {
    pointer: Pointer<T>,
    _holds: PhantomData<&'static T>,
}

impl<T: Sync> StaticCell<T> {
    pub(crate) const fn none() -> Self {
        StaticCell { pointer: Pointer::new(ptr::null_mut()), _holds: PhantomData }
    }

    /// One of which loom sees all orders.
    #[cfg(all(test, loom))]
    pub(super) fn modelled() -> Self {
        StaticCell { pointer: Pointer::watched(ptr::null_mut()), _holds: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&'static T> {
        // SAFETY: only null and pointers made from `&'static T` are stored, and `Acquire` sees what they point to.
        unsafe { self.pointer.load(Ordering::Acquire).as_ref() }
    }

    /// The value, made at first use.
    pub(crate) fn get_or_default(&self) -> &'static T
    where
        T: Default,
    {
        self.get().unwrap_or_else(|| {
            let new = Box::leak(Box::default());
            // Whoever loses the race leaves one unused.
            if self.replace(None, new) { new } else { self.get().unwrap_or(new) }
        })
    }

    pub(crate) fn set(&self, value: Option<&'static T>) {
        self.pointer.store(raw(value), Ordering::Release);
    }

    /// Replaces `current` by `new` and says whether it did.
    pub(crate) fn replace(&self, current: Option<&'static T>, new: &'static T) -> bool {
        self.pointer.compare_exchange(raw(current), raw(Some(new)), Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

fn raw<T>(value: Option<&'static T>) -> *mut T {
    value.map_or(ptr::null_mut(), |value| ptr::from_ref(value).cast_mut())
}
