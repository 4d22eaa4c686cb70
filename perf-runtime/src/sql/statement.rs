//! A statement without what it was run with: no parameter, no literal, no comment is left in it.
//!
//! ```text
//! SELECT name FROM users WHERE id IN (7, 8, 9) -- of Smith   →   SELECT name FROM users WHERE id IN (?…)
//! ```
//!
//! The text is cut into tokens by the rules that PostgreSQL, MySQL and SQLite have in common. Where they differ, a reading that could leave
//! a literal in is not taken:
//!
//! - A backslash before a quote ends the literal in one dialect and not in another, so the statement is cut off behind it.
//! - Text between double quotes is a name in one and a literal in another, and in SQLite whichever makes sense. It stays where only a name
//!   can stand: behind a word such as `FROM`, and next to a dot.

/// Most bytes of a statement that are looked at.
const LONGEST: usize = 16 << 10;

/// Most bytes of what is left.
const LONGEST_KEPT: usize = 500;

/// Stands for a value.
const VALUE: &str = "?";

/// Stands for several.
const VALUES: &str = "?…";

/// Words behind which a name stands, and never a literal. Behind `FROM` it does in most places: see [`Tokens::name_comes`].
const BEFORE_NAMES: [&str; 7] = ["INTO", "UPDATE", "JOIN", "TABLE", "SET", "EXISTS", "ONLY"];

/// Signs of more than one letter, the longer ones first.
const SIGNS: [&str; 12] = ["->>", "#>>", "->", "#>", "#-", "@>", "<=", ">=", "<>", "!=", "==", "||"];

/// The statement with its values taken out, its white space made one, and its lists of values made as long as each other.
pub(crate) fn without_values(statement: &str) -> String {
    let is_whole = statement.len() <= LONGEST;
    let statement = &statement[..statement.floor_char_boundary(LONGEST)];
    let mut tokens = Tokens { rest: statement, before: Before::Other, open: Vec::new() };
    let mut kept = Kept::default();
    while let Some(token) = tokens.next() {
        if !kept.add(token) {
            break;
        }
    }
    if !is_whole && !kept.is_cut {
        kept.cut();
    }
    kept.text
}

/// A part of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// A word, a name, or a sign.
    Text(&'a str),
    Value,
    /// The text that follows cannot be told from values.
    Unclear,
}

/// The token before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// A word behind which a name stands, or a dot.
    NameComes,
    /// A parenthesis that opens.
    Opening,
    Distinct,
    Other,
}

