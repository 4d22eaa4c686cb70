//! Names made harmless.

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

    proptest! {
        #[test]
        fn nothing_that_acts_is_left(name in any::<String>()) {
            prop_assert!(!escape(&name).chars().any(acts));
        }
    }
}
