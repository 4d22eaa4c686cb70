//! The common parts of the ends of all channels of tokio.

/// The original behind an end, and its text for debugging.
macro_rules! derefs {
    ($original:ident: $($End:ident)*) => {
        $(
            impl<T> ::std::ops::Deref for $End<T> {
                type Target = $original::$End<T>;

                fn deref(&self) -> &$original::$End<T> {
                    &self.inner
                }
            }

            impl<T> ::std::fmt::Debug for $End<T>
            where
                $original::$End<T>: ::std::fmt::Debug,
            {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    self.inner.fmt(f)
                }
            }
        )*
    };
}

/// Ends that may be cloned.
macro_rules! clones {
    ($($End:ident)*) => {
        $(
            impl<T> Clone for $End<T> {
                fn clone(&self) -> Self {
                    $End { inner: self.inner.clone(), end: self.end.clone() }
                }
            }
        )*
    };
}

/// A name for the rows of both ends.
macro_rules! names {
    () => {
        impl<T> crate::Named for (Sender<T>, Receiver<T>) {
            fn named(mut self, name: &'static str) -> Self {
                self.0.end.set_name(name);
                self.1.end.set_name(name);
                self
            }
        }
    };
}

pub(super) use {clones, derefs, names};
