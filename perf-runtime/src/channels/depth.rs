//! How many messages wait in a channel: by the channel's own count, read now and then.
//!
//! An end reads it at the first message of a thread, at every [`SAMPLED`](crate::call::counted::SAMPLED)th one after it, which stands for those
//! before, and when a wait begins. Nothing is kept of the channel.

/// The messages that wait in a channel, and how many it has room for; `None` if there is no limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) messages: usize,
    pub(super) room: Option<usize>,
}

#[cfg(feature = "channel-tokio")]
impl Reading {
    /// As it is when one more message has taken room.
    pub(super) fn and_one_more(self) -> Reading {
        let messages = self.messages + 1;
        Reading { messages: self.room.map_or(messages, |room| messages.min(room)), ..self }
    }

    /// As it is when there is no room left.
    pub(super) fn when_full(self) -> Reading {
        Reading { messages: self.room.unwrap_or(self.messages), ..self }
    }
}

/// What was read before, of an end that can't be asked any more.
#[cfg(feature = "channel-tokio")]
impl Queue for Reading {
    fn reading(&self) -> Reading {
        *self
    }
}

/// An end of a channel that tells how many messages wait in it.
pub(super) trait Queue {
    fn reading(&self) -> Reading;
}

/// Ends that have `len` and `capacity`.
#[cfg(any(feature = "channel-async-channel", feature = "channel-crossbeam", feature = "channel-flume"))]
macro_rules! queues {
    ($([$($generics:tt)*] $End:ty,)*) => {
        $(
            impl<$($generics)*> crate::channels::depth::Queue for $End {
                fn reading(&self) -> crate::channels::depth::Reading {
                    crate::channels::depth::Reading { messages: self.len(), room: self.capacity() }
                }
            }
        )*
    };
}

#[cfg(any(feature = "channel-async-channel", feature = "channel-crossbeam", feature = "channel-flume"))]
pub(super) use queues;
