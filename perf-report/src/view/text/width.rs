//! Columns that a text takes, and the parts of it that fit.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Columns that a character takes; 0 for a mark that belongs to the character before it.
pub(super) fn character_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// How many bytes of characters fit into a number of columns.
pub(super) fn prefix(characters: impl Iterator<Item = (usize, char)>, room: usize) -> usize {
    let (mut columns, mut end) = (0, 0);
    for (at, character) in characters {
        columns += character_width(character);
        if columns > room {
            break;
        }
        end = at + character.len_utf8();
    }
    end
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
        columns += character_width(character);
        if columns > room {
            break;
        }
        start = at;
    }
    format!("…{}", &text[start..])
}

#[cfg(all(test, feature = "command"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::text::escape;

    #[test]
    fn texts_are_cut_at_either_end() {
        assert_eq!((cut("abcdef", 4), cut_front("abcdef", 4)), ("abc…".into(), "…def".into()));
        assert_eq!((cut("数える", 4), cut_front("数える", 4)), ("数…".into(), "…る".into()));
        assert_eq!((cut("ab", 2), cut_front("ab", 0)), ("ab".into(), String::new()));
    }

    proptest! {
        #[test]
        fn a_cut_text_fits(text in any::<String>(), room in 0_usize..40) {
            let text = escape(&text);
            prop_assert!(width(&cut(&text, room)) <= room && width(&cut_front(&text, room)) <= room);
        }
    }
}
