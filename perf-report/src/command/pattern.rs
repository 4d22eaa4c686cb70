//! Patterns of function names, as options and files of rules write them.

use std::{error::Error, fmt, str::FromStr};

/// A pattern that a name matches as a whole: `*` is any text, `?` one character, `[abc]` one of several.
///
/// A path of Rust has no parts here: `*` also matches `::`, and `**` means the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    text: String,
    glob: glob::Pattern,
}

impl Pattern {
    /// Whether a name matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.glob.matches(name)
    }

    /// Of some patterns those that match none of these names.
    ///
    /// They mean what has none of them: rows beside calls, where these are the names of all other rows.
    pub(crate) fn matching_none<'a>(
        patterns: impl IntoIterator<Item = &'a Pattern>,
        names: &[&str],
    ) -> Vec<&'a Pattern> {
        patterns.into_iter().filter(|pattern| !names.iter().any(|name| pattern.matches(name))).collect()
    }

    /// The pattern as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a text has a character that stands for others.
    pub(crate) fn has_wildcard(text: &str) -> bool {
        text.contains(['*', '?', '['])
    }
}

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PatternError {
    text: String,
    /// Which character is wrong, counted from 1.
    character: usize,
    message: &'static str,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PatternError { text, character, message } = self;
        write!(
            f,
            "{text:?} is not a pattern ({message} at character {character}); write `*` for any text, `?` for one character, \
             `[abc]` for one of several, `[[]` for a bracket"
        )
    }
}

impl Error for PatternError {}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Pattern, PatternError> {
        // In paths of files, `**` means something else than `*`, and is not allowed everywhere.
        let mut single = text.to_owned();
        while single.contains("**") {
            single = single.replace("**", "*");
        }
        match glob::Pattern::new(&single) {
            Ok(glob) => Ok(Pattern { text: text.to_owned(), glob }),
            Err(error) => Err(PatternError { text: text.to_owned(), character: error.pos + 1, message: error.msg }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_a_whole() {
        for (pattern, name, matches) in [
            ("app::get", "app::get", true),
            ("get", "app::get", false),
            ("app::*", "app::store::get", true),
            ("app::**", "app::store::get", true),
            ("app::***get", "app::store::get", true),
            ("*::[gs]et", "app::set", true),
            ("*[[]u8*", "app::get::<[u8; 3]>", true),
        ] {
            assert_eq!(pattern.parse::<Pattern>().unwrap().matches(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn an_open_bracket_is_refused_with_its_place() {
        let error = "ab[c".parse::<Pattern>().unwrap_err().to_string();
        assert!(
            error.starts_with("\"ab[c\" is not a pattern (invalid range pattern at character 3); write `*`"),
            "{error}"
        );
    }
}
