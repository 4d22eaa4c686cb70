//! The atomics of the recording: the standard ones, or in this crate's own tests under `cfg(loom)` loom's.
//!
//! A recording has thousands of words, and loom looks at every order in which threads may touch each and every value that each
//! may show. So a model names the words it is about ([`watch`]); the others are standard atomics there too.

#[cfg(not(all(test, loom)))]
pub(crate) use std::{
    sync::atomic::{AtomicU32, AtomicU64, AtomicU64 as Word, Ordering},
    thread::yield_now,
};

#[cfg(all(test, loom))]
pub(crate) use loom::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    thread::yield_now,
};
#[cfg(all(test, loom))]
pub(crate) use modelled::{Word, watch};

#[cfg(all(test, loom))]
mod modelled {
    use std::cell::RefCell;
    use std::ops::Range;

    use loom::sync::atomic::{AtomicU64 as Watched, Ordering};
    use std::sync::atomic::AtomicU64 as Unwatched;

    thread_local! {
        /// Offsets of the words that loom is to watch in the memories made from now on.
        static WATCHED: RefCell<Vec<Range<usize>>> = const { RefCell::new(Vec::new()) };
    }

    /// Has loom watch the words at these offsets of every memory made from now on.
    pub(crate) fn watch(words: &[Range<usize>]) {
        WATCHED.set(words.to_vec());
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
