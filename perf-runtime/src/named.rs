//! Names that a program gives to its locks and channels.

/// Gives a lock or a channel the name by which reports show it.
///
/// ```
/// # #[cfg(feature = "sync")] {
/// use perf_runtime::Named;
/// use perf_runtime::locks::std::Mutex;
///
/// let cache = Mutex::new(Vec::<u8>::new()).named("cache");
/// # drop(cache);
/// # }
/// ```
///
/// Without a name, the row is called after the type. Either way it is one row per place in the source, however many locks are made there.
pub trait Named: Sized {
    /// Sets the name.
    #[must_use]
    fn named(self, name: &'static str) -> Self;
}
