//! Shared between threads: atomics, locks, and cells and lists for what lives for ever ([`StaticCell`], `StaticList`).
//!
//! The atomics of the recording, the lock of the shutdown and those of an async initialisation are the usual ones, or in this crate's own
//! tests under `cfg(loom)` loom's.
//!
//! A recording has thousands of words, and loom looks at every order in which threads may touch each and every value that each
//! may show. So a model names the words it is about ([`watch`]); the others are standard atomics there too.

#[cfg(all(test, loom))]
mod loom_tests;
mod static_cell;
#[cfg(any(feature = "monitor", feature = "waits", feature = "tracing-layer", all(test, loom)))]
mod static_list;

pub(crate) use static_cell::StaticCell;
#[cfg(any(feature = "monitor", feature = "waits", feature = "tracing-layer"))]
pub(crate) use static_list::StaticList;

#[cfg(not(all(test, loom)))]
pub(crate) use std::{
    sync::atomic::{AtomicPtr as Pointer, AtomicU32, AtomicU64, AtomicU64 as Word, Ordering, fence},
    thread::yield_now,
};

#[cfg(all(test, loom))]
pub(crate) use loom::sync::MutexGuard as StdMutexGuard;
#[cfg(all(test, loom))]
pub(crate) use loom::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering, fence},
    thread::yield_now,
};
#[cfg(all(test, loom))]
pub(crate) use modelled::{Mutex, Pointer, StdMutex, Word, watch};
#[cfg(not(all(test, loom)))]
pub(crate) use parking_lot::Mutex;
#[cfg(all(feature = "resources", not(all(test, loom))))]
pub(crate) use std::sync::{Mutex as StdMutex, MutexGuard as StdMutexGuard};

#[cfg(all(test, loom))]
mod modelled {
    use std::cell::RefCell;
    use std::ops::Range;

    use std::sync::atomic::{AtomicPtr as UnwatchedPointer, AtomicU64 as Unwatched};
    use std::sync::{LockResult, OnceLock};
    use std::time::Duration;

    use loom::sync::MutexGuard;
    use loom::sync::atomic::{AtomicPtr as WatchedPointer, AtomicU64 as Watched, Ordering};

    thread_local! {
        /// Offsets of the words that loom is to watch in the memories made from now on.
        static WATCHED: RefCell<Vec<Range<usize>>> = const { RefCell::new(Vec::new()) };
    }

    /// Has loom watch the words at these offsets of every memory made from now on.
    pub(crate) fn watch(words: &[Range<usize>]) {
        WATCHED.set(words.to_vec());
    }

    /// As `parking_lot`'s, without its time limits: time has no meaning in a model.
    #[derive(Debug)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Mutex(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().expect("a failed model ends")
        }

        pub(crate) fn try_lock_for(&self, _limit: Duration) -> Option<MutexGuard<'_, T>> {
            Some(self.lock())
        }
    }

    impl<T: Default> Default for Mutex<T> {
        fn default() -> Self {
            Mutex::new(T::default())
        }
    }

    /// As the standard library's, made before the model as its constants are: loom's lock is made when it is first taken.
    #[derive(Debug)]
    pub(crate) struct StdMutex<T> {
        value: std::sync::Mutex<Option<T>>,
        lock: OnceLock<loom::sync::Mutex<T>>,
    }

    impl<T> StdMutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            StdMutex { value: std::sync::Mutex::new(Some(value)), lock: OnceLock::new() }
        }

        pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            let value = || self.value.lock().ok().and_then(|mut value| value.take()).expect("it is taken once");
            self.lock.get_or_init(|| loom::sync::Mutex::new(value())).lock()
        }
    }

    /// Made before the model, as constants are, unless it is to be watched.
    #[derive(Debug)]
    pub(crate) enum Pointer<T> {
        Watched(WatchedPointer<T>),
        Unwatched(UnwatchedPointer<T>),
    }

    impl<T> Pointer<T> {
        pub(crate) const fn new(pointer: *mut T) -> Self {
            Pointer::Unwatched(UnwatchedPointer::new(pointer))
        }

        pub(crate) fn watched(pointer: *mut T) -> Self {
            Pointer::Watched(WatchedPointer::new(pointer))
        }

        pub(crate) fn load(&self, order: Ordering) -> *mut T {
            match self {
                Pointer::Watched(pointer) => pointer.load(order),
                Pointer::Unwatched(pointer) => pointer.load(order),
            }
        }

        pub(crate) fn store(&self, new: *mut T, order: Ordering) {
            match self {
                Pointer::Watched(pointer) => pointer.store(new, order),
                Pointer::Unwatched(pointer) => pointer.store(new, order),
            }
        }

        pub(crate) fn compare_exchange(
            &self,
            current: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            match self {
                Pointer::Watched(pointer) => pointer.compare_exchange(current, new, success, failure),
                Pointer::Unwatched(pointer) => pointer.compare_exchange(current, new, success, failure),
            }
        }
    }

    #[derive(Debug)]
    pub(crate) enum Word {
        Watched(Watched),
        Unwatched(Unwatched),
    }

    macro_rules! forward {
        ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
            impl Word {
                $(pub(crate) fn $name(&self, $($argument: $type),*) -> $result {
                    match self {
                        Word::Watched(word) => word.$name($($argument),*),
                        Word::Unwatched(word) => word.$name($($argument),*),
                    }
                })*
            }
        };
    }

    forward! {
        load(order: Ordering) -> u64;
        store(value: u64, order: Ordering) -> ();
        fetch_add(value: u64, order: Ordering) -> u64;
        fetch_max(value: u64, order: Ordering) -> u64;
        compare_exchange(current: u64, new: u64, success: Ordering, failure: Ordering) -> Result<u64, u64>;
    }

    impl Word {
        /// The word at an offset of a new memory.
        pub(crate) fn at(offset: usize) -> Self {
            let watched = WATCHED.with_borrow(|watched| watched.iter().any(|words| words.contains(&offset)));
            if watched { Word::Watched(Watched::new(0)) } else { Word::Unwatched(Unwatched::new(0)) }
        }
    }
}
