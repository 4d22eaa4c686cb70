//! Recordings in files, of processes that run, have ended, or were killed.
//!
//! A file is not taken into memory: its blocks are read one after the other through small windows, by several threads
//! if it is large, and added up. So a reading takes memory for the figures of the functions, whatever the number of
//! threads that were recorded.
//!
//! The blocks of a process that runs are thereby seen at different moments, each after the reading began and after
//! what led to it. Of every call it is seen that it ended before the reading began, and perhaps if it ended
//! meanwhile; so of two readings one after the other, the second shows no function with fewer calls. A slot is seen
//! before its bucket pages: a call on its way from the one to the other is not missed, though a sample of adaptive
//! timing may be found in both, which only such a function's distribution shows. Figures that are kept apart may
//! differ by the calls that ended meanwhile: those of a function and of its callers, or of its calls and of their
//! times. Blocks that were made after the reading began are left to the next.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
};

use super::{
    Now, Reading, RecordingError,
    blocks::{Block, Blocks, Memory},
    gather, head,
    layout::{
        WORD_BYTES,
        header::{self, STATE_CLOSED, STATE_RUNNING},
    },
    read::{Moment, Wanted, in_use, read_blocks},
    source::{self, Window},
};

/// A recording in a file, which its process may still be writing.
///
/// ```no_run
/// use perf_report::recording::Recording;
/// let reading = Recording::open("app.perfrec")?.read()?;
/// for damage in &reading.damages {
///     eprintln!("{damage}");
/// }
/// println!("{} functions", reading.snapshot.functions.len());
/// # Ok::<(), perf_report::recording::RecordingError>(())
/// ```
#[derive(Debug)]
pub struct Recording {
    file: File,
    pace: Pace,
    /// Memory that the last reading has left to the next.
    memory: Vec<Memory>,
}

/// How a file is read. It makes no difference to what is read of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Words to read at once.
    pub(super) window: usize,
    /// Threads to read with, as far as they are of use.
    pub(super) threads: usize,
    /// Words in use for which another thread is.
    pub(super) words_per_thread: usize,
}

impl Pace {
    /// More threads than these would wait for the memory, and each has sums of its own.
    const MOST_THREADS: usize = 8;

    fn usual() -> Pace {
        let threads = if source::SHARED { thread::available_parallelism().map_or(1, usize::from) } else { 1 };
        Pace { window: Window::MOST, threads: threads.min(Pace::MOST_THREADS), words_per_thread: 1 << 20 }
    }
}

impl Recording {
    /// Whether bytes begin as a recording does, of whatever version and byte order.
    #[must_use]
    pub fn is_recording(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PERFREC\0") || bytes.starts_with(b"\0CERFREP")
    }

    /// Opens a recording.
    ///
    /// # Errors
    /// If the file cannot be read, or is no recording of this version.
    pub fn open(path: impl AsRef<Path>) -> Result<Recording, RecordingError> {
        let recording = Recording { file: File::open(path)?, pace: Pace::usual(), memory: Vec::new() };
        recording.head()?;
        Ok(recording)
    }

    /// Reads the recording as it is now.
    ///
    /// The time is bounded by the part of the file that is in use, the memory by that and by the figures of the
    /// functions.
    ///
    /// # Errors
    /// As [`open`](Recording::open): the file may have been overwritten since. Also if it becomes shorter meanwhile.
    pub fn read(&mut self) -> Result<Reading, RecordingError> {
        self.read_wanted(Wanted::Figures)
    }

    /// Reads the recording as it is now, with the last trace window.
    ///
    /// # Errors
    /// As [`read`](Recording::read).
    pub fn read_trace(&mut self) -> Result<Reading, RecordingError> {
        self.read_wanted(Wanted::FiguresAndTrace)
    }

    fn read_wanted(&mut self, wanted: Wanted) -> Result<Reading, RecordingError> {
        // The writer holds an exclusive lock as long as it lives. Asking first is what makes the answer safe: had it died
        // between, its last words would be read all the same.
        let alive = self.writer_is_alive();
        let (head, there) = self.head()?;
        let len = in_use(&head, there);
        // Also one that is closed may grow as long as its process lives, which may open it again.
        let memory = self.memory.pop().unwrap_or_default();
        let mut blocks = Blocks::in_file(&self.file, len, self.pace.window, alive, memory);
        let running = alive && head.get(header::STATE) == STATE_RUNNING;
        // Before the calls in flight are looked at: a short one must not seem to have run for as long as the reading takes.
        let now = match head.get(header::STATE) {
            STATE_CLOSED => Now::LastTick,
            _ if alive => monotonic_ns().map_or(Now::LastTick, Now::Monotonic),
            _ => Now::LastSeen,
        };
        let threads = self.pace.threads.min(1 + len / self.pace.words_per_thread);
        let memory = &mut self.memory;
        let moment = Moment { running, now };
        let reading = read_blocks(&head, there, &mut blocks, moment, wanted, |head, sites, blocks| {
            let gathered = gather::at_once(head, sites, blocks, threads, memory);
            gathered.unwrap_or_else(|| gather::in_order(head, sites, blocks))
        });
        self.memory.push(blocks.into_memory());
        reading
    }

    /// Has it read in another way from now on.
    #[cfg(test)]
    pub(super) fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// The file itself.
    #[cfg(feature = "command")]
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// A word at an offset, as it is now.
    #[cfg(feature = "command")]
    pub(crate) fn word(&self, at: usize) -> std::io::Result<u64> {
        let mut bytes = [0; WORD_BYTES];
        source::read_at(&self.file, &mut bytes, (at as u64).saturating_mul(WORD_BYTES as u64))?;
        Ok(u64::from_ne_bytes(bytes))
    }

    /// Whether its process lives.
    pub(crate) fn writer_is_alive(&self) -> bool {
        match self.file.try_lock_shared() {
            Ok(()) => {
                // A lock that cannot be given back is given back when the file is closed.
                let _ = self.file.unlock();
                false
            }
            Err(TryLockError::WouldBlock) => true,
            // No locks on this file system: nobody holds one.
            Err(TryLockError::Error(_)) => false,
        }
    }

    /// The header, and how many words the file has; a last incomplete one is left out.
    pub(super) fn head(&self) -> Result<(Block<'static>, usize), RecordingError> {
        let there = usize::try_from(self.file.metadata()?.len()).unwrap_or(usize::MAX) / WORD_BYTES;
        let mut bytes = vec![0; there.min(header::LEN) * WORD_BYTES];
        source::read_at(&self.file, &mut bytes, 0)?;
        let words: Vec<u64> = bytes.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word)).collect();
        head::check(&words)?;
        Ok((Block { at: 0, words: words.into() }, there))
    }
}

/// The system's monotonic clock, as the runtime reads it into the header.
#[cfg(unix)]
fn monotonic_ns() -> Option<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Some(u64::try_from(time.tv_sec).ok()? * 1_000_000_000 + u64::try_from(time.tv_nsec).ok()?)
}

/// The system's monotonic clock, where it cannot be read without `unsafe`.
#[cfg(not(unix))]
fn monotonic_ns() -> Option<u64> {
    None
}
