//! Names of locks and channels that the program gives none: of their types, without the paths of these.
#![allow(dead_code, reason = "each wrapper is a feature of its own")]

/// `Mutex<Vec<String>>` from `Mutex` and `alloc::vec::Vec<alloc::string::String>`.
pub(crate) fn of_type(outer: &str, content: &str) -> String {
    // A lock that protects nothing is only used for its own sake.
    if content == "()" { outer.to_owned() } else { format!("{outer}<{}>", without_paths(content)) }
}

/// A type's name with the last segment of each path alone.
fn without_paths(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut segment = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == ':' && letters.peek() == Some(&':') {
            letters.next();
            segment.clear();
        } else if letter.is_alphanumeric() || letter == '_' {
            segment.push(letter);
        } else {
            short.push_str(&segment);
            segment.clear();
            short.push(letter);
        }
    }
    short + &segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_left_out_of_names() {
        assert_eq!(of_type("Mutex", "alloc::vec::Vec<alloc::string::String>"), "Mutex<Vec<String>>");
        assert_eq!(of_type("RwLock", "(u32, &[app::Entry<'_>])"), "RwLock<(u32, &[Entry<'_>])>");
        assert_eq!(of_type("Mutex", "dyn app::Plugin + core::marker::Send"), "Mutex<dyn Plugin + Send>");
        assert_eq!(of_type("Condvar", "()"), "Condvar");
    }
}
