//! The readings whose differences give recent values.
//!
//! Rates cover the time since the previous reading. For percentiles that is too short: a function with five calls a second
//! would leave five of them. So percentiles cover a longer time, the *window*. It keeps a few older readings, just enough for
//! its length to be right to a sixteenth at any interval.

use std::{collections::VecDeque, sync::Arc};

use crate::{Process, Snapshot};

/// The number of parts of a window; each part keeps one reading.
const PARTS: u64 = 16;

/// The latest readings of one process.
#[derive(Debug)]
pub(crate) struct ReadingWindow {
    length_ns: u64,
    latest: Arc<Snapshot>,
    previous: Option<Arc<Snapshot>>,
    /// Older readings, oldest first. The window begins at the first of them.
    marks: VecDeque<Arc<Snapshot>>,
}

impl ReadingWindow {
    /// A window of this length, with its first reading.
    pub(crate) fn new(length_ns: u64, first: Arc<Snapshot>) -> ReadingWindow {
        ReadingWindow { length_ns, latest: first, previous: None, marks: VecDeque::new() }
    }

    /// Adds a reading. A reading of another process starts a new window; returns whether it did.
    pub(crate) fn push(&mut self, snapshot: Arc<Snapshot>) -> bool {
        let other = !same_run(&self.latest.process, &snapshot.process);
        if other {
            (self.previous, self.latest) = (None, snapshot);
            self.marks.clear();
            return true;
        }
        let previous = std::mem::replace(&mut self.latest, snapshot);
        let apart = |mark: &Arc<Snapshot>| at(&previous).saturating_sub(at(mark)) >= self.length_ns / PARTS;
        if self.marks.back().is_none_or(apart) {
            self.marks.push_back(Arc::clone(&previous));
        }
        self.previous = Some(previous);
        // Readings come a little late or early, which must not stretch a window of ten intervals to eleven.
        let early = self.length_ns / PARTS / 2;
        let begin = at(&self.latest).saturating_sub(self.length_ns.saturating_sub(early));
        while self.marks.get(1).is_some_and(|second| at(second) <= begin) {
            self.marks.pop_front();
        }
        false
    }

    /// Starts a new window at the latest reading.
    pub(crate) fn reset(&mut self) {
        self.marks.clear();
        self.marks.push_back(Arc::clone(&self.latest));
    }

    /// The latest reading.
    pub(crate) fn latest(&self) -> &Arc<Snapshot> {
        &self.latest
    }

    /// The reading before the latest, if there is one of the same process.
    pub(crate) fn previous(&self) -> Option<&Snapshot> {
        self.previous.as_deref()
    }

    /// The reading at which the window begins, if it is older than the latest.
    pub(crate) fn begin(&self) -> Option<&Snapshot> {
        self.marks.front().map(|mark| &**mark).filter(|mark| at(mark) < at(&self.latest))
    }
}

/// The time of a reading on the recording's own clock.
fn at(snapshot: &Snapshot) -> u64 {
    snapshot.process.recorded_ns
}

/// Whether two readings are of one run of one program.
fn same_run(a: &Process, b: &Process) -> bool {
    (a.pid, a.started_unix_ns) == (b.pid, b.started_unix_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn reading(pid: u32, seconds: u64) -> Arc<Snapshot> {
        let mut snapshot = Snapshot::empty();
        snapshot.process.pid = pid;
        snapshot.process.recorded_ns = seconds * SECOND;
        Arc::new(snapshot)
    }

    fn seconds(snapshot: Option<&Snapshot>) -> Option<u64> {
        snapshot.map(|snapshot| snapshot.process.recorded_ns / SECOND)
    }

    #[test]
    fn it_begins_at_the_youngest_reading_that_is_old_enough() {
        let mut window = ReadingWindow::new(10 * SECOND, reading(1, 0));
        assert_eq!((window.previous(), window.begin()), (None, None));
        for second in 1..=30 {
            assert!(!window.push(reading(1, second)));
            assert_eq!(seconds(window.previous()), Some(second - 1));
            assert_eq!(seconds(window.begin()), Some(second.saturating_sub(10)));
        }
    }

    #[test]
    fn a_reading_that_comes_a_little_early_begins_it_too() {
        let mut window = ReadingWindow::new(10 * SECOND, reading(1, 0));
        for number in 1..=30 {
            let mut snapshot = Snapshot::clone(&reading(1, number));
            snapshot.process.recorded_ns -= number % 3 * SECOND / 20;
            window.push(Arc::new(snapshot));
            let begin = window.begin().map_or(0, |begin| begin.process.recorded_ns);
            let length = window.latest().process.recorded_ns - begin;
            assert!(number < 10 || length.abs_diff(10 * SECOND) <= SECOND / 5, "{length}");
        }
    }

    #[test]
    fn it_keeps_few_readings_however_many_there_are() {
        let mut window = ReadingWindow::new(3_600 * SECOND, reading(1, 0));
        for second in 1..=20_000 {
            window.push(reading(1, second));
            assert!(window.marks.len() <= PARTS as usize + 2, "{}", window.marks.len());
        }
        let begin = seconds(window.begin()).expect("it is full");
        assert!((20_000 - 3_600 - 3_600 / PARTS..=20_000 - 3_600 + 3_600 / PARTS).contains(&begin), "{begin}");
    }

    #[test]
    fn a_new_run_and_a_reset_begin_it_anew() {
        let mut window = ReadingWindow::new(10 * SECOND, reading(1, 50));
        window.push(reading(1, 51));
        window.reset();
        assert_eq!(window.begin(), None);
        window.push(reading(1, 52));
        assert_eq!(seconds(window.begin()), Some(51));
        assert!(window.push(reading(2, 1)), "another process");
        assert_eq!((window.previous(), window.begin()), (None, None));
    }
}
