//! The fast paths to a value, without a lock: a reference to what is kept, a cell of what is leased.

use super::lease_cell::{Lease, LeaseCell};
use crate::sync::StaticCell;

/// The fast path to a value, without a lock.
pub(crate) trait FastPath<T: Send + Sync>: Sync {
    /// Sets the value that accesses find there from now on; they find none while it is closed.
    fn set_value(&self, value: Option<&'static LeaseCell<T>>, open: bool);
    /// Opens or closes it.
    fn set_open(&self, open: bool);
}

/// The fast path to a value that is kept for ever: its reference.
pub(crate) struct ByReference<T: 'static> {
    /// Nothing while closed.
    open: StaticCell<T>,
    /// Also while closed.
    value: StaticCell<T>,
}

impl<T: Send + Sync> ByReference<T> {
    pub(crate) const fn new() -> Self {
        ByReference { open: StaticCell::none(), value: StaticCell::none() }
    }

    /// The value, if it is there and the fast path open.
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&'static T> {
        self.open.get()
    }

    /// The value, also while the path is closed.
    pub(crate) fn get_closed(&self) -> Option<&'static T> {
        self.value.get()
    }
}

impl<T: Send + Sync> FastPath<T> for ByReference<T> {
    fn set_value(&self, cell: Option<&'static LeaseCell<T>>, open: bool) {
        self.value.set(cell.and_then(LeaseCell::lease).map(LeaseCell::for_ever));
        self.set_open(open);
    }

    fn set_open(&self, open: bool) {
        self.open.set(if open { self.value.get() } else { None });
    }
}

/// The fast path to a value that may be evicted: where leases of it are given.
pub(crate) struct ByLease<T: 'static>(StaticCell<LeaseCell<T>>);

impl<T: Send + Sync> ByLease<T> {
    pub(crate) const fn new() -> Self {
        ByLease(StaticCell::none())
    }

    /// A lease of the value, if it is there.
    #[inline(always)]
    pub(crate) fn lease(&self) -> Option<Lease<T>> {
        self.0.get().and_then(LeaseCell::lease)
    }
}

impl<T: Send + Sync> FastPath<T> for ByLease<T> {
    fn set_value(&self, cell: Option<&'static LeaseCell<T>>, _open: bool) {
        self.0.set(cell);
    }

    /// It is always open: those who take leases say themselves which initialiser they are in.
    fn set_open(&self, _open: bool) {}
}
