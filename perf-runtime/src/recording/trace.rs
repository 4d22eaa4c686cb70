//! Trace windows: while one is open, each thread writes down every begin and end of a call. See
//! [`layout::trace`](perf_report::recording::layout::trace).
//!
//! A window costs nothing while there is none, because no path asks for it but the slow one. To open one, a thread of ours stores its
//! number, and then sets the heights of every shard's frame stack to 0 for the other paths: the next call of each thread finds no room there
//! and goes the slow path, where it finds the window. From then on the thread's word stays null, so that all its calls go the slow
//! path. Adaptive calls that are only counted do not look at those heights. Their thread comes into the window with the next call
//! that is to be timed, which is at most 767 calls of one function later.
//!
//! When the window has closed, each thread leaves it with its next call and sets its height back. Between the two, the number is
//! stored and the heights are read in such an order that a thread which leaves one window and a thread that opens the next one cannot
//! miss each other.
//!
//! Only the thread writes to its chunks. It takes them from a directory that all threads share, as long as it does not have more than are
//! left for others, and one is left for each thread that has not come yet; then it overwrites its own, the oldest first.

use perf_report::Timing;
use perf_report::recording::layout::trace::{self, chunk, event};
use perf_report::recording::layout::{frame, header, shard};

use super::allocator::Recording;
use super::frames::HEIGHT;
use super::memory::Words;
use super::shard::{CallOutcome, Shard};
use crate::sync::{Ordering, fence};

/// In a chunk's twins: the next chunk of its thread, in a circle.
const NEXT: usize = chunk::WINDOW;

/// In the twins of the windows' block: the number of the last window.
const LAST: usize = trace::BEGIN;

/// In the twins of the windows' block: how many threads there were when the window was opened.
const EXPECTED: usize = trace::END;

/// Chunks that are allocated at once.
const AT_ONCE: usize = 32;

/// Why no window can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoWindow {
    /// The recording is full.
    NoRoom,
    /// There is one.
    IsOpen,
}

impl Recording {
    /// Opens a window for about so many events of all threads together. One thread at a time opens and closes windows.
    pub(crate) fn open_window(&self, events: u64, request: u64, now: impl FnOnce() -> u64) -> Result<(), NoWindow> {
        if self.open_window_number() != 0 {
            return Err(NoWindow::IsOpen);
        }
        self.admit_thread();
        let block = self.window_block().or_else(|| self.make_window_block()).ok_or(NoWindow::NoRoom)?;
        let threads = self.shards().count() as u64;
        let chunks = events.div_ceil(chunk::EVENT_COUNT as u64).max(threads).clamp(1, trace::CHUNK_COUNT as u64);
        let chunks = self.make_chunks(block, chunks as usize);
        if chunks == 0 {
            return Err(NoWindow::NoRoom);
        }
        let twins = block.twins();
        twins.set(trace::CHUNKS, chunks as u64);
        twins.set(EXPECTED, threads);
        twins.publish(trace::TAKEN, 0);
        twins.set(trace::THREADS, 0);
        for (word, value) in
            [(trace::BEGIN, now()), (trace::END, 0), (trace::REQUEST, request), (trace::TAKEN, 0), (trace::UNPLACED, 0)]
        {
            block.set(word, value);
        }
        let number = twins.get(LAST) + 1;
        twins.set(LAST, number);
        block.publish(trace::WINDOW, number);
        twins.publish(trace::WINDOW, number);
        fence(Ordering::SeqCst);
        self.shards().for_each(|shard| Shard(shard).close_other_paths());
        Ok(())
    }

    /// Closes the window. Threads leave it with their next call.
    pub(crate) fn close_window(&self, now: u64) {
        if let Some(block) = self.window_block() {
            block.twins().publish(trace::WINDOW, 0);
            block.publish(trace::END, now);
        }
    }

    /// The number of the window that is open, 0 for none.
    #[inline]
    pub(crate) fn open_window_number(&self) -> u64 {
        self.window_block().map_or(0, |block| block.twins().load_acquire(trace::WINDOW))
    }

    #[inline]
    fn window_block(&self) -> Option<Words> {
        self.header().twins().block_acquire(header::TRACE)
    }

    fn make_window_block(&self) -> Option<Words> {
        let block = self.allocate(trace::LEN)?;
        self.link(self.header(), header::TRACE, block, self.header());
        Some(block)
    }

