//! Site records: what the reports call each annotated place.
//!
//! Site ids count from 1. Id `i` is entry `i - 1` of the list that the chunks form: chunk `k` holds `64 << k` entries, each the
//! absolute offset of a record.

/// Number of chunks in the directory.
pub const CHUNKS: usize = 20;
/// Entries of the first chunk.
pub const FIRST_CHUNK: usize = 64;

/// [`KIND_FUNCTION`], [`KIND_FUTURE`] or [`KIND_BLOCK`].
pub const KIND: usize = 0;
/// 0 exact, 1 adaptive.
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
/// Start of the strings: name, module, file, budgets.
pub const STRINGS: usize = 8;

/// [`KIND`]: a function.
pub const KIND_FUNCTION: u64 = 1;
/// [`KIND`]: a future.
pub const KIND_FUTURE: u64 = 2;
/// [`KIND`]: a block.
pub const KIND_BLOCK: u64 = 3;

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
