//! Text whose width on a terminal matters: escaping, shortening, wrapping.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::units::is_unit;

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

pub(crate) fn plural<'a>(number: u64, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}

/// A name made harmless: what controls a terminal, reorders or hides text is shown as its escape.
pub(crate) fn escape(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        if acts(character) { text.extend(character.escape_default()) } else { text.push(character) }
    }
    text
}

/// Whether a character does something instead of being seen: controls, line and paragraph separators, marks of direction,
/// joiners and other characters without a look of their own.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

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
        let Some(left) = columns.checked_sub(character.width().unwrap_or(0)) else { break };
        columns = left;
        // A mark without a width belongs to the character before it, so no part begins with one.
        if character.width() != Some(0) {
            tail_start = at;
        }
    }
    format!("{head}…{}", &word[tail_start..])
}

/// How many bytes of characters fit into a number of columns.
fn prefix(characters: impl Iterator<Item = (usize, char)>, room: usize) -> usize {
    let (mut columns, mut end) = (0, 0);
    for (at, character) in characters {
        columns += character.width().unwrap_or(0);
        if columns > room {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

/// The byte at which the column begins.
pub(super) fn byte_at_column(text: &str, column: usize) -> usize {
    prefix(text.char_indices(), column)
}

/// The beginning of a text, as much of it as fits.
#[cfg(feature = "command")]
pub(crate) fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(room) = room.checked_sub(1) else { return String::new() };
    format!("{}…", &text[..prefix(text.char_indices(), room)])
}

/// The end of a text, as much of it as fits.
#[cfg(feature = "command")]
pub(crate) fn cut_front(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(room) = room.checked_sub(1) else { return String::new() };
    let (mut start, mut columns) = (text.len(), 0);
    for (at, character) in text.char_indices().rev() {
        columns += character.width().unwrap_or(0);
        if columns > room {
            break;
        }
        start = at;
    }
    format!("…{}", &text[start..])
}

/// Lines of at most `room` columns, broken at spaces; the first begins with `bullet`, the others are indented as far.
pub(crate) fn wrap(text: &str, bullet: &str, room: Option<usize>) -> String {
    let indent = " ".repeat(width(bullet));
    let room = room.unwrap_or(100).clamp(20, 100);
    let (mut out, mut line) = (String::new(), bullet.to_owned());
    let mut empty = true;
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match words.last_mut().filter(|_| is_unit(word)) {
            Some(number) => number.extend([" ", word]),
            None => words.push(word.to_owned()),
        }
    }
    for word in &words {
        if !empty && width(&line) + 1 + width(word) > room {
            out.push_str(line.trim_end());
            out.push('\n');
            line = indent.clone();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(&shorten(word, room.saturating_sub(indent.len())));
        empty = false;
    }
    out + line.trim_end() + "\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        assert_eq!(escape("a\u{1b}[31mb\n\tc"), r"a\u{1b}[31mb\n\tc");
        assert_eq!(escape("x\u{202e}y\u{200d}\u{9b}"), r"x\u{202e}y\u{200d}\u{9b}");
        assert_eq!(escape("größe::数える<'a>"), "größe::数える<'a>");
    }

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

    #[cfg(feature = "command")]
    #[test]
    fn texts_are_cut_at_either_end() {
        assert_eq!((cut("abcdef", 4), cut_front("abcdef", 4)), ("abc…".into(), "…def".into()));
        assert_eq!((cut("数える", 4), cut_front("数える", 4)), ("数…".into(), "…る".into()));
        assert_eq!((cut("ab", 2), cut_front("ab", 0)), ("ab".into(), String::new()));
    }

    #[test]
    fn lines_wrap_with_their_indent() {
        assert_eq!(wrap("aa bb cc dd ee ff gg", "- ", Some(20)), "- aa bb cc dd ee ff\n  gg\n");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(name in any::<String>(), room in 0_usize..40) {
            let name = escape(&name);
            prop_assert!(width(&shorten(&name, room)) <= room);
            #[cfg(feature = "command")]
            prop_assert!(width(&cut(&name, room)) <= room && width(&cut_front(&name, room)) <= room);
            prop_assert!(!name.chars().any(char::is_control));
        }
    }
}
