//! Trace windows: each begin and end of a call in all threads, for some time.
//!
//! The block is made when the first window opens; later windows use it and its chunks again. A thread that calls in a window takes
//! chunks of the directory one after the other, and when it may take no more it overwrites the oldest of its own.

/// Number of the last window that was opened; they count from 1.
pub const WINDOW: usize = 0;
/// The raw clock when the window opened.
pub const BEGIN: usize = 1;
/// The raw clock when it closed; 0 while it is open.
pub const END: usize = 2;
/// The header's [`TRACE_REQUEST`](super::header::TRACE_REQUEST) that asked for it.
///
/// It is 0 if the program or its environment did.
pub const REQUEST: usize = 3;
/// Chunks that threads have taken in this window.
pub const TAKEN: usize = 4;
/// Chunks in the directory.
pub const CHUNKS: usize = 5;
/// Threads that called in this window.
///
/// Only the writer uses it.
pub const THREADS: usize = 6;
/// Events of threads that found no chunk left.
pub const UNPLACED: usize = 7;
/// Absolute offsets of the chunks.
pub const DIRECTORY: usize = 8;
/// Most chunks.
pub const CHUNK_COUNT: usize = 4096;
/// Length of the block.
pub const LEN: usize = DIRECTORY + CHUNK_COUNT;

/// Events of one thread, in the order in which they happened.
pub mod chunk {
    /// The window that it was taken in.
    pub const WINDOW: usize = 0;
    /// Number of the thread among those of the window.
    pub const THREAD: usize = 1;
    /// Place among the chunks that the thread filled.
    pub const SEQUENCE: usize = 2;
    /// System id of the thread.
    pub const TID: usize = 3;
    /// Events of the thread that were overwritten before this chunk was begun.
    pub const OVERWRITTEN: usize = 4;
    /// Events that the chunk holds.
    pub const COUNT: usize = 5;
    /// Name of the thread, zero-padded UTF-8, as the shard's [`THREAD_NAME`](super::super::shard::THREAD_NAME).
    pub const NAME: usize = 8;
    /// The events.
    pub const EVENTS: usize = 16;
    /// Room for so many.
    pub const EVENT_COUNT: usize = 1024;
    /// Length of a chunk.
    pub const LEN: usize = EVENTS + EVENT_COUNT * super::event::LEN;
}

/// An event.
pub mod event {
    /// The kind, the number of calls in flight in the thread, and the site.
    ///
    /// The kind is in the upper 8 bits, the number in the 24 below. The calls in flight include the event's own, as far as the frame stack is high.
    pub const WHAT: usize = 0;
    /// The raw clock.
    pub const TICK: usize = 1;
    /// Length of an event.
    pub const LEN: usize = 2;

    /// A call begins.
    pub const BEGIN: u64 = 1;
    /// A call was in flight already when its thread came into the window.
    ///
    /// The tick is the call's begin, or 0 if it is not known.
    pub const IN_FLIGHT: u64 = 2;
    /// A call returns.
    pub const RETURN: u64 = 3;
    /// A panic leaves a call.
    pub const UNWIND: u64 = 4;
    /// A poll ends, and the future is not ready.
    pub const PENDING: u64 = 5;
    /// A poll ends, and the future is ready.
    pub const READY: u64 = 6;

    const KIND_SHIFT: u32 = 56;
    const DEPTH_SHIFT: u32 = 32;
    const DEPTH_MASK: u64 = (1 << (KIND_SHIFT - DEPTH_SHIFT)) - 1;

    /// The [`WHAT`] word of an event.
    #[must_use]
    pub const fn what(kind: u64, depth: u64, site: u64) -> u64 {
        kind << KIND_SHIFT | (depth & DEPTH_MASK) << DEPTH_SHIFT | site & u32::MAX as u64
    }

    /// Kind, depth and site of a [`WHAT`] word.
    #[must_use]
    pub const fn parts(what: u64) -> (u64, u64, u64) {
        (what >> KIND_SHIFT, what >> DEPTH_SHIFT & DEPTH_MASK, what & u32::MAX as u64)
    }
}

/// A [`TRACE_REQUEST`](super::header::TRACE_REQUEST) for a window of so many ms.
///
/// The number tells it from others.
#[must_use]
pub const fn request(number: u32, milliseconds: u32) -> u64 {
    (number as u64) << 32 | milliseconds as u64
}

/// How long the window of a request is to be, in ms.
#[must_use]
pub const fn requested_milliseconds(request: u64) -> u64 {
    request & u32::MAX as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written() {
        for parts in [(event::BEGIN, 1, 1), (event::READY, 1024, u64::from(u32::MAX)), (event::UNWIND, 0, 7)] {
            assert_eq!(event::parts(event::what(parts.0, parts.1, parts.2)), parts);
        }
        assert_eq!(requested_milliseconds(request(u32::MAX, 2_000)), 2_000);
    }
}
