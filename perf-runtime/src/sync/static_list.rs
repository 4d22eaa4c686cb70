//! A list of values that live for ever, which grows without a lock: the buckets of the tables of rows that are made at run time.

use super::StaticCell;

/// A list that only grows, newest value first.
#[derive(Debug)]
pub(crate) struct StaticList<T: 'static> {
    newest: StaticCell<Node<T>>,
}

#[derive(Debug)]
struct Node<T: 'static> {
    value: T,
    next: Option<&'static Node<T>>,
}

impl<T: Copy + Sync> StaticList<T> {
    pub(crate) const fn empty() -> Self {
        StaticList { newest: StaticCell::none() }
    }

    /// An empty one of which loom sees all orders.
    #[cfg(all(test, loom))]
    pub(super) fn modelled() -> Self {
        StaticList { newest: StaticCell::modelled() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static T> + use<T> {
        from(self.newest.get())
    }

    /// The value that `is_wanted`. If there is none it is made; threads that want the same get the same.
    #[inline]
    pub(crate) fn find_or_add(&self, is_wanted: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> &'static T {
        let found = self.iter().find(|value| is_wanted(value));
        found.unwrap_or_else(|| self.add(is_wanted, make()))
    }

    #[cold]
    fn add(&self, is_wanted: impl Fn(&T) -> bool, value: T) -> &'static T {
        loop {
            let newest = self.newest.get();
            if let Some(known) = from(newest).find(|value| is_wanted(value)) {
                // Another thread was first: what was made here is left behind, once per race.
                return known;
            }
            let node = Box::leak(Box::new(Node { value, next: newest }));
            if self.newest.replace(newest, node) {
                return &node.value;
            }
        }
    }
}

fn from<T>(newest: Option<&'static Node<T>>) -> impl Iterator<Item = &'static T> + use<T> {
    std::iter::successors(newest, |node| node.next).map(|node| &node.value)
}
