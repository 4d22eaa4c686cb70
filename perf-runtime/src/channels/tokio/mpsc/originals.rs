//! The originals behind the ends, for libraries that take those alone.

use ::tokio::sync::mpsc as original;

use super::{OwnedPermit, Receiver, Sender, UnboundedReceiver, UnboundedSender};

impl<T> OwnedPermit<T> {
    /// Whether both are permits of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    /// Whether it is a permit of the channel of that sender.
    ///
    /// ```
    /// use perf_runtime::channels::tokio::mpsc::channel;
    ///
    /// let (sender, _receiver) = channel::<u32>(1);
    /// let permit = sender.clone().try_reserve_owned().unwrap();
    /// assert!(permit.same_channel_as_sender(&sender) && permit.same_channel(&permit));
    /// ```
    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.inner.same_channel_as_sender(&sender.inner)
    }
}

/// The end itself, no longer recorded. Without the feature `enabled`, each of them is the original, of which the same call makes itself.
macro_rules! into_originals {
    ($($End:ident)*) => {
        $(
            /// The end itself, no longer recorded. The other end still is.
            ///
            /// ```
            #[doc = concat!("use perf_runtime::channels::tokio::mpsc::", stringify!($End), ";")]
            ///
            #[doc = concat!("fn for_a_library(end: ", stringify!($End), "<u32>) -> tokio::sync::mpsc::", stringify!($End), "<u32> {")]
            ///     end.into()
            /// }
            /// ```
            impl<T> From<$End<T>> for original::$End<T> {
                fn from(end: $End<T>) -> Self {
                    end.inner
                }
            }
        )*
    };
}

into_originals! { Sender Receiver UnboundedSender UnboundedReceiver }
