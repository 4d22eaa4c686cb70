//! Checked access to the words of a recording.

use super::{
    Reading,
    error::Damage,
    layout::{ALIGN, WORD_BYTES},
};

/// The words of a recording, the blocks claimed of them so far, and the damages found.
pub(super) struct Blocks<'a> {
    words: &'a [u64],
    /// One bit per [`ALIGN`] words: whether a block was claimed there.
    claimed: Vec<u64>,
    /// Groups of [`ALIGN`] words that may still be looked at. A sound recording needs each once, since its blocks share
    /// none; without a limit a forged one could have long stretches looked at again for every pointer.
    looks_left: usize,
    /// Whether somebody may still be writing, so that blocks behind the end are merely new.
    growing: bool,
    pub(super) damages: Vec<Damage>,
    pub(super) further_damages: usize,
}

/// A claimed block. It keeps its place for the messages.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    /// Absolute offset in words.
    pub(super) at: usize,
    pub(super) words: &'a [u64],
}

impl<'a> Blocks<'a> {
    pub(super) fn new(words: &'a [u64], growing: bool) -> Self {
        let claimed = vec![0; words.len().div_ceil(ALIGN * 64)];
        let looks_left = words.len() / ALIGN * 2 + 1024;
        Blocks { words, claimed, looks_left, growing, damages: Vec::new(), further_damages: 0 }
    }

    /// Notes that the word at an absolute offset is wrong.
    pub(super) fn damage(&mut self, at: usize, what: impl FnOnce() -> String) {
        if self.damages.len() < Reading::MOST_DAMAGES {
            self.damages.push(Damage { byte: at as u64 * WORD_BYTES as u64, what: what() });
        } else {
            self.further_damages += 1;
        }
    }

    /// Whether somebody may still be writing.
    pub(super) fn growing(&self) -> bool {
        self.growing
    }

    /// The word at an absolute offset, claimed or not.
    pub(super) fn peek(&self, at: usize) -> Option<u64> {
        self.words.get(at).copied()
    }

    /// A word of a block that is not claimed yet, because its length stands in it; 0 behind the end.
    pub(super) fn peek_in(&self, base: &Block<'_>, offset: u64, word: usize) -> u64 {
        let at = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(base.at).saturating_add(word);
        self.peek(at).unwrap_or(0)
    }

    /// Claims the `len` words at `base + offset`, where `offset` was read at `pointer`; `None` (with a damage where it is
    /// one) if they cannot be a block of their own.
    pub(super) fn claim(
        &mut self,
        pointer: usize,
        base: usize,
        offset: u64,
        len: u64,
        name: &str,
    ) -> Option<Block<'a>> {
        let bounds = usize::try_from(offset).ok().and_then(|offset| {
            let at = base.checked_add(offset)?;
            Some((at, at.checked_add(usize::try_from(len).ok()?)?))
        });
        let Some((at, end)) = bounds.filter(|&(_, end)| end <= self.words.len()) else {
            // A plausible offset behind the end of a recording that grows: the block is younger than the copy.
            if !(self.growing && bounds.is_some_and(|(at, _)| at >= self.words.len())) {
                let bytes = self.words.len() * WORD_BYTES;
                self.damage(pointer, || format!("the {name} ({len} words) would lie behind the end at byte {bytes}"));
            }
            return None;
        };
        if at % ALIGN != 0 {
            self.damage(pointer, || format!("the {name} would begin at word {at}, which no block does"));
            return None;
        }
        let groups = at / ALIGN..end.div_ceil(ALIGN);
        for group in groups.clone() {
            self.looks_left = self.looks_left.saturating_sub(1);
            if self.looks_left == 0 {
                self.damage(pointer, || format!("too many blocks lie inside others, so the {name} was not looked at"));
                return None;
            }
            if self.claimed[group / 64] >> (group % 64) & 1 != 0 {
                self.damage(pointer, || format!("the {name} would lie at word {at}, inside another block"));
                return None;
            }
        }
        groups.for_each(|group| self.claimed[group / 64] |= 1 << (group % 64));
        Some(Block { at, words: &self.words[at..end] })
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
