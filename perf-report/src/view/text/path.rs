//! Paths of Rust items, shortened so that they stay recognisable.

use std::borrow::Cow;

use super::width::{character_width, prefix, width};

/// A name in at most `room` columns, shortened in the middle of its path: `app::…::Index::build`. Of a trait's method the
/// type and the trait are kept as long as they can be: `<Tree<Item> as Index<usize>>::index`.
pub(crate) fn shorten(name: &str, room: usize) -> Cow<'_, str> {
    if width(name) <= room {
        return name.into();
    }
    if name.starts_with('<') {
        let told = [true, false].map(|keep_arguments| without_modules(name, keep_arguments));
        if let Some(told) = told.into_iter().find(|told| width(told) <= room) {
            return told.into();
        }
    }
    let segments = segments(name);
    // The last `count` segments after a prefix, if they fit.
    let tail = |prefix: &str, count: usize| {
        let skipped = segments.len().checked_sub(count).filter(|&skipped| skipped > usize::from(!prefix.is_empty()))?;
        Some(format!("{prefix}…::{}", segments[skipped..].join("::"))).filter(|text| width(text) <= room)
    };
    // Where it comes from and where it is; else two segments, because a method without its type says little.
    let crate_and = format!("{}::", segments[0]);
    let with_crate = |least| (least..segments.len()).rev().find_map(|count| tail(&crate_and, count));
    match with_crate(2).or_else(|| tail("", 2)).or_else(|| with_crate(1)).or_else(|| tail("", 1)) {
        Some(text) => text.into(),
        None => shorten_word(segments.last().unwrap_or(&name), room).into(),
    }
}

/// A trait's method, `<a::Type<b::T> as c::Trait>::method`, whose types are told without their modules, and if wanted
/// without their own arguments.
fn without_modules(path: &str, keep_arguments: bool) -> String {
    let (mut out, mut depth, mut word, mut before) = (String::new(), 0_usize, 0, ' ');
    for character in path.chars() {
        // The arrow of a function type closes nothing.
        let (opens, closes) = (character == '<', character == '>' && before != '-');
        before = character;
        depth -= usize::from(closes && depth > 0);
        let of_an_argument = depth > 1 || depth == 1 && (opens || closes);
        depth += usize::from(opens);
        if of_an_argument && !keep_arguments {
            continue;
        }
        out.push(character);
        if depth > 0 && out.ends_with("::") {
            out.truncate(word);
        } else if !(character.is_alphanumeric() || matches!(character, '_' | ':' | '#')) {
            word = out.len();
        }
    }
    out
}

/// The segments of a path, which `::` within `<…>` does not separate.
fn segments(path: &str) -> Vec<&str> {
    let (mut depth, mut start, mut segments) = (0_usize, 0, Vec::new());
    let bytes = path.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            // The arrow of a function type closes nothing.
            b'>' if at == 0 || bytes[at - 1] != b'-' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && at >= start && bytes.get(at + 1) == Some(&b':') => {
                segments.push(&path[start..at]);
                start = at + 2;
            }
            _ => {}
        }
    }
    segments.push(path.get(start..).unwrap_or_default());
    segments
}

/// A word in at most `room` columns, its middle left out.
fn shorten_word(word: &str, room: usize) -> String {
    if width(word) <= room {
        return word.to_owned();
    }
    let Some(room) = room.checked_sub(1) else { return String::new() };
    let head_room = room / 2;
    let head = &word[..prefix(word.char_indices(), head_room)];
    let mut tail_start = word.len();
    let mut columns = room - width(head);
    for (at, character) in word.char_indices().rev() {
        let Some(left) = columns.checked_sub(character_width(character)) else { break };
        columns = left;
        // A mark without a width belongs to the character before it, so no part begins with one.
        if character_width(character) != 0 {
            tail_start = at;
        }
    }
    format!("{head}…{}", &word[tail_start..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::text::escape;

    #[test]
    fn names_are_shortened_in_the_middle_of_the_path() {
        let name = "app::storage::index::Index::build";
        assert_eq!(shorten(name, 33), name);
        assert_eq!(shorten(name, 32), "app::…::index::Index::build");
        assert_eq!(shorten(name, 22), "app::…::Index::build");
        assert_eq!(shorten(name, 19), "…::Index::build");
        assert_eq!(shorten(name, 14), "app::…::build");
        assert_eq!(shorten(name, 10), "…::build");
        assert_eq!(shorten(name, 4), "b…ld");
        let method = "<a::b::C<x::Y> as d::E<fn() -> f::G>>::run";
        assert_eq!(shorten(method, 33), "<C<Y> as E<fn() -> G>>::run");
        assert_eq!(shorten(method, 26), "<C as E>::run");
        assert_eq!(shorten(method, 12), "…::run");
        assert_eq!(shorten("数えるための関数", 9), "数え…関数");
        assert_eq!(shorten(name, 0), "");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(name in any::<String>(), room in 0_usize..40) {
            prop_assert!(width(&shorten(&escape(&name), room)) <= room);
        }
    }
}
