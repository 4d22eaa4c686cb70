//! Checked access to the blocks of a recording.

use std::{borrow::Cow, fs::File, io, mem};

use super::{
    Reading,
    claims::{Claims, Refusal},
    error::Damage,
    layout::{ALIGN, WORD_BYTES},
    source::{Buffers, Source, Window},
};

/// The words of a recording, the blocks claimed of them so far, and the damages found.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    source: Source<'a>,
    claims: Claims,
    /// Whether somebody may still be writing, so that blocks behind the end are merely new.
    growing: bool,
    damages: Vec<Damage>,
    further_damages: usize,
    /// Why the file could not be read. From then on no block is found.
    failure: Option<io::Error>,
}

/// A claimed block. It keeps its place for the messages.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    /// Absolute offset in words.
    pub(super) at: usize,
    pub(super) words: Cow<'a, [u64]>,
}

/// The memory that [`Blocks`] need, for the next ones.
#[derive(Debug, Default)]
pub(super) struct Memory {
    claims: Claims,
    window: Buffers,
}

impl<'a> Blocks<'a> {
    /// Those of a recording in memory.
    pub(super) fn in_memory(words: &'a [u64], growing: bool) -> Self {
        Blocks::new(Source::Memory(words), Claims::new(words.len(), Claims::default()), growing)
    }

    /// Those of the first `len` words of a file, of which no more than `most` are read at once.
    pub(super) fn in_file(file: &'a File, len: usize, most: usize, growing: bool, memory: Memory) -> Self {
        let window = Window::new(file, len, most, memory.window);
        Blocks::new(Source::File(window), Claims::new(len, memory.claims), growing)
    }

    fn new(source: Source<'a>, claims: Claims, growing: bool) -> Self {
        Blocks { source, claims, growing, damages: Vec::new(), further_damages: 0, failure: None }
    }

    /// The same recording for another thread: nothing claimed, no damages.
    pub(super) fn fork(&self, memory: Memory) -> Blocks<'a> {
        let source = match &self.source {
            Source::Memory(words) => Source::Memory(words),
            Source::File(window) => Source::File(window.fork(memory.window)),
        };
        Blocks::new(source, self.claims.fork(memory.claims), self.growing)
    }

    /// Takes over what forks of this claimed. If one of them found a damage or could not read, or two claimed the same, nothing
    /// is taken over, and the answer is `false`.
    pub(super) fn join(&mut self, forks: &[Blocks<'a>]) -> bool {
        let claims: Vec<&Claims> = forks.iter().map(|fork| &fork.claims).collect();
        forks.iter().all(Blocks::is_sound) && self.claims.join(&claims)
    }

    /// Its memory, for other ones.
    pub(super) fn into_memory(self) -> Memory {
        let window = match self.source {
            Source::Memory(_) => Buffers::default(),
            Source::File(window) => window.into_buffers(),
        };
        Memory { claims: self.claims, window }
    }

    /// The damages, and how many more there are; or why the file could not be read.
    pub(super) fn take_damages(&mut self) -> io::Result<(Vec<Damage>, usize)> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok((mem::take(&mut self.damages), self.further_damages)),
        }
    }

    /// Notes that the word at an absolute offset is wrong.
    pub(super) fn damage(&mut self, at: usize, what: impl FnOnce() -> String) {
        if self.damages.len() < Reading::MOST_DAMAGES {
            self.damages.push(Damage { byte: at as u64 * WORD_BYTES as u64, what: what() });
        } else {
            self.further_damages += 1;
        }
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.damages.is_empty() && self.failure.is_none()
    }

    /// Whether somebody may still be writing.
    pub(super) fn growing(&self) -> bool {
        self.growing
    }

    /// The word at an absolute offset, claimed or not.
    pub(super) fn peek(&mut self, at: usize) -> Option<u64> {
        (at < self.source.len()).then(|| self.look(at, 1).map(|words| words[0]))?
    }

    /// A word of a block that is not claimed yet, because its length stands in it; 0 behind the end.
    pub(super) fn peek_in(&mut self, base: &Block<'_>, offset: u64, word: usize) -> u64 {
        let at = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(base.at).saturating_add(word);
        self.peek(at).unwrap_or(0)
    }

    /// Claims the `len` words at `base + offset`, where `offset` was read at `pointer`, and keeps them; `None` (with a damage
    /// where it is one) if they cannot be a block of their own.
    pub(super) fn claim(
        &mut self,
        pointer: usize,
        base: usize,
        offset: u64,
        len: u64,
        name: &str,
    ) -> Option<Block<'a>> {
        let at = self.place(pointer, base, offset, len, name)?;
        match self.source.keep(at, len as usize) {
            Ok(words) => Some(Block { at, words }),
            Err(failure) => {
                self.failure = Some(failure);
                None
            }
        }
    }

    /// Claims as [`claim`](Blocks::claim), without looking at the words; says where they are.
    pub(super) fn place(&mut self, pointer: usize, base: usize, offset: u64, len: u64, name: &str) -> Option<usize> {
        if self.failure.is_some() {
            return None;
        }
        let bounds = usize::try_from(offset).ok().and_then(|offset| {
            let at = base.checked_add(offset)?;
            Some((at, at.checked_add(usize::try_from(len).ok()?)?))
        });
        let words = self.source.len();
        let Some((at, end)) = bounds.filter(|&(_, end)| end <= words) else {
            // A plausible offset behind the end of a recording that grows: the block is younger than the reading.
            if !(self.growing && bounds.is_some_and(|(at, _)| at >= words)) {
                let bytes = words * WORD_BYTES;
                self.damage(pointer, || format!("the {name} ({len} words) would lie behind the end at byte {bytes}"));
            }
            return None;
        };
        if at % ALIGN != 0 {
            self.damage(pointer, || format!("the {name} would begin at word {at}, which no block does"));
            return None;
        }
        match self.claims.take(at, end) {
            Ok(()) => Some(at),
            Err(Refusal::Exhausted) => {
                self.damage(pointer, || format!("too many blocks lie inside others, so the {name} was not looked at"));
                None
            }
            Err(Refusal::Taken) => {
                self.damage(pointer, || format!("the {name} would lie at word {at}, inside another block"));
                None
            }
        }
    }

    /// `len` words that lie inside, for now; `None` if the file cannot be read.
    pub(super) fn look(&mut self, at: usize, len: usize) -> Option<&[u64]> {
        match self.source.look(at, len) {
            Ok(words) => Some(words),
            Err(failure) => {
                self.failure = Some(failure);
                None
            }
        }
    }

    /// `len` words that lie inside, if nothing has to be read for them.
    pub(super) fn at_hand(&self, at: usize, len: usize) -> Option<&[u64]> {
        self.source.at_hand(at, len)
    }

    /// Makes sure that what is looked at from here on is no older than what was seen before.
    pub(super) fn forget(&mut self) {
        self.source.forget();
    }
}

impl Block<'_> {
    /// The word at a relative offset, which the caller's layout constant puts inside the block.
    pub(super) fn get(&self, offset: usize) -> u64 {
        self.words[offset]
    }

    /// The first `bytes` bytes from the word at `offset` as text, invalid UTF-8 replaced; as much of it as the block has.
    pub(super) fn text(&self, offset: usize, bytes: usize) -> String {
        let words = self.words.get(offset..).unwrap_or_default();
        let mut text: Vec<u8> = words.iter().take(bytes.div_ceil(WORD_BYTES)).flat_map(|w| w.to_ne_bytes()).collect();
        text.truncate(bytes);
        String::from_utf8_lossy(&text).into_owned()
    }
}
