//! Lists in sentences: the first few, and how many more there are.

use super::{escape, plural};
use crate::{Function, Snapshot, view::units::count};

/// Names or calls that a sentence lists before it counts the rest.
const LISTED: usize = 4;

/// Most letters of a statement that a sentence repeats.
const LONGEST: usize = 80;

/// The first few items, and how many more there are; `None` if there are none.
pub(crate) fn list(items: impl ExactSizeIterator<Item = String>) -> Option<String> {
    let more = items.len().saturating_sub(LISTED) as u64;
    let text = items.take(LISTED).collect::<Vec<_>>().join(", ");
    match (text.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(text),
        _ => Some(format!("{text} and {} more", count(more))),
    }
}

/// The sum of a count over the functions, and the functions for which it is highest.
pub(crate) fn per_function(snapshot: &Snapshot, count_of: impl Fn(&Function) -> u64) -> Option<(u64, String)> {
    let mut functions: Vec<&Function> = snapshot.functions.iter().filter(|function| count_of(function) > 0).collect();
    functions.sort_by_key(|function| std::cmp::Reverse(count_of(function)));
    let sum = functions.iter().fold(0_u64, |sum, function| sum.saturating_add(count_of(function)));
    Some((sum, list(functions.iter().map(|f| format!("{} {}", escape(&f.name), count(count_of(f)))))?))
}

/// `1 call`, `2 calls`
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), plural(number, one, many))
}

/// The beginning of a statement.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