    /// Makes chunks up to a number, and returns how many there are. Half of the room that is left stays for others.
    fn make_chunks(&self, block: Words, wanted: usize) -> usize {
        let twins = block.twins();
        let there = (0..trace::CHUNK_COUNT).take_while(|place| twins.block(trace::DIRECTORY + place).is_some()).count();
        let room = self.capacity().saturating_sub(self.used()) / 2 / chunk::LEN;
        let mut have = there;
        // Many at once, because each allocation in a file is two calls of the system.
        let mut at_once = AT_ONCE;
        let most = wanted.min(there + room);
        while have < most && at_once > 0 {
            let count = at_once.min(most - have);
            let Some(chunks) = self.allocate(count * chunk::LEN) else {
                at_once /= 2;
                continue;
            };
            for chunk in 0..count {
                self.link(block, trace::DIRECTORY + have + chunk, chunks.at(chunk * chunk::LEN), self.header());
            }
            have += count;
        }
        block.set(trace::CHUNKS, have as u64);
        have.min(wanted)
    }
}

impl Shard {
    /// Whether its thread takes part in a window, as far as it knows.
    #[inline]
    pub(crate) fn is_traced(self) -> bool {
        self.0.twins().get(shard::TRACE_WINDOW) != 0
    }

    /// A call has begun by the slow path: writes that down if a window is open.
    ///
    /// The start is asked for then alone, as that of a call that is only counted costs a reading of the clock.
    #[inline]
    pub(crate) fn trace_begin(self, recording: &Recording, site: usize, start: impl FnOnce() -> u64) {
        let window = recording.open_window_number();
        if window == 0 && !self.must_leave() {
            return;
        }
        // The call itself stands on the stack already, unless that is too high.
        let around = self.top().saturating_sub(frame::LEN);
        if self.enter_or_leave(recording, window, around) {
            self.write_event(recording, event::BEGIN, site, start());
        }
    }

    /// A call ends by the slow path, and has its frame still: writes that down if a window is open. Says whether one is.
    #[inline]
    pub(crate) fn trace_end(
        self,
        recording: &Recording,
        site: usize,
        outcome: CallOutcome,
        end: impl FnOnce() -> u64,
    ) -> bool {
        let window = recording.open_window_number();
        if window == 0 && !self.must_leave() {
            return false;
        }
        let is_traced = self.enter_or_leave(recording, window, self.top());
        if is_traced {
            let kind = match outcome {
                CallOutcome::Call { unwound } | CallOutcome::AdaptiveCall { unwound } => {
                    if unwound {
                        event::UNWIND
                    } else {
                        event::RETURN
                    }
                }
                CallOutcome::Pending => event::PENDING,
                CallOutcome::Ready { unwound, .. } => {
                    if unwound {
                        event::UNWIND
                    } else {
                        event::READY
                    }
                }
            };
            self.write_event(recording, kind, site, end());
        }
        is_traced
    }

    /// Whether something of a window that has closed is left.
    #[inline]
    fn must_leave(self) -> bool {
        self.is_traced() || self.0.twins().get(shard::IN_PLACE_HEIGHT) == 0
    }

    /// Follows the window. Returns whether its thread takes part in one now. `top` is where the calls in flight end that came before it.
    fn enter_or_leave(self, recording: &Recording, window: u64, top: usize) -> bool {
        if window == 0 {
            self.leave_window(recording);
        } else if self.0.twins().get(shard::TRACE_WINDOW) != window {
            self.enter_window(recording, window, top);
        }
        window != 0
    }

    #[cold]
    fn enter_window(self, recording: &Recording, window: u64, top: usize) {
        let Some(block) = recording.window_block() else { return };
        let twins = self.0.twins();
        twins.set(shard::TRACE_WINDOW, window);
        twins.set_block(shard::TRACE_CHUNK, None);
        twins.set(shard::TRACE_CHUNKS, 0);
        twins.set(shard::TRACE_THREAD, block.twins().fetch_add(trace::THREADS, 1));
        for at in (frame::LEN..top + 1).step_by(frame::LEN) {
            let frame = self.frame(at);
            let (site, start) = (frame.get(frame::SITE), frame.get(frame::START));
            if start != 0 {
                let start = if start == frame::NOT_TIMED { 0 } else { start };
                self.write(block, event::what(event::IN_FLIGHT, (at / frame::LEN) as u64, site), start);
            }
        }
    }

    #[cold]
    pub(super) fn leave_window(self, recording: &Recording) {
        let twins = self.0.twins();
        twins.set(shard::TRACE_WINDOW, 0);
        twins.set_block(shard::TRACE_CHUNK, None);
        twins.set(shard::IN_PLACE_HEIGHT, HEIGHT);
        if recording.timing() != Some(Timing::Adaptive) {
            twins.set(shard::FAST_HEIGHT, HEIGHT);
        }
        // Either whoever opens the next window stores its heights after these, or that window is seen here.
        self.notice_window(recording);
    }

