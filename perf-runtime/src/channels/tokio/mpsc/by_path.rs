//! Methods that only look, as those of our types, so that `Sender::is_closed` can be handed on as a function. [`Deref`](core::ops::Deref)
//! finds them at a value only.

use super::{Receiver, Sender, UnboundedReceiver, UnboundedSender};

macro_rules! by_path {
    ($($End:ident: $($method:ident -> $Result:ty),*;)*) => {
        $(
            impl<T> $End<T> {
                $(
                    #[doc = concat!("As [`tokio::sync::mpsc::", stringify!($End), "::", stringify!($method), "`].")]
                    #[must_use]
                    pub fn $method(&self) -> $Result {
                        self.inner.$method()
                    }
                )*
            }
        )*
    };
}

by_path! {
    Sender: is_closed -> bool, capacity -> usize, max_capacity -> usize;
    Receiver: is_closed -> bool, is_empty -> bool, len -> usize, capacity -> usize, max_capacity -> usize;
    UnboundedSender: is_closed -> bool;
    UnboundedReceiver: is_closed -> bool, is_empty -> bool, len -> usize;
}

macro_rules! same_channel {
    ($($End:ident)*) => {
        $(
            impl<T> $End<T> {
                #[doc = concat!("As [`tokio::sync::mpsc::", stringify!($End), "::same_channel`].")]
                #[must_use]
                pub fn same_channel(&self, other: &Self) -> bool {
                    self.inner.same_channel(&other.inner)
                }
            }
        )*
    };
}

same_channel! { Sender UnboundedSender }