struct Tokens<'a> {
    rest: &'a str,
    before: Before,
    /// By parenthesis that is open: whether a statement of its own is in it.
    open: Vec<bool>,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        let token = match first {
            '\'' => self.literal(0),
            '"' => self.double_quoted(),
            '`' => self.name_in('`'),
            '[' if self.before == Before::NameComes => self.name_in(']'),
            '$' => self.dollar(),
            '?' | ':' | '@' => self.parameter(),
            '.' if !self.rest[1..].starts_with(|next: char| next.is_ascii_digit()) || self.follows_name() => {
                Token::Text(self.take(1))
            }
            '.' | '0'..='9' => self.number(),
            first if is_word(first) => self.word(),
            _ => self.sign(),
        };
        self.before = match token {
            Token::Text(text) => self.behind(text),
            _ => Before::Other,
        };
        Some(token)
    }

    /// The place behind a token.
    fn behind(&mut self, token: &str) -> Before {
        let is = |word: &&str| word.eq_ignore_ascii_case(token);
        if self.before == Before::Opening && ["SELECT", "WITH"].iter().any(is) {
            self.open.pop();
            self.open.push(true);
        }
        match token {
            "." => Before::NameComes,
            "(" => {
                self.open.push(false);
                Before::Opening
            }
            ")" => {
                self.open.pop();
                Before::Other
            }
            _ if is(&"FROM") && self.name_comes() || BEFORE_NAMES.iter().any(is) => Before::NameComes,
            _ if is(&"DISTINCT") => Before::Distinct,
            _ => Before::Other,
        }
    }

    /// Whether a name stands behind `FROM` here: not in `trim(both from "a")`, nor in `is distinct from "a"`.
    fn name_comes(&self) -> bool {
        self.before != Before::Distinct && self.open.last() != Some(&false)
    }

    /// Whether the token before may be a name, to which a dot belongs.
    fn follows_name(&self) -> bool {
        self.before == Before::NameComes
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.rest = rest;
        token
    }

    /// Comments may hold anything, so they go as blanks do.
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let comment = self.rest.strip_prefix("--").or_else(|| self.hash_comment());
            if let Some(comment) = comment {
                self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
            } else if self.rest.starts_with("/*") {
                self.skip_block_comment();
            } else {
                return;
            }
        }
    }

    /// `#` begins a comment in MySQL. Elsewhere it is a part of a sign or begins a name, and is read so only behind `FROM` and the like, where a
    /// comment would hold nothing that could be taken for the begin of a literal.
    fn hash_comment(&self) -> Option<&'a str> {
        let comment = self.rest.strip_prefix('#')?;
        let line = comment.lines().next().unwrap_or_default();
        let is_name = self.before == Before::NameComes
            && comment.starts_with(is_word)
            && !line.contains(['\'', '"', '`', '$', '/', '-']);
        (!is_name).then_some(comment)
    }

    /// Comments nest in PostgreSQL and end at the first `*/` elsewhere. One that would nest is taken for one that goes on to the end.
    fn skip_block_comment(&mut self) {
        let inside = &self.rest[2..];
        let Some((comment, rest)) = inside.split_once("*/") else {
            self.rest = "";
            return;
        };
        self.rest = if comment.contains("/*") { "" } else { rest };
    }

    /// A literal whose quote is `prefix` bytes ahead.
    fn literal(&mut self, prefix: usize) -> Token<'a> {
        let (end, is_clear) = end_of_quoted(self.rest, prefix + 1, '\'');
        self.take(end);
        if is_clear { Token::Value } else { Token::Unclear }
    }

    fn double_quoted(&mut self) -> Token<'a> {
        let (end, is_clear) = end_of_quoted(self.rest, 1, '"');
        let behind = self.rest[end..].trim_start().strip_prefix('.');
        let is_before_dot = behind.is_some_and(|behind| !behind.starts_with(|next: char| next.is_ascii_digit()));
        let is_name = self.before == Before::NameComes || is_before_dot;
        let text = self.take(end);
        match (is_clear, is_name) {
            (false, _) => Token::Unclear,
            (true, true) => Token::Text(text),
            (true, false) => Token::Value,
        }
    }

    fn name_in(&mut self, close: char) -> Token<'a> {
        let (end, is_clear) = end_of_quoted(self.rest, 1, close);
        let text = self.take(end);
        if is_clear { Token::Text(text) } else { Token::Unclear }
    }

    /// `$1`, or a literal between `$tag$` and `$tag$`.
    fn dollar(&mut self) -> Token<'a> {
        let name_len = self.rest[1..].find(|letter: char| !is_word(letter) && !letter.is_ascii_digit());
        let name_len = name_len.unwrap_or(self.rest.len() - 1);
        let is_number = self.rest[1..].starts_with(|letter: char| letter.is_ascii_digit());
        if is_number || !self.rest[1 + name_len..].starts_with('$') {
            self.take(1 + name_len);
            return Token::Value;
        }
        let tag = self.take(name_len + 2);
        match self.rest.find(tag) {
            Some(end) => {
                self.take(end + tag.len());
                Token::Value
            }
            None => Token::Unclear,
        }
    }

    /// `?`, `?1`, `:name`, `@name`; or `::`, which begins the name of a type, and signs such as `@>`.
    fn parameter(&mut self) -> Token<'a> {
        if self.rest.starts_with("::") {
            return Token::Text(self.take(2));
        }
        let is_mark = self.rest.starts_with('?');
        let name = self.rest[1..].find(|letter: char| !is_word(letter) && !letter.is_ascii_digit());
        let name_len = name.unwrap_or(self.rest.len() - 1);
        if name_len == 0 && !is_mark {
            return self.sign();
        }
        self.take(1 + name_len);
        Token::Value
    }

    fn sign(&mut self) -> Token<'a> {
        let long = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)).map(|sign| sign.len());
        let len = long.or_else(|| self.rest.chars().next().map(char::len_utf8));
        Token::Text(self.take(len.unwrap_or(0)))
    }

    fn number(&mut self) -> Token<'a> {
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while let Some(&byte) = bytes.get(end) {
            let is_signed_exponent = matches!(byte, b'+' | b'-') && end > 0 && matches!(bytes[end - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || is_signed_exponent) {
                break;
            }
            end += 1;
        }
        self.take(end);
        Token::Value
    }

    /// A word, which may be the prefix of a literal: `E'…'`, `x'…'`, `_utf8'…'`.
    fn word(&mut self) -> Token<'a> {
        let is_inside = |letter: char| is_word(letter) || letter.is_ascii_digit() || letter == '$';
        let end = self.rest.find(|letter| !is_inside(letter)).unwrap_or(self.rest.len());
        let end = self.rest[..end].find("$$").unwrap_or(end);
        let is_prefix = end <= 2 || self.rest.starts_with('_');
        match &self.rest[end..] {
            rest if rest.starts_with('\'') && is_prefix => self.literal(end),
            rest if rest.starts_with("&'") && self.rest[..end].eq_ignore_ascii_case("U") => self.literal(end + 1),
            _ => Token::Text(self.take(end)),
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_' || (!letter.is_ascii() && !letter.is_whitespace())
}