    /// The heights have been set, of a shard that stands in the list: if a window was opened meanwhile, all paths but the slow one are closed.
    pub(super) fn notice_window(self, recording: &Recording) {
        fence(Ordering::SeqCst);
        if recording.open_window_number() != 0 {
            self.close_other_paths();
        }
    }

    fn close_other_paths(self) {
        self.0.twins().set(shard::IN_PLACE_HEIGHT, 0);
        self.0.twins().set(shard::FAST_HEIGHT, 0);
    }

    /// Whether ordinary calls of sites that are timed adaptively may begin and end in place.
    #[inline(always)]
    pub(crate) fn may_time_in_place(self) -> bool {
        self.0.twins().get(shard::IN_PLACE_HEIGHT) != 0
    }

    fn write_event(self, recording: &Recording, kind: u64, site: usize, tick: u64) {
        if let Some(block) = recording.window_block() {
            self.write(block, event::what(kind, (self.top() / frame::LEN) as u64, site as u64), tick);
        }
    }

    fn write(self, block: Words, what: u64, tick: u64) {
        let twins = self.0.twins();
        let is_full = |chunk: &Words| chunk.twins().get(chunk::COUNT) >= chunk::EVENT_COUNT as u64;
        let current = twins.block(shard::TRACE_CHUNK);
        let Some(chunk) = current.filter(|chunk| !is_full(chunk)).or_else(|| self.next_chunk(block, current)) else {
            block.fetch_add(trace::UNPLACED, 1);
            return;
        };
        let count = chunk.twins().get(chunk::COUNT);
        let place = chunk.at(chunk::EVENTS + count as usize % chunk::EVENT_COUNT * event::LEN);
        place.set(event::WHAT, what);
        place.set(event::TICK, tick);
        chunk.twins().set(chunk::COUNT, count + 1);
        chunk.publish(chunk::COUNT, count + 1);
    }

    /// The chunk to go on with: one that nobody has, or the oldest of its own.
    #[cold]
    fn next_chunk(self, block: Words, current: Option<Words>) -> Option<Words> {
        let twins = self.0.twins();
        let mine = twins.get(shard::TRACE_CHUNKS);
        let (mut overwritten, mut sequence) = (0, 0);
        if let Some(current) = current {
            overwritten = current.get(chunk::OVERWRITTEN);
            sequence = current.get(chunk::SEQUENCE).wrapping_add(1);
        }
        let next = match (take_chunk(block, mine), current) {
            (Some(new), current) => {
                let oldest = current.map_or(new, |current| current.twins().block(NEXT).unwrap_or(new));
                new.twins().set_block(NEXT, Some(oldest));
                current.inspect(|current| current.twins().set_block(NEXT, Some(new)));
                twins.set(shard::TRACE_CHUNKS, mine + 1);
                new
            }
            (None, Some(current)) => {
                let oldest = current.twins().block(NEXT)?;
                overwritten = overwritten.wrapping_add(oldest.twins().get(chunk::COUNT));
                oldest
            }
            (None, None) => return None,
        };
        next.twins().set(chunk::COUNT, 0);
        next.publish(chunk::COUNT, 0);
        for (word, value) in [
            (chunk::WINDOW, twins.get(shard::TRACE_WINDOW)),
            (chunk::THREAD, twins.get(shard::TRACE_THREAD)),
            (chunk::SEQUENCE, sequence),
            (chunk::TID, self.0.get(shard::TID)),
            (chunk::OVERWRITTEN, overwritten),
        ] {
            next.set(word, value);
        }
        (0..shard::THREAD_NAME_LEN)
            .for_each(|word| next.set(chunk::NAME + word, self.0.get(shard::THREAD_NAME + word)));
        twins.set_block(shard::TRACE_CHUNK, Some(next));
        Some(next)
    }
}

/// Takes a chunk for a thread that has some already. It gets no more than are left for the others, of which each is to have one.
fn take_chunk(block: Words, mine: u64) -> Option<Words> {
    let twins = block.twins();
    loop {
        let taken = twins.load_acquire(trace::TAKEN);
        let left = twins.get(trace::CHUNKS).saturating_sub(taken);
        let to_come = twins.get(EXPECTED).saturating_sub(twins.get(trace::THREADS));
        if left == 0 || mine > left || (mine > 0 && left <= to_come) {
            return None;
        }
        if twins.replace(trace::TAKEN, taken, taken + 1) {
            block.set(trace::TAKEN, taken + 1);
            return twins.block(trace::DIRECTORY + taken as usize);
        }
    }
}
