//! A value that is leased out, and dropped when its last lease has ended.
//!
//! It is an `Arc` whose memory is never freed, only used again for the same resource's next value. That makes the way from a
//! shared pointer to a lease one atomic instruction: the count can be raised first and the question whether the value was
//! still there asked afterwards, because the count itself is always there.
//!
//! The word of a [`LeaseCell`], from the lowest bit:
//!
//! ```text
//! ALIVE     new leases are given                                (set by fill, cleared by retire)
//! CLAIMED   the value is absent, or somebody is dropping it     (set by whoever claims, cleared by fill)
//! FOR_EVER  there are references that no lease counts
//! LEASED    24 bits: leases out
//! TAKEN     37 bits: leases given so far, modulo that
//! ```
//!
//! Whoever sees ALIVE, FOR_EVER, CLAIMED and LEASED all zero may claim; the claim is a compare-and-swap, so one does. A
//! lease that was taken too late makes LEASED rise for a moment; its giving back asks again. The rights to drop a value and to
//! put one in are the types [`Claimed`] and [`Vacant`], of which there is one at a time.
#![allow(unsafe_code, reason = "this file's subject is the memory of a value that is leased out and dropped")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::MaybeUninit;
use std::ops::Deref;

use crate::sync::{AtomicU64, Ordering};

const ALIVE: u64 = 1;
const CLAIMED: u64 = 1 << 1;
const FOR_EVER: u64 = 1 << 2;
const LEASE: u64 = 1 << LEASE_SHIFT;
const LEASE_SHIFT: u32 = 3;
const LEASE_BITS: u32 = 24;
const TAKEN: u64 = 1 << TAKEN_SHIFT;
const TAKEN_SHIFT: u32 = LEASE_SHIFT + LEASE_BITS;
/// Set when half of the leases that can be counted are out: no more are given, long before the count could run over.
const MANY: u64 = TAKEN >> 1;
/// All but the number of leases given.
const STATE: u64 = TAKEN - 1;

/// Disposes of a value whose last lease ended after it was retired.
pub(crate) trait Disposer<T: 'static>: Sync {
    /// Disposes of the value and keeps the memory.
    fn dispose(&'static self, claimed: Claimed<T>);
}

/// Memory for a value, and the count of its leases.
pub(crate) struct LeaseCell<T: 'static> {
    word: AtomicU64,
    value: UnsafeCell<MaybeUninit<T>>,
    owner: &'static dyn Disposer<T>,
}

// SAFETY: the word is atomic. The value is written and dropped by the one who has the `Vacant` or `Claimed` (hence `Send`)
// and read through leases from any thread (hence `Sync`).
unsafe impl<T: Send + Sync> Sync for LeaseCell<T> {}

/// The right to put a value in.
pub(crate) struct Vacant<T: 'static>(&'static LeaseCell<T>);

/// The right to drop the value.
pub(crate) struct Claimed<T: 'static>(&'static LeaseCell<T>);

impl<T: Send + Sync> LeaseCell<T> {
    /// A new cell, for ever.
    pub(crate) fn leak(owner: &'static dyn Disposer<T>) -> Vacant<T> {
        // Field by field, for the value may be larger than a thread's stack.
        let cell = Box::leak(Box::<LeaseCell<T>>::new_uninit()).as_mut_ptr();
        // SAFETY: the memory is that of a cell, nobody else knows it, and each field is written; a value that is
        // `MaybeUninit` is initialised whatever is there.
        unsafe {
            (&raw mut (*cell).word).write(AtomicU64::new(CLAIMED));
            (&raw mut (*cell).owner).write(owner);
            Vacant(&*cell)
        }
    }

    /// A lease, unless the value was retired (or more leases are out than can be counted).
    #[inline(always)]
    pub(crate) fn lease(&'static self) -> Option<Lease<T>> {
        // `Acquire` sees the value that `fill` published with the flag.
        let before = self.word.fetch_add(LEASE + TAKEN, Ordering::Acquire);
        if before & (ALIVE | MANY) == ALIVE {
            return Some(Lease { cell: self });
        }
        self.too_late(before)
    }

    #[cold]
    fn too_late(&'static self, before: u64) -> Option<Lease<T>> {
        self.give_back(LEASE + TAKEN);
        assert!(before & MANY == 0, "8 million leases of one resource exist; drop leases that are no longer used");
        None
    }

