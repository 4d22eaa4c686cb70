//! The new text of a file: attributes put in and taken out, every other byte as it was.

use std::ops::Range;

use super::{mark, source::Function};

/// The decision on a function's attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// It stays as it is, there or not.
    Keep,
    /// It has this spelling.
    Have(String),
    /// There is none.
    Lose,
}

/// Makes the new text, with these insertions too.
pub(super) fn edited<'a>(
    text: &str,
    wishes: impl IntoIterator<Item = (&'a Function, Wish)>,
    insertions: impl IntoIterator<Item = (usize, String)>,
) -> String {
    let mut edits: Vec<(Range<usize>, String)> = insertions.into_iter().map(|(at, text)| (at..at, text)).collect();
    for (function, wish) in wishes {
        match (&function.mark, wish) {
            (_, Wish::Keep) | (None, Wish::Lose) => {}
            (Some(mark), Wish::Lose) => edits.push((mark::with_space(text, mark), String::new())),
            (Some(mark), Wish::Have(spelled)) => edits.push((mark.clone(), spelled)),
            (None, Wish::Have(spelled)) => edits.push((function.at..function.at, spelled + " ")),
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let (mut result, mut at) = (String::with_capacity(text.len() + 64 * edits.len()), 0);
    for (range, inserted) in edits {
        result += &text[at..range.start.max(at)];
        result += &inserted;
        at = range.end.max(at);
    }
    result + &text[at..]
}
