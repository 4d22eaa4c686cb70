//! Which parts of a source text are code, and not comments or literals. It also reads sources that no longer parse.

/// The end of the comment or literal that begins at a byte, if one does. Without an end it reaches to the end of the text.
pub(super) fn skipped(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    match rest[0] {
        b'/' if rest.starts_with(b"//") => Some(at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())),
        b'/' if rest.starts_with(b"/*") => Some(at + block_comment(rest)),
        b'"' => Some(at + quoted(rest, b'"')),
        b'r' if at == 0 || !is_word(text[at - 1]) || is_string_prefix(text, at - 1) => {
            raw_string(rest).map(|end| at + end)
        }
        b'\'' => char_literal(rest).map(|end| at + end),
        _ => None,
    }
}

/// Whether a byte may stand in a name.
pub(super) fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// The `b` or `c` of `br"…"` and `cr"…"`.
fn is_string_prefix(text: &[u8], at: usize) -> bool {
    matches!(text[at], b'b' | b'c') && (at == 0 || !is_word(text[at - 1]))
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8]) -> Option<usize> {
    let pounds = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + pounds) != Some(&b'"') {
        return None;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', pounds)).collect();
    let content = &rest[2 + pounds..];
    let length = content.windows(end.len()).position(|window| window == end);
    Some(length.map_or(rest.len(), |length| 2 + pounds + length + end.len()))
}

/// A quote begins a character or a lifetime; a lifetime has no quote behind its first letter.
fn char_literal(rest: &[u8]) -> Option<usize> {
    match rest.get(1)? {
        b'\\' => Some(quoted(rest, b'\'')),
        first => {
            let width = match first {
                0xF0.. => 4,
                0xE0.. => 3,
                0xC0.. => 2,
                _ => 1,
            };
            (rest.get(1 + width) == Some(&b'\'')).then_some(2 + width)
        }
    }
}
