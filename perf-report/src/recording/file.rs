//! Recordings in files, of processes that run, have ended, or were killed.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use super::{
    Now, Reading, RecordingError,
    layout::{WORD_BYTES, header},
    merge,
};

/// A recording in a file, open for reading as often as one likes: the process may still be writing it.
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
        let mut recording = Recording { file: File::open(path)? };
        merge::check_header(&recording.words(0, header::LEN)?)?;
        Ok(recording)
    }

    /// Reads it as it is now, in memory and time bounded by what is in use of the file.
    ///
    /// # Errors
    /// As [`open`](Recording::open): the file may have been overwritten since.
    pub fn read(&mut self) -> Result<Reading, RecordingError> {
        // The writer holds an exclusive lock as long as it lives. Asking first is what makes the answer safe: had it died
        // between, its last words would be in the copy all the same.
        let alive = self.writer_is_alive();
        let mut words = self.words(0, header::LEN)?;
        merge::check_header(&words)?;
        // Of a recording that grows, what was read may refer to what came to it meanwhile: so until nothing does.
        loop {
            let used = usize::try_from(words[header::USED]).unwrap_or(usize::MAX);
            let more = self.words(words.len(), used.saturating_sub(words.len()))?;
            words.extend_from_slice(&more);
            if more.is_empty() || !alive {
                break;
            }
            let head = self.words(0, header::LEN)?;
            merge::check_header(&head)?;
            words[header::USED] = head[header::USED];
        }
        let now = match words[header::STATE] {
            header::STATE_CLOSED => Now::LastTick,
            _ if alive => monotonic_ns().map_or(Now::LastTick, Now::Monotonic),
            _ => Now::LastSeen,
        };
        merge::read(&words, now)
    }

    fn writer_is_alive(&self) -> bool {
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

    /// At most `count` words of the file from word `first` on; a last incomplete one is left out.
    fn words(&mut self, first: usize, count: usize) -> io::Result<Vec<u64>> {
        self.file.seek(SeekFrom::Start((first * WORD_BYTES) as u64))?;
        let len = usize::try_from(self.file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut words = Vec::with_capacity(len.div_ceil(WORD_BYTES).saturating_sub(first).min(count));
        // Through a small buffer, so that a large recording is in memory once and not twice.
        let mut buffer = Vec::new();
        while words.len() < count {
            let wanted = (count - words.len()).saturating_mul(WORD_BYTES).min(1 << 16);
            buffer.clear();
            Read::by_ref(&mut self.file).take(wanted as u64).read_to_end(&mut buffer)?;
            words.extend(buffer.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word)));
            if buffer.len() < wanted {
                break;
            }
        }
        Ok(words)
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
