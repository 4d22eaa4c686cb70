//! Orders of threads, all of them under loom and some under Miri: `RUSTFLAGS='--cfg loom' cargo test -p perf-runtime --release --lib loom_tests`,
//! `cargo +nightly miri test -p perf-runtime --lib lease_cell`.

use super::*;

#[cfg(loom)]
use loom::{cell::UnsafeCell as Watched, model, thread};
#[cfg(not(loom))]
use std::thread;

// Of the tests alone, so not loom's.
use std::sync::{Arc, Mutex};

#[cfg(loom)]
type Number = Watched<u32>;
#[cfg(not(loom))]
type Number = Watched;

/// As loom's: reads and writes that no order of the threads separates are found, by Miri here.
#[cfg(not(loom))]
struct Watched(UnsafeCell<u32>);

#[cfg(not(loom))]
impl Watched {
    fn new(value: u32) -> Self {
        Watched(UnsafeCell::new(value))
    }

    fn with<R>(&self, f: impl FnOnce(*const u32) -> R) -> R {
        f(self.0.get())
    }

    fn with_mut<R>(&self, f: impl FnOnce(*mut u32) -> R) -> R {
        f(self.0.get())
    }
}

#[cfg(not(loom))]
fn model(f: impl Fn() + Sync + Send + 'static) {
    (0..if cfg!(miri) { 8 } else { 500 }).for_each(|_| f());
}

/// A value that is read by leases and written by its drop.
struct Value {
    number: Number,
    drops: Arc<Mutex<Vec<u32>>>,
}

// SAFETY: that its reads and its one write never meet is what the tests show.
unsafe impl Sync for Value {}
// SAFETY: as above.
unsafe impl Send for Value {}

impl Value {
    fn new(number: u32, drops: &Arc<Mutex<Vec<u32>>>) -> Self {
        Value { number: Watched::new(number), drops: Arc::clone(drops) }
    }

    fn number(&self) -> u32 {
        // SAFETY: see above.
        self.number.with(|number| unsafe { *number })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: see above.
        let number = self.number.with_mut(|number| unsafe { std::mem::replace(&mut *number, u32::MAX) });
        self.drops.lock().unwrap().push(number);
    }
}

/// Keeps the cells whose values are gone, as a resource does.
#[derive(Default)]
struct Cells(Mutex<Vec<Vacant<Value>>>);

impl Disposer<Value> for Cells {
    fn dispose(&'static self, claimed: Claimed<Value>) {
        let vacant = claimed.drop_value();
        self.0.lock().unwrap().push(vacant);
    }
}

#[test]
fn a_value_is_dropped_once_and_not_while_it_is_leased() {
    model(|| {
        let cells: &'static Cells = Box::leak(Box::default());
        let drops = Arc::new(Mutex::new(Vec::new()));
        let cell = LeaseCell::leak(cells).fill(Box::new(Value::new(1, &drops)));
        let threads = [(); 2].map(|()| {
            thread::spawn(move || {
                if let Some(lease) = cell.lease() {
                    let clone = lease.clone();
                    drop(lease);
                    assert_eq!(clone.number(), 1);
                }
            })
        });
        if let Some(claimed) = cell.retire() {
            cells.dispose(claimed);
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*drops.lock().unwrap(), [1]);
        assert_eq!(cell.counts().0, 0);
        assert!(cell.lease().is_none());
    });
}

/// A lease that comes too late may meet the cell's next value, and is then of that.
#[test]
fn a_cell_is_used_again() {
    model(|| {
        let cells: &'static Cells = Box::leak(Box::default());
        let drops = Arc::new(Mutex::new(Vec::new()));
        let cell = LeaseCell::leak(cells).fill(Box::new(Value::new(1, &drops)));
        let leasing = thread::spawn(move || cell.lease().map(|lease| lease.number()));
        if let Some(claimed) = cell.retire() {
            cells.dispose(claimed);
        }
        let vacant = cells.0.lock().unwrap().pop();
        let again = vacant.map(|vacant| vacant.fill(Box::new(Value::new(2, &drops))));
        let number = leasing.join().unwrap();
        assert!(matches!(number, None | Some(1 | 2)));
        if let Some(again) = again {
            assert!(std::ptr::eq(again, cell));
            assert_eq!(again.lease().map(|lease| lease.number()), Some(2));
            cells.dispose(again.retire().unwrap());
            assert_eq!(*drops.lock().unwrap(), [1, 2]);
        } else {
            // Its only lease ended later.
            assert_eq!(*drops.lock().unwrap(), [1]);
        }
    });
}

#[test]
fn a_value_that_is_kept_for_ever_is_never_dropped() {
    model(|| {
        let cells: &'static Cells = Box::leak(Box::default());
        let drops = Arc::new(Mutex::new(Vec::new()));
        let cell = LeaseCell::leak(cells).fill(Box::new(Value::new(1, &drops)));
        let kept = cell.lease().map(LeaseCell::for_ever).unwrap();
        let retiring = thread::spawn(move || assert!(cell.retire().is_none()));
        assert_eq!(kept.number(), 1);
        retiring.join().unwrap();
        assert_eq!(kept.number(), 1);
        assert!(drops.lock().unwrap().is_empty());
    });
}
