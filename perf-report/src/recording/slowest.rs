//! Reads the slowest calls of the sites.

use super::{
    blocks::Blocks,
    layout::{
        WORD_BYTES, shard,
        slowest::{self, CALL_COUNT, call},
    },
    scale::Scale,
};
use crate::SlowCall;

/// A call of a site as found.
#[derive(Clone, Debug)]
pub(super) struct FoundCall {
    pub(super) site: usize,
    words: [u64; call::LEN],
}

/// Reads the block of a slot, whose offset was read at `pointer`.
pub(super) fn read(site: usize, pointer: usize, offset: u64, blocks: &mut Blocks<'_>) -> Vec<FoundCall> {
    let Some(block) = blocks.claim(pointer, 0, offset, slowest::LEN as u64, "block of the slowest calls") else {
        return Vec::new();
    };
    let entries = block.words.as_chunks::<{ call::LEN }>().0.iter().take(CALL_COUNT);
    entries.filter(|words| words[call::TICKS] != 0).map(|&words| FoundCall { site, words }).collect()
}

impl FoundCall {
    /// The call, in a recording that began at a tick. `shift` is what timing it took of it.
    pub(super) fn call(
        &self,
        start: u64,
        shift: u64,
        scale: Scale,
        index_of: impl Fn(u64) -> Option<usize>,
    ) -> SlowCall {
        let words = &self.words;
        let sites =
            words[call::CALLERS..call::THREAD_NAME].iter().flat_map(|pair| [pair & u64::from(u32::MAX), pair >> 32]);
        let depth = words[call::DEPTH];
        let callers = sites.take(usize::try_from(depth).unwrap_or(usize::MAX)).map_while(index_of).collect::<Vec<_>>();
        let thread = text(&words[call::THREAD_NAME..call::THREAD_NAME + shard::THREAD_NAME_LEN], usize::MAX);
        let thread = match thread.trim_end_matches(['\0', '\u{fffd}']) {
            "" => format!("thread {}", words[call::TID]),
            name => name.to_owned(),
        };
        let label_bytes = usize::try_from(words[call::LABEL_BYTES]).unwrap_or(usize::MAX);
        SlowCall {
            end_ns: scale.ns(words[call::END].saturating_sub(start).into()),
            tid: words[call::TID],
            thread,
            further_callers: u32::try_from(depth.saturating_sub(callers.len() as u64)).unwrap_or(u32::MAX),
            callers,
            label: text(&words[call::LABEL..], label_bytes),
            ..SlowCall::new(scale.ns(words[call::TICKS].into()).saturating_sub(shift))
        }
    }
}

/// The first bytes of words as text, as far as they have so many.
fn text(words: &[u64], bytes: usize) -> String {
    let mut text: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    text.truncate(bytes.min(words.len() * WORD_BYTES));
    String::from_utf8_lossy(&text).into_owned()
}
