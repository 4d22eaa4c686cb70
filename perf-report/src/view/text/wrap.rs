//! Paragraphs and notes, broken into lines.

use super::{path::shorten, width::width};
use crate::view::{Style, units::is_unit};

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

/// Notes below a table: an empty line, then each with a bullet; nothing without notes.
pub(crate) fn bullets(notes: &[String], style: &Style) -> String {
    let lines: String = notes.iter().map(|note| wrap(note, "• ", style.width)).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// Parts of a line with ` · ` between them, in as many lines as it takes.
pub(in crate::view) fn join(parts: &[String], room: Option<usize>) -> String {
    const BETWEEN: &str = " · ";
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if room.is_none_or(|room| width(line) + width(BETWEEN) + width(part) <= room) => {
                *line += BETWEEN;
                *line += part;
            }
            _ => lines.push(part.clone()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_wrap_with_their_indent() {
        assert_eq!(wrap("aa bb cc dd ee ff gg", "- ", Some(20)), "- aa bb cc dd ee ff\n  gg\n");
    }

    #[test]
    fn parts_go_to_the_next_line_when_the_room_ends() {
        let parts = ["wordcount", "pid 7", "1.00 s recorded"].map(String::from);
        assert_eq!(join(&parts, None), "wordcount · pid 7 · 1.00 s recorded");
        assert_eq!(join(&parts, Some(20)), "wordcount · pid 7\n1.00 s recorded");
        assert_eq!(join(&parts, Some(4)), "wordcount\npid 7\n1.00 s recorded");
    }
}
