//! The filter of `top`: names that contain a text, or match a pattern.

use std::fmt;

use crate::command::pattern::Pattern;

/// A text or a pattern that names are tested with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    text: String,
    /// The text as a pattern, if it is one.
    pattern: Option<Pattern>,
}

impl Filter {
    /// A filter as people type it. With `*`, `?` or `[` it is a pattern for the whole name. A text that is not yet a pattern,
    /// because it is still being typed, is a part of the name like any other text.
    pub(crate) fn new(text: &str) -> Filter {
        let pattern = Pattern::has_wildcard(text).then(|| text.parse().ok()).flatten();
        Filter { text: text.to_owned(), pattern }
    }

    /// Whether a name passes.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.pattern.as_ref().map_or_else(|| name.contains(&self.text), |pattern| pattern.matches(name))
    }

    /// Whether every name passes.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text as it was typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl std::str::FromStr for Filter {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Filter, Self::Err> {
        Ok(Filter::new(text))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_matches_a_part_and_a_pattern_the_whole() {
        for (filter, name, passes) in [
            ("", "app::get", true),
            ("get", "app::get", true),
            ("Get", "app::get", false),
            ("app::*", "app::store::get", true),
            ("app::**", "app::store::get", true),
            ("store*", "app::store::get", false),
            ("*g?t", "app::get", true),
            ("[", "app::get", false),
            ("[u8", "app::get::<[u8; 3]>", true),
        ] {
            assert_eq!(Filter::new(filter).matches(name), passes, "{filter} {name}");
        }
    }
}