/// Where what begins before `from` ends, and whether every dialect says so. A quote that comes twice stands for one.
fn end_of_quoted(text: &str, from: usize, quote: char) -> (usize, bool) {
    let mut letters = text[from..].char_indices().peekable();
    let mut is_clear = true;
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && letters.peek().is_some_and(|next| next.1 == quote || next.1 == '\\') {
            is_clear = false;
        } else if letter == quote && letters.next_if(|next| next.1 == quote).is_none() {
            return (from + at + letter.len_utf8(), is_clear);
        }
    }
    (text.len(), false)
}

/// A statement without its values, as it grows.
#[derive(Debug, Default)]
struct Kept {
    text: String,
    /// Whether the last token was written without a blank behind it.
    is_tight: bool,
    is_cut: bool,
}

impl Kept {
    /// Adds a token. Returns whether there is room for more.
    fn add(&mut self, token: Token<'_>) -> bool {
        let text = match token {
            Token::Text(text) => text,
            Token::Value => VALUE,
            Token::Unclear => {
                self.put(VALUE);
                self.shorten_list();
                self.cut();
                return false;
            }
        };
        self.put(text);
        self.shorten_list();
        if self.text.len() > LONGEST_KEPT {
            self.text.truncate(self.text.floor_char_boundary(LONGEST_KEPT));
            self.cut();
            return false;
        }
        true
    }

    fn put(&mut self, text: &str) {
        let is_closing = matches!(text, "," | ")" | "." | ";" | "::" | "]");
        // `count(*)` and `users (name)` are both usual, and say the same.
        if !(self.text.is_empty() || self.is_tight || is_closing) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.is_tight = matches!(text, "(" | "." | "::" | "[");
    }

    /// `?, ?` becomes `?…`, and so does a list of such lists.
    fn shorten_list(&mut self) {
        for (long, short) in [
            ("?, ?", VALUES),
            ("?…, ?", VALUES),
            ("(?), (?)", "(?)…"),
            ("(?…), (?…)", "(?…)…"),
            ("(?)…, (?)", "(?)…"),
            ("(?…)…, (?…)", "(?…)…"),
        ] {
            if self.text.ends_with(long) {
                self.text.truncate(self.text.len() - long.len());
                self.text.push_str(short);
            }
        }
    }

    fn cut(&mut self) {
        self.text.push_str(" …");
        self.is_cut = true;
    }
}

#[cfg(test)]
mod tests;
