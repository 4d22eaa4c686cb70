//! The events of a channel's end that the recorder is told: that a message passed, and that somebody waits for that.
//!
//! Each end has a row: the calls of the one that sends are messages sent, of the other one messages received. Nothing stands between the
//! ends but the channel of the library; a wait is one of its own methods that did not succeed at once.

use core::any::type_name;
use core::panic::Location;
#[cfg(feature = "channel-tokio")]
use core::{future::poll_fn, pin::pin};

#[cfg(feature = "depths")]
use super::depth::{Queue, Reading};
use crate::call::counted;
#[cfg(feature = "channel-tokio")]
use crate::call::wait::AsyncWait;
#[cfg(any(feature = "channel-async-channel", feature = "channel-flume", feature = "channel-tokio"))]
use crate::call::wait::PolledWait;
use crate::call::wait::Wait;
use crate::process::declarations::{self, Declaration};
use crate::process::site::{Kind, Site, Timing};
use crate::process::{state, type_names};
use crate::sync::StaticCell;

/// The row of one end of a channel.
#[derive(Debug)]
pub(super) struct End {
    declared: &'static Location<'static>,
    /// `sync_channel`.
    channel: &'static str,
    /// The name of the type of its messages.
    message: fn() -> &'static str,
    /// The name that the program gave it.
    name: Option<&'static str>,
    direction: Direction,
    site: StaticCell<Site>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Send,
    Receive,
}

impl End {
    /// The two ends of a channel of `T`s that was made there: the one that sends comes first.
    pub(super) fn pair<T>(channel: &'static str, declared: &'static Location<'static>) -> [End; 2] {
        [Direction::Send, Direction::Receive].map(|direction| End {
            declared,
            channel,
            message: type_name::<T>,
            name: None,
            direction,
            site: StaticCell::none(),
        })
    }

    pub(super) fn set_name(&mut self, name: &'static str) {
        self.name = Some(name);
        self.site = StaticCell::none();
    }

    /// Messages passed without a wait.
    #[inline]
    pub(super) fn passed(&self, messages: usize) {
        if !state::is_off() && messages > 0 {
            counted::count(self.site(), messages as u64);
        }
    }

    /// Messages passed without a wait, through a channel that tells how many wait in it.
    #[inline]
    #[cfg(feature = "depths")]
    pub(super) fn passed_through(&self, channel: &impl Queue, messages: usize) {
        if !state::is_off() && messages > 0 {
            self.look(channel, counted::count_sampled(self.site(), messages as u64));
        }
    }

    /// Reads how many messages wait, for so many that passed.
    #[inline]
    #[cfg(feature = "depths")]
    pub(super) fn look(&self, channel: &impl Queue, messages: u64) {
        if messages > 0 && !state::is_off() {
            self.note(messages, || channel.reading());
        }
    }

    #[cfg(feature = "depths")]
    #[cold]
    #[inline(never)]
    fn note(&self, messages: u64, reading: impl FnOnce() -> Reading) {
        let reading = reading();
        counted::add_depth(self.site(), reading.messages as u64, reading.room.map(|room| room as u64), messages);
    }

    /// As [`wait`](Self::wait), at a channel that tells how many messages wait in it.
    #[cfg(any(feature = "channel-async-channel", feature = "channel-crossbeam", feature = "channel-flume"))]
    #[cold]
    #[inline(never)]
    pub(super) fn wait_at<R>(&self, channel: &impl Queue, wait: impl FnOnce() -> R) -> R {
        self.look(channel, 1);
        self.wait(wait)
    }

    /// Waits in this thread, for room or for a message.
    #[cold]
    #[inline(never)]
    pub(super) fn wait<R>(&self, wait: impl FnOnce() -> R) -> R {
        let _waiting = Wait::begin(self.site());
        wait()
    }

    /// Begins a wait in this thread, which ends when it is dropped. A method that panics at its caller's place waits so: a closure in
    /// between would be that place.
    #[cfg(feature = "channel-tokio")]
    #[cold]
    #[inline(never)]
    pub(super) fn begin_wait(&self) -> Wait {
        Wait::begin(self.site())
    }