    /// The value as a reference that lasts for ever: it will never be dropped.
    pub(crate) fn for_ever(lease: Lease<T>) -> &'static T {
        let cell = lease.cell;
        // While the lease is out nobody can have claimed, and afterwards the flag keeps everybody from it.
        cell.word.fetch_or(FOR_EVER, Ordering::Relaxed);
        // SAFETY: the value is there (a lease is out) and stays (FOR_EVER), and from now on is only read.
        unsafe { (*cell.value.get()).assume_init_ref() }
    }

    /// Gives no more leases. Returns the value if none is out; else its owner will be given it after the last one.
    pub(crate) fn retire(&'static self) -> Option<Claimed<T>> {
        self.word.fetch_and(!ALIVE, Ordering::Relaxed);
        self.claim()
    }

    /// Leases out, and leases given so far modulo [`GIVEN_MODULUS`].
    pub(crate) fn counts(&self) -> (u64, u64) {
        let word = self.word.load(Ordering::Relaxed);
        ((word & STATE) >> LEASE_SHIFT, word >> TAKEN_SHIFT)
    }

    #[inline(always)]
    fn give_back(&'static self, what: u64) {
        // `Release`: the drop of the value comes after all that was done with this lease.
        let before = self.word.fetch_sub(what, Ordering::Release);
        if before & STATE == LEASE
            && let Some(claimed) = self.claim()
        {
            self.owner.dispose(claimed);
        }
    }

    fn claim(&'static self) -> Option<Claimed<T>> {
        let mut word = self.word.load(Ordering::Relaxed);
        while word & STATE == 0 {
            // `Acquire`: all giving back was done by read-modify-writes, one release sequence, which this ends.
            match self.word.compare_exchange_weak(word, word | CLAIMED, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(Claimed(self)),
                Err(current) => word = current,
            }
        }
        None
    }
}

/// The number of leases given is counted modulo this.
pub(crate) const GIVEN_MODULUS: u64 = 1 << (u64::BITS - TAKEN_SHIFT);

impl<T: Send + Sync> Vacant<T> {
    /// Puts a value in and lets it be leased.
    pub(crate) fn fill(self, value: Box<T>) -> &'static LeaseCell<T> {
        let Vacant(cell) = self;
        let from = Box::into_raw(value).cast::<MaybeUninit<T>>();
        // SAFETY: the word has CLAIMED and not ALIVE, so nobody reads the value, and the one `Vacant` is used up here. The value
        // is moved out of its box, which is freed as one that holds none.
        unsafe {
            cell.value.get().copy_from_nonoverlapping(from, 1);
            drop(Box::from_raw(from));
        }
        // Both flags at once; leases that are just being given back keep their count.
        cell.word.fetch_xor(CLAIMED | ALIVE, Ordering::Release);
        cell
    }
}

impl<T: Send + Sync> Claimed<T> {
    /// The value.
    pub(crate) fn value(&self) -> &T {
        // SAFETY: it was filled, and the one who has the right to drop it lends it.
        unsafe { (*self.0.value.get()).assume_init_ref() }
    }

    /// Drops the value. If that panics, the cell is not used again.
    pub(crate) fn drop_value(self) -> Vacant<T> {
        let Claimed(cell) = self;
        // SAFETY: the value is there, no lease is out and none will be given (CLAIMED), and the one `Claimed` is used up.
        unsafe { (*cell.value.get()).assume_init_drop() };
        Vacant(cell)
    }

    /// Whether this is the value there.
    pub(crate) fn is_in(&self, cell: &'static LeaseCell<T>) -> bool {
        std::ptr::eq(self.0, cell)
    }
}

/// Access to a value that can be evicted: the value stays while there is a lease.
///
/// A lease is `Send` and `Sync`, and cloning it is one atomic addition. It may be kept for any time, and it keeps its value: after
/// an eviction or a reload it still leads to the old one.
///
/// ```
/// # use perf_runtime::lazy_resource;
/// #[lazy_resource(evict)]
/// static WORDS: Vec<&'static str> = vec!["lazy", "resource"];
///
/// let words = WORDS.lease();
/// WORDS.evict();
/// assert_eq!(words.len(), 2, "the lease keeps the value");
/// ```
#[must_use = "the value can be evicted when this is dropped"]
pub struct Lease<T: Send + Sync + 'static> {
    cell: &'static LeaseCell<T>,
}

impl<T: Send + Sync> Lease<T> {
    /// Whether it is of the value in this cell.
    pub(crate) fn is_in(&self, cell: &'static LeaseCell<T>) -> bool {
        std::ptr::eq(self.cell, cell)
    }
}

impl<T: Send + Sync> Deref for Lease<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: this lease was given while the value was ALIVE and is counted, so nobody can claim the value before it is
        // given back; until then it is only read.
        unsafe { (*self.cell.value.get()).assume_init_ref() }
    }
}

impl<T: Send + Sync> Clone for Lease<T> {
    #[inline]
    fn clone(&self) -> Self {
        // `self` keeps the value, whether retired or not.
        let before = self.cell.word.fetch_add(LEASE, Ordering::Relaxed);
        let lease = Lease { cell: self.cell };
        assert!(before & MANY == 0, "8 million leases of one resource exist; drop leases that are no longer used");
        lease
    }
}

impl<T: Send + Sync> Drop for Lease<T> {
    #[inline]
    fn drop(&mut self) {
        self.cell.give_back(LEASE);
    }
}

impl<T: Send + Sync + fmt::Debug> fmt::Debug for Lease<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: Send + Sync + fmt::Display> fmt::Display for Lease<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: Send + Sync> AsRef<T> for Lease<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

#[cfg(test)]
mod loom_tests;
