//! The age of messages: the time from the making of one to its receipt, by a stamp in it.

use crate::call::thread;
use crate::platform::clock;
use crate::process::declarations::{self, Declaration};
use crate::process::site::{Kind, Site, Timing};
use crate::process::state;

/// A message with the time at which it was made.
///
/// Whoever receives it [opens](Self::open) it, which records its age in the row `jobs (age)`. It goes through any queue,
/// also one that is not of this crate.
///
/// ```
/// use perf_runtime::channels::{Stamped, std::mpsc};
///
/// let (sender, receiver) = mpsc::channel();
/// sender.send(Stamped::new("jobs", 7)).unwrap();
/// assert_eq!(receiver.recv().unwrap().open(), 7);
/// ```
///
/// A message that is dropped unopened is not recorded. One that is cloned has an age for each that is opened.
#[derive(Clone, Copy, Debug)]
pub struct Stamped<T> {
    message: T,
    /// Its row; `None` where nothing was recorded when it was made.
    row: Option<&'static Site>,
    made: u64,
}

impl<T> Stamped<T> {
    /// Stamps a message, of a queue that reports call by this name.
    #[inline]
    pub fn new(queue: &'static str, message: T) -> Self {
        if state::is_off() {
            return Stamped { message, row: None, made: 0 };
        }
        Stamped { message, row: Some(row_of(queue)), made: clock::now() }
    }

    /// Takes the message out, and records its age.
    #[inline]
    pub fn open(self) -> T {
        if let Some(row) = self.row
            && !state::is_off()
        {
            record(row, clock::now().saturating_sub(self.made));
        }
        self.message
    }

    /// The message, which stays in.
    pub fn get(&self) -> &T {
        &self.message
    }
}

fn row_of(queue: &'static str) -> &'static Site {
    let declaration = Declaration {
        kind: Kind::Age,
        timing: Timing::Exact,
        name: queue,
        part: "age",
        module: "",
        file: "",
        line: 0,
        column: 0,
    };
    declarations::site(&declaration, || format!("{queue} (age)"))
}

#[inline(never)]
fn record(row: &'static Site, ticks: u64) {
    thread::with_slot(row, |recording, shard, slot| shard.record_beside_calls(recording, slot, ticks, 1));
}