    /// As [`begin_wait`](Self::begin_wait), of a method that is timed whether it waits or not, at a channel that tells how many messages wait in
    /// it. It will wait if `waits`. It ends by [`end_wait_at`](Self::end_wait_at).
    #[cfg(feature = "channel-tokio")]
    pub(super) fn begin_wait_at(&self, channel: &impl Queue, waits: bool) -> (Wait, bool) {
        self.look(channel, u64::from(waits));
        (self.begin_wait(), waits)
    }

    /// So many messages passed after a wait, or without one.
    #[cfg(feature = "channel-tokio")]
    pub(super) fn end_wait_at(&self, (wait, waited): (Wait, bool), channel: &impl Queue, messages: usize) {
        drop(wait);
        // The timed call stands for the first message.
        self.look(channel, u64::from(messages > 0 && !waited));
        self.passed_through(channel, messages.saturating_sub(1));
    }

    /// Waits by a future. If it is ready at once, so many messages passed as `passed` says.
    #[cfg(feature = "channel-tokio")]
    pub(super) async fn wait_async<F: Future>(&self, future: F, passed: impl FnOnce(&F::Output) -> usize) -> F::Output {
        let (output, waited) = AsyncWait::new(self.site(), future).await;
        // A wait is a call, which stands for the first message.
        self.passed(passed(&output).saturating_sub(usize::from(waited)));
        output
    }

    /// As [`wait_async`](Self::wait_async), at a channel that tells how many messages wait in it: as many as `waiting` says while the future
    /// does. Returns for how many messages it is to be [read](Self::look) now.
    #[cfg(feature = "channel-tokio")]
    pub(super) async fn wait_at_async<F: Future>(
        &self,
        waiting: impl Fn() -> Reading,
        future: F,
        passed: impl FnOnce(&F::Output) -> usize,
    ) -> (F::Output, u64) {
        let mut future = pin!(future);
        // Behind the future, so that it is dropped first.
        let mut wait = self.polled_wait();
        let (output, waited) = poll_fn(|context| {
            let begins = wait.is_new();
            let result = wait.poll(|| future.as_mut().poll(context));
            if begins && result.is_pending() {
                self.note(1, &waiting);
            }
            result
        })
        .await;
        let messages = passed(&output).saturating_sub(usize::from(waited));
        let is_counted = messages > 0 && !state::is_off();
        (output, if is_counted { counted::count_sampled(self.site(), messages as u64) } else { 0 })
    }

    /// A wait by polls, for one message.
    #[cfg(any(feature = "channel-async-channel", feature = "channel-flume", feature = "channel-tokio"))]
    pub(super) fn polled_wait(&self) -> PolledWait {
        PolledWait::new(self.site())
    }

    /// The end that receives, of the channel whose other end this is.
    #[cfg(feature = "channel-tokio")]
    pub(super) fn receiving(&self) -> End {
        End { direction: Direction::Receive, site: StaticCell::none(), ..*self }
    }

    #[inline]
    fn site(&self) -> &'static Site {
        self.site.get().unwrap_or_else(|| self.find_site())
    }

    #[cold]
    #[inline(never)]
    fn find_site(&self) -> &'static Site {
        let name = self.name.unwrap_or_else(self.message);
        let part = match self.direction {
            Direction::Send => "send",
            Direction::Receive => "receive",
        };
        let declaration = Declaration {
            kind: Kind::Channel,
            timing: Timing::Waits,
            name,
            part,
            module: "",
            file: self.declared.file(),
            line: self.declared.line(),
            column: self.declared.column(),
        };
        let site = declarations::site(&declaration, || match self.name {
            Some(name) => format!("{name} ({part})"),
            None => format!("{} ({part})", type_names::of_type(self.channel, name)),
        });
        self.site.set(Some(site));
        site
    }
}

impl Clone for End {
    fn clone(&self) -> Self {
        let site = StaticCell::none();
        site.set(self.site.get());
        End { site, ..*self }
    }
}
