//! Where the words of a recording come from: memory, or a file that is read piece by piece through a [`Window`].

use std::{borrow::Cow, fs::File, io};

use super::layout::WORD_BYTES;

/// The words of a recording, as far as they are in use.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// All of them.
    Memory(&'a [u64]),
    /// Those of a file.
    File(Window<'a>),
}

impl<'a> Source<'a> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Source::Memory(words) => words.len(),
            Source::File(window) => window.len,
        }
    }

    /// `len` words from an absolute offset on, to be looked at now. All of them lie inside.
    pub(super) fn look(&mut self, at: usize, len: usize) -> io::Result<&[u64]> {
        match self {
            Source::Memory(words) => Ok(&words[at..at + len]),
            Source::File(window) => window.look(at, len),
        }
    }

    /// The same, if nothing has to be read for them.
    pub(super) fn at_hand(&self, at: usize, len: usize) -> Option<&[u64]> {
        match self {
            Source::Memory(words) => Some(&words[at..at + len]),
            Source::File(window) => window.at_hand(at, len),
        }
    }

    /// `len` words from an absolute offset on, to be kept. All of them lie inside.
    pub(super) fn keep(&mut self, at: usize, len: usize) -> io::Result<Cow<'a, [u64]>> {
        match self {
            Source::Memory(words) => Ok(Cow::Borrowed(&words[at..at + len])),
            Source::File(window) => window.keep(at, len).map(Cow::Owned),
        }
    }

    /// From here on only what is read anew is at hand: a writer may have changed it.
    pub(super) fn forget(&mut self) {
        if let Source::File(window) = self {
            window.buffers.words.clear();
        }
    }
}

/// The memory of a window, which outlives it.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    bytes: Vec<u8>,
    words: Vec<u64>,
}

/// A part of a file: where something was looked at last, and what follows.
#[derive(Debug)]
pub(super) struct Window<'a> {
    file: &'a File,
    /// Words in use of the file.
    len: usize,
    /// Absolute offset of the first word at hand.
    first: usize,
    /// How many words were read at once the last time.
    stride: usize,
    /// The most to read at once.
    most: usize,
    buffers: Buffers,
}

impl<'a> Window<'a> {
    /// The least to read at once, if there is as much: what a writer takes from the file at once for the small blocks of a
    /// thread. The blocks around it are other threads', so reading more on suspicion would read much in vain.
    const LEAST: usize = 1024;
    /// The usual limit: as much as the processor's nearest caches still hold when it is added up.
    pub(super) const MOST: usize = 8 * 1024;

    /// A window on the first `len` words of a file, which reads no more than `most` at once unless it is asked for more.
    pub(super) fn new(file: &'a File, len: usize, most: usize, mut buffers: Buffers) -> Window<'a> {
        buffers.words.clear();
        Window { file, len, first: 0, stride: 0, most, buffers }
    }

    /// Another window on the same file.
    pub(super) fn fork(&self, buffers: Buffers) -> Window<'a> {
        Window::new(self.file, self.len, self.most, buffers)
    }

    /// Its memory, for another one.
    pub(super) fn into_buffers(self) -> Buffers {
        self.buffers
    }

    fn at_hand(&self, at: usize, len: usize) -> Option<&[u64]> {
        self.buffers.words.get(at.checked_sub(self.first)?..)?.get(..len)
    }

    fn look(&mut self, at: usize, len: usize) -> io::Result<&[u64]> {
        if self.at_hand(at, len).is_none() {
            self.read(at, len)?;
        }
        Ok(&self.buffers.words[at - self.first..][..len])
    }

    fn keep(&mut self, at: usize, len: usize) -> io::Result<Vec<u64>> {
        let mut words = Vec::with_capacity(len);
        while words.len() < len {
            let wanted = (len - words.len()).min(self.most.max(1));
            let part = self.look(at + words.len(), wanted)?;
            words.extend_from_slice(part);
        }
        Ok(words)
    }

    /// Reads the words from `at` on, at least `len`; more if it seems to go on like that.
    fn read(&mut self, at: usize, len: usize) -> io::Result<()> {
        let end = self.first + self.stride;
        let goes_on = at > self.first && at < end + Self::LEAST / 2;
        self.stride = if goes_on { self.stride * 2 } else { Self::LEAST };
        self.stride = self.stride.min(self.most).max(len).min(self.len - at);
        self.first = at;
        let Buffers { bytes, words } = &mut self.buffers;
        words.clear();
        bytes.resize(self.stride * WORD_BYTES, 0);
        read_at(self.file, bytes, at as u64 * WORD_BYTES as u64)?;
        words.extend(bytes.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word)));
        Ok(())
    }
}

/// Whether several threads may read a file at once.
pub(super) const SHARED: bool = cfg!(unix);

/// Fills the buffer from a place of a file.
#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], byte: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, byte)
}

/// Fills the buffer from a place of a file, whose position it moves.
#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, buffer: &mut [u8], byte: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(byte))?;
    file.read_exact(buffer)
}
