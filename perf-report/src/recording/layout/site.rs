//! Site records: what the reports call each annotated place.
//!
//! Site ids count from 1. Id `i` is entry `i - 1` of the list that the chunks form: chunk `k` holds `64 << k` entries, each the
//! absolute offset of a record.

use serde::Serialize;

/// Number of chunks in the directory.
pub const CHUNKS: usize = 20;
/// Entries of the first chunk.
pub const FIRST_CHUNK: usize = 64;

/// The [`Kind`]: [`KIND_FUNCTION`], [`KIND_FUTURE`] or [`KIND_BLOCK`].
pub const KIND: usize = 0;
/// The [`Timing`]: [`TIMING_EXACT`] or [`TIMING_ADAPTIVE`].
pub const TIMING: usize = 1;
/// Line of the item's name.
pub const LINE: usize = 2;
/// Length of the name in bytes.
///
/// The strings follow the record, each starting at a word.
pub const NAME_BYTES: usize = 3;
/// Length of the module path in bytes.
pub const MODULE_BYTES: usize = 4;
/// Length of the file name in bytes.
pub const FILE_BYTES: usize = 5;
/// Length of the budgets in bytes: `figure=limit` joined by `;`.
pub const BUDGET_BYTES: usize = 6;
/// About how many names share the site, because they came after as many as have sites of their own; else 0.
pub const NAMES: usize = 7;
/// Start of the strings: name, module, file, budgets.
pub const STRINGS: usize = 8;

/// [`KIND`]: a function.
pub const KIND_FUNCTION: u64 = 1;
/// [`KIND`]: a future.
pub const KIND_FUTURE: u64 = 2;
/// [`KIND`]: a block.
pub const KIND_BLOCK: u64 = 3;

/// [`TIMING`]: every call is timed.
pub const TIMING_EXACT: u64 = 0;
/// [`TIMING`]: short calls are sampled.
pub const TIMING_ADAPTIVE: u64 = 1;

/// Kinds of sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A function or method.
    Function,
    /// An async function, or one that returns a future and is timed as one.
    Future,
    /// A block labelled by `profile_block!`.
    Block,
}

impl Kind {
    /// Its number in a recording.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Kind::Function => KIND_FUNCTION,
            Kind::Future => KIND_FUTURE,
            Kind::Block => KIND_BLOCK,
        }
    }

    /// The kind that a number stands for.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Kind> {
        match code {
            KIND_FUNCTION => Some(Kind::Function),
            KIND_FUTURE => Some(Kind::Future),
            KIND_BLOCK => Some(Kind::Block),
            _ => None,
        }
    }
}

/// How the calls of a site are timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum Timing {
    /// Every call.
    Exact,
    /// Every call is counted; where calls are short, only some are timed.
    ///
    /// A timed call stands for those around it.
    Adaptive,
}

impl Timing {
    /// Its number in a recording.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Timing::Exact => TIMING_EXACT,
            Timing::Adaptive => TIMING_ADAPTIVE,
        }
    }

    /// The timing that a number stands for.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Timing> {
        match code {
            TIMING_EXACT => Some(Timing::Exact),
            TIMING_ADAPTIVE => Some(Timing::Adaptive),
            _ => None,
        }
    }
}

/// The chunk and the entry in it where site `id` (from 1) is found.
#[must_use]
pub const fn locate(id: usize) -> (usize, usize) {
    let position = id - 1 + FIRST_CHUNK;
    let chunk = (position / FIRST_CHUNK).ilog2() as usize;
    (chunk, position - (FIRST_CHUNK << chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_for_what_has_it() {
        for kind in [Kind::Function, Kind::Future, Kind::Block] {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        for timing in [Timing::Exact, Timing::Adaptive] {
            assert_eq!(Timing::from_code(timing.code()), Some(timing));
        }
        assert_eq!((Kind::from_code(0), Timing::from_code(2)), (None, None));
    }

    #[test]
    fn sites_are_located_without_gaps() {
        let mut expected = (0, 0);
        for id in 1..100_000 {
            assert_eq!(locate(id), expected, "site {id}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
