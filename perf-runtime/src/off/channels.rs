//! Channels that are the originals.

/// Gives a name that nobody shows.
macro_rules! named {
    ($($sender:ident, $receiver:ident;)*) => {
        $(
            impl<T> crate::Named for ($sender<T>, $receiver<T>) {
                fn named(self, _name: &'static str) -> Self {
                    self
                }
            }
        )*
    };
}

/// The channels of the standard library themselves.
pub mod std {
    /// As [`std::sync::mpsc`](::std::sync::mpsc).
    pub mod mpsc {
        pub use ::std::sync::mpsc::{
            IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryIter,
            TryRecvError, TrySendError, channel, sync_channel,
        };

        named! {
            Sender, Receiver;
            SyncSender, Receiver;
        }
    }
}

/// The channels of crossbeam themselves.
#[cfg(feature = "channel-crossbeam")]
pub mod crossbeam {
    pub use ::crossbeam_channel::{
        IntoIter, Iter, ReadyTimeoutError, Receiver, RecvError, RecvTimeoutError, Select, SelectTimeoutError,
        SelectedOperation, SendError, SendTimeoutError, Sender, TryIter, TryReadyError, TryRecvError, TrySelectError,
        TrySendError, after, at, bounded, never, select, select_biased, tick, unbounded,
    };

    named! {
        Sender, Receiver;
    }
}

/// The channels of async-channel themselves.
#[cfg(feature = "channel-async-channel")]
pub mod async_channel {
    pub use ::async_channel::{
        Closed, Receiver, Recv, RecvError, Send, SendError, Sender, TryRecvError, TrySendError, WeakReceiver,
        WeakSender, bounded, unbounded,
    };

    named! {
        Sender, Receiver;
    }
}

/// The channels of flume themselves.
#[cfg(feature = "channel-flume")]
pub mod flume {
    pub use ::flume::{
        Drain, IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, Selector, SendError, SendTimeoutError, Sender,
        TryIter, TryRecvError, TrySendError, WeakSender, r#async, bounded, select, unbounded,
    };

    named! {
        Sender, Receiver;
    }
}

/// The channels of tokio themselves.
#[cfg(feature = "channel-tokio")]
pub mod tokio {
    /// As [`tokio::sync::mpsc`](::tokio::sync::mpsc).
    pub mod mpsc {
        pub use ::tokio::sync::mpsc::{
            OwnedPermit, Permit, PermitIterator, Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakSender,
            WeakUnboundedSender, channel, error, unbounded_channel,
        };

        named! {
            Sender, Receiver;
            UnboundedSender, UnboundedReceiver;
        }
    }

    /// As [`tokio::sync::broadcast`](::tokio::sync::broadcast).
    pub mod broadcast {
        pub use ::tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel, error};

        named! {
            Sender, Receiver;
        }
    }

    /// As [`tokio::sync::oneshot`](::tokio::sync::oneshot).
    pub mod oneshot {
        pub use ::tokio::sync::oneshot::{Receiver, Sender, channel, error};

        named! {
            Sender, Receiver;
        }
    }

    /// As [`tokio::sync::watch`](::tokio::sync::watch).
    pub mod watch {
        pub use ::tokio::sync::watch::{Receiver, Ref, Sender, channel, error};

        named! {
            Sender, Receiver;
        }
    }
}

/// A message, without a stamp.
#[derive(Clone, Copy, Debug)]
pub struct Stamped<T> {
    message: T,
}

impl<T> Stamped<T> {
    /// Keeps a message.
    #[inline]
    pub fn new(_queue: &'static str, message: T) -> Self {
        Stamped { message }
    }

    /// Takes the message out.
    #[inline]
    pub fn open(self) -> T {
        self.message
    }

    /// The message, which stays in.
    pub fn get(&self) -> &T {
        &self.message
    }
}
